// What happened in a broker, as a record that can be kept: a JSON document a line. Bodies travel as base64, so that
// nothing is lost.

import type { BrokerEvent } from './events.ts'
import type { SeenMessage } from './seen-message.ts'

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
  const { octets, ...message } = event.message
  // What is JSON or text is there for the eye; the octets are what counts.
  const body = Buffer.isBuffer(message.body) ? undefined : message.body
  return { ...event, message: { ...message, body, octets: octets.toString('base64') } }
}

function read(event: Omit<BrokerEvent, 'message'> & { readonly message?: unknown }): BrokerEvent {
  if (typeof event !== 'object' || event === null || typeof event.event !== 'string') {
    throw new TypeError('expected an object with the name of an event')
  }
  if (typeof event.message !== 'object' || event.message === null) return event as BrokerEvent
  const { octets: base64, ...message } = event.message as Omit<SeenMessage, 'octets'> & { readonly octets: string }
  const octets = Buffer.from(base64, 'base64')
  return { ...event, message: { ...message, body: message.body ?? octets, octets } } as BrokerEvent
}
