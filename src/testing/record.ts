// What happened in a broker, as a record that can be kept: a JSON document a line. What is JSON or text is there for the
// eye; the octets are what counts, so that nothing is lost. They travel as base64: those of bodies always, those of
// properties where JSON cannot say what they are (a timestamp, how wide a number is).

import { isDeepStrictEqual } from 'node:util'
import { tableOfJson } from '../management/field-json.ts'
import { HEADER_FLAGS_OFFSET } from '../protocol/frame.ts'
import { encodeHeader } from '../protocol/properties.ts'
import type { BrokerEvent } from './events.ts'
import { messageAgain, octetsOf } from './publish.ts'
import { type SeenMessage, seen } from './seen-message.ts'

/** A message as it is written: an absent body is that of the octets, absent octets are those of what is there. */
type Written = Omit<SeenMessage, 'octets' | 'propertyOctets'> & {
  readonly octets?: string
  readonly propertyOctets?: string
}

/** `events` as NDJSON. */
export function toNdjson(events: readonly BrokerEvent[]): string {
  return events.map((event) => `${JSON.stringify(written(event))}\n`).join('')
}

/** The events of an NDJSON text. Throws `SyntaxError` naming the line that is none. */
export function fromNdjson(text: string): readonly BrokerEvent[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [read(JSON.parse(line))]
    } catch (error) {
      throw new SyntaxError(`line ${index + 1} is no event: ${error instanceof Error ? error.message : error}`)
    }
  })
}

function written(event: BrokerEvent): object {
  if (!('message' in event) || event.message === null) return event
  const { octets, propertyOctets, ...message } = event.message
  const body = Buffer.isBuffer(message.body) ? undefined : message.body
  const list = sayAll(message, propertyOctets) ? undefined : propertyOctets.toString('base64')
  return { ...event, message: { ...message, body, octets: octets.toString('base64'), propertyOctets: list } }
}

/** Whether properties and headers come to these octets again when they are read as JSON. */
function sayAll(message: Pick<SeenMessage, 'properties' | 'headers'>, propertyOctets: Buffer): boolean {
  try {
    return propertyOctetsOf(message).equals(propertyOctets)
  } catch {
    // An integer of 64 bits that became a number and is too large for them by that, for instance.
    return false
  }
}

/** What properties and headers are where nobody says what types they have: those of JSON by HTTP. */
function propertyOctetsOf({ properties, headers }: Pick<SeenMessage, 'properties' | 'headers'>): Buffer {
  const some = Object.keys(headers).length === 0 ? {} : { headers: tableOfJson(headers, 'headers') }
  return encodeHeader({ ...properties, ...some }, 0).subarray(HEADER_FLAGS_OFFSET)
}

function read(event: Omit<BrokerEvent, 'message'> & { readonly message?: unknown }): BrokerEvent {
  if (typeof event !== 'object' || event === null || typeof event.event !== 'string') {
    throw new TypeError('expected an object with the name of an event')
  }
  if (typeof event.message !== 'object' || event.message === null) return event as BrokerEvent
  return { ...event, message: messageRead(event.message as Written) } as BrokerEvent
}

function messageRead(message: Written): SeenMessage {
  const { exchange, routingKey, properties = {}, headers = {}, body } = message
  for (const [name, text] of Object.entries({ exchange, routingKey })) {
    if (typeof text !== 'string') throw new TypeError(`${name}: ${JSON.stringify(text)}, expected text`)
  }
  const { propertyOctets: written } = message
  const [source, given] = written === undefined ? ['properties', properties] : ['propertyOctets', written]
  const octets = message.octets === undefined ? octetsOf(body) : Buffer.from(message.octets, 'base64')
  let whole: SeenMessage
  try {
    const propertyOctets =
      written === undefined ? propertyOctetsOf({ properties, headers }) : Buffer.from(written, 'base64')
    whole = seen(messageAgain({ exchange, routingKey, octets, propertyOctets }))
  } catch (error) {
    const why = error instanceof Error && error.message !== '' ? `: ${error.message}` : ''
    throw new TypeError(`${source}: ${JSON.stringify(given)} is nothing that a message can have${why}`)
  }
  // Who changes a record by hand is not to find the former message published.
  if (body !== undefined) check('body', body, whole.body, message.octets === undefined ? null : 'octets')
  const list = message.propertyOctets === undefined ? null : 'propertyOctets'
  check('properties', properties, whole.properties, list)
  check('headers', headers, whole.headers, list)
  return whole
}

/** Throws `TypeError` where what is there to be read is not what the octets mean that were made of it, or lie beside it. */
function check(name: string, said: unknown, meant: unknown, beside: string | null): void {
  if (isDeepStrictEqual(asJson(said), asJson(meant))) return
  if (beside === null) throw new TypeError(`${name}: ${JSON.stringify(said)} is nothing that a message can have`)
  throw new TypeError(`${name}: not what ${beside} says; who changes the one leaves the other out`)
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null')
}
