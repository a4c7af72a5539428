// What is said first: the protocol header of a peer, and connection.start (behaviour.md §2.1, §2.2): the same octets for every peer, encoded once. Knows what
// clients look for in it; of who is there only whether a certificate was shown.

import { type Mechanism, mechanismNames } from '../broker/access/sasl.ts'
import type { Dialect } from '../broker/dialect.ts'
import { table } from '../protocol/field-table.ts'
import { methodFrameBytes, PROTOCOL_HEADER, writeMethodFrame } from '../protocol/frame.ts'
import type { Method } from '../protocol/methods.ts'

const capabilities = {
  publisher_confirms: true,
  exchange_exchange_bindings: true,
  'basic.nack': true,
  consumer_cancel_notify: true,
  'connection.blocked': true,
  consumer_priorities: true,
  authentication_failure_close: true,
  per_consumer_qos: true,
  direct_reply_to: true,
}

/** The frames of connection.start. */
export interface Greeting {
  readonly plain: Buffer
  /** For peers that have shown a certificate: it may be enough. */
  readonly certified: Buffer
}

/**
 * What is said to peers. `version` is this program's, `mechanisms` what may be used here; ANONYMOUS beside them, where there
 * is an `anonymous` user.
 */
export function greeting(
  version: string,
  dialect: Pick<Dialect, 'version' | 'offersAnonymous'>,
  given: readonly Mechanism[],
  anonymous: string | null = null,
): Greeting {
  const offered = anonymous !== null && dialect.offersAnonymous
  const mechanisms: readonly Mechanism[] = offered ? [...given, 'ANONYMOUS'] : given
  const frame = (certified: boolean) => startFrame(version, dialect.version, mechanismNames(mechanisms, certified))
  return { plain: frame(false), certified: frame(true) }
}

/**
 * Clients read product and version to know what they may ask of a server: they have to be told what this one behaves
 * as. Who it is stands in `platform` (docs/decisions/0040-what-we-call-ourselves.md).
 */
function startFrame(version: string, spokenVersion: string, mechanisms: string): Buffer {
  const start: Method = {
    name: 'connection.start',
    versionMajor: 0,
    versionMinor: 9,
    serverProperties: table({
      capabilities,
      cluster_name: 'leveret',
      copyright: 'The Leveret authors',
      information: 'Leveret speaks as RabbitMQ does',
      platform: `Leveret ${version}`,
      product: 'RabbitMQ',
      version: spokenVersion,
    }),
    mechanisms: Buffer.from(mechanisms),
    locales: Buffer.from('en_US'),
  }
  const frame = Buffer.alloc(methodFrameBytes(start))
  writeMethodFrame(frame, 0, 0, start)
  return frame
}

/** Whether a peer begins as it has to: `AMQP` 0 0 9 1, or the 1 1 0 9 of 0-9 (behaviour.md §2.1). */
export function isProtocolHeader(bytes: Buffer): boolean {
  const header = bytes.subarray(0, PROTOCOL_HEADER.length)
  return header.equals(PROTOCOL_HEADER) || header.equals(AMQP_0_9)
}

/** What RabbitMQ 4 asks of those who do not speak as it does: AMQP 1.0 after a login. */
export const AMQP_1_0 = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1')

const AMQP_0_9 = Buffer.from('AMQP\x01\x01\x00\x09', 'latin1')
