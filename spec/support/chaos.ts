// What a peer of evil will may send, from a seed: methods that might be right, contents, frames of any kind, and streams
// of them with wounds. Fast rather than minimal: a case is named by its seed and can be made again.

import { type FieldTable, type FieldValue, table } from '../../src/protocol/field-table.ts'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import { type MethodName, methods } from '../../src/protocol/methods.ts'
import type { Properties } from '../../src/protocol/properties.ts'
import { frameBytes } from './frames.ts'
import { method, methodBytes, publishBytes } from './peer.ts'

/** Numbers that look like chance and are the same for the same seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    // Seeds next to each other have to differ in more than their lowest bits.
    this.#state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1
    for (let i = 0; i < 4; i++) this.below(2)
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state % limit
  }

  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  octets(length: number): Buffer {
    const octets = Buffer.alloc(length)
    for (let i = 0; i < length; i++) octets[i] = this.below(256)
    return octets
  }
}

/** Channels that are talked about. All are open from the beginning. */
const CHANNELS = [1, 1, 1, 2, 3] as const

/** Says what there is to say, in one stream of octets. */
export class Chaos {
  readonly #random: Random
  readonly #frameMax: number

  constructor(random: Random, frameMax: number) {
    this.#random = random
    this.#frameMax = frameMax
  }

  /** How a conversation begins: mostly well. */
  greeting(): Buffer {
    const random = this.#random
    const stream = Buffer.concat([random.chance(2) ? random.octets(8) : PROTOCOL_HEADER, ...this.#handshake()])
    return random.chance(5) ? this.#wounded(stream) : stream
  }

  /**
   * How it goes on: up to six frames or contents, sometimes with wounds. `closed` are the channels that the server has
   * closed: most of the time that is answered.
   */
  sequence(closed: Iterable<number>): Buffer {
    const random = this.#random
    const parts = Array.from({ length: 1 + random.below(6) }, () => this.#utterance())
    for (const channel of closed) if (random.chance(90)) parts.unshift(reopening(channel, 'channel.close-ok'))
    const stream = Buffer.concat(parts)
    return random.chance(25) ? this.#wounded(stream) : stream
  }

  /** `stream` in pieces. */
  chunks(stream: Buffer): readonly Buffer[] {
    const chunks: Buffer[] = []
    const pieces = this.#random.pick(1, 1, 2, 5)
    let rest = stream
    for (let i = 1; i < pieces && rest.length > 1; i++) {
      const cut = 1 + this.#random.below(rest.length - 1)
      chunks.push(rest.subarray(0, cut))
      rest = rest.subarray(cut)
    }
    return [...chunks, rest]
  }

  #handshake(): readonly Buffer[] {
    const random = this.#random
    const password = random.chance(3) ? 'wrong' : 'guest'
    const told = random.chance(50)
    const capabilities = {
      consumer_cancel_notify: told,
      authentication_failure_close: told,
      'connection.blocked': told,
    }
    const steps = [
      method('connection.start-ok', {
        clientProperties: table({ capabilities }),
        mechanism: 'PLAIN',
        response: Buffer.from(`\0guest\0${password}`),
      }),
      method('connection.tune-ok', {
        channelMax: random.chance(95) ? 2047 : 2,
        frameMax: this.#frameMax,
        heartbeat: random.pick(0, 1),
      }),
      method('connection.open', { virtualHost: random.chance(2) ? 'nowhere' : '/' }),
    ]
    if (random.chance(2)) steps.splice(random.below(3), 1)
    const opens = new Set(CHANNELS)
    return [...steps, ...opens].map((step) =>
      typeof step === 'number' ? methodBytes(step, method('channel.open')) : methodBytes(0, step),
    )
  }

  #utterance(): Buffer {
    const random = this.#random
    const channel = random.pick(...CHANNELS)
    const what = random.below(100)
    if (what < 55) return this.#method(channel)
    if (what < 85) return this.#content(channel)
    if (what < 90) return methodBytes(random.pick(0, channel), method(random.pick(...methodNames)))
    if (what < 93)
      return methodBytes(0, method(random.pick('connection.close', 'connection.close-ok', 'connection.open')))
    if (what < 97) return this.#frame()
    return random.octets(1 + random.below(30))
  }

  /** A method that may well be right. */
  #method(channel: number): Buffer {
    const name = this.#random.pick(...plausible)
    const fields: { [field: string]: unknown } = {}
    for (const field of Object.keys(methods[name].fields)) {
      const value = this.#field(name, field)
      if (value !== undefined) fields[field] = value
    }
    return methodBytes(channel, method(name, fields))
  }

  #field(name: MethodName, field: string): unknown {
    const random = this.#random
    switch (field) {
      case 'consumerTag':
        return random.chance(60) ? '' : random.pick('a', 'b', 'ü')
      case 'queue':
      case 'routingKey':
        return random.pick('', 'a', 'b', 'c', 'a.b', '#', 'ü', 'amq.x')
      case 'exchange':
      case 'source':
      case 'destination':
        return random.pick('', 'x', 'y', 'amq.direct', 'amq.fanout', 'amq.topic', 'amq.headers', 'none')
      case 'type':
        return random.pick('direct', 'fanout', 'topic', 'headers', 'none', ...plugins)
      case 'deliveryTag':
        return random.pick(0, 1, 2, 3, 7, 2 ** 40)
      case 'prefetchCount':
        return random.pick(0, 1, 3)
      case 'arguments':
        return this.#table()
      case 'passive':
        return random.chance(15)
      case 'active':
      case 'requeue':
        return random.chance(name.startsWith('basic.recover') || field === 'active' ? 98 : 50)
      case 'durable':
      case 'exclusive':
      case 'autoDelete':
      case 'internal':
      case 'multiple':
      case 'global':
      case 'noAck':
      case 'noWait':
      case 'ifUnused':
      case 'ifEmpty':
        return random.chance(30)
      default:
        return undefined
    }
  }

  #table(): FieldTable {
    const random = this.#random
    if (random.chance(70)) return new Map()
    if (random.chance(20)) return delay
    const key = random.pick('x-match', 'alternate-exchange', 'x-priority', 'x-queue-type', 'CC', 'BCC', 'h')
    return new Map([[key, this.#value()]])
  }

  #value(): FieldValue {
    return this.#random.pick<FieldValue>(
      { tag: 'S', value: this.#random.pick('any', 'x', 'a', 'classic', '') },
      { tag: 'I', value: -1 },
      { tag: 't', value: true },
      {
        tag: 'A',
        value: [
          { tag: 'S', value: 'b' },
          { tag: 'V', value: null },
        ],
      },
      { tag: 'F', value: new Map([['k', { tag: 'd', value: 1.5 }]]) },
    )
  }

  /** A publish with its content; sometimes one frame of it is missing, or comes twice. */
  #content(channel: number): Buffer {
    const random = this.#random
    const bytes = publishBytes(
      channel,
      {
        exchange: random.chance(60)
          ? ''
          : random.pick('x', 'y', 'amq.direct', 'amq.fanout', 'amq.topic', 'amq.headers'),
        routingKey: random.pick('a', 'b', 'c', 'a.b', '', 'nowhere'),
        mandatory: random.chance(20),
        immediate: random.below(300) === 0,
        properties: this.#properties(),
        body: Buffer.alloc(random.pick(0, 1, 5, 100, 100, 5000, 9000, 9001), 'b'),
      },
      this.#frameMax,
    )
    if (random.chance(97)) return bytes
    const headEnd = bytes.readUInt32BE(3) + 8
    return random.pick(
      bytes.subarray(headEnd),
      bytes.subarray(0, headEnd),
      Buffer.concat([bytes.subarray(0, headEnd), bytes]),
      Buffer.concat([bytes, bytes.subarray(headEnd)]),
    )
  }

  #properties(): Properties {
    const random = this.#random
    if (random.chance(50)) return { deliveryMode: random.pick(1, 2, 3) }
    return {
      deliveryMode: 2,
      headers: this.#table(),
      ...(random.chance(20) ? { expiration: random.pick('60000', '-1', 'x', '') } : {}),
      ...(random.chance(20) ? { userId: random.pick('guest', 'guest', 'nobody') } : {}),
      ...(random.chance(20) ? { contentType: 'text/plain', priority: random.below(256) } : {}),
    }
  }

  /** A frame of any type on any channel, with any payload. */
  #frame(): Buffer {
    const random = this.#random
    const type = random.pick(1, 2, 3, 8, random.below(256))
    const payload = random.octets(random.pick(0, 1, 3, 4, 14, 30))
    if (type === 1 && payload.length >= 4)
      payload.writeUInt32BE(random.pick(60, 50, 10, 20, 90) * 65536 + random.below(130))
    const end = random.chance(90) ? 0xce : random.below(256)
    return frameBytes({ type, channel: random.pick(0, 1, 2, 65_535), payload }, end)
  }

  /** Octets changed, lost, doubled or added, in one to three places. */
  #wounded(stream: Buffer): Buffer {
    const random = this.#random
    let bytes = Buffer.from(stream)
    for (let i = 1 + random.below(3); i > 0 && bytes.length > 1; i--) {
      const at = random.below(bytes.length)
      const end = Math.min(bytes.length, at + 1 + random.below(20))
      const [before, wound, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)]
      switch (random.below(5)) {
        case 0:
          bytes = Buffer.concat([before, after])
          break
        case 1:
          bytes = Buffer.concat([before, wound, wound, after])
          break
        case 2:
          bytes = Buffer.concat([before, random.octets(1 + random.below(8)), wound, after])
          break
        default:
          bytes[at] = random.below(256)
      }
    }
    return bytes
  }
}

/** A channel ends, in one way or the other, and its number is used again at once. */
function reopening(channel: number, end: 'channel.close' | 'channel.close-ok'): Buffer {
  return Buffer.concat([methodBytes(channel, method(end)), methodBytes(channel, method('channel.open'))])
}

const methodNames = Object.keys(methods) as MethodName[]

const plugins = ['x-consistent-hash', 'x-modulus-hash', 'x-random', 'x-recent-history', 'x-delayed-message']

/** What a delayed exchange is declared with, and what its messages carry. */
const delay: FieldTable = table({ 'x-delayed-type': 'fanout', 'x-delay': 1 })

/** Methods a client sends, the more often the more they leave behind. */
const plausible: readonly MethodName[] = [
  'channel.flow',
  'exchange.declare',
  'exchange.declare',
  'exchange.delete',
  'exchange.bind',
  'exchange.unbind',
  'queue.declare',
  'queue.declare',
  'queue.declare',
  'queue.declare',
  'queue.delete',
  'queue.bind',
  'queue.bind',
  'queue.unbind',
  'queue.purge',
  'basic.qos',
  'basic.consume',
  'basic.consume',
  'basic.consume',
  'basic.cancel',
  'basic.get',
  'basic.get',
  'basic.ack',
  'basic.ack',
  'basic.nack',
  'basic.reject',
  'basic.recover',
  'basic.recover-async',
  'confirm.select',
  'tx.select',
  'tx.commit',
  'tx.rollback',
]
