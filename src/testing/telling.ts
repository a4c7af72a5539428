// Events in words: one line each, for complaints, for what is printed when a test fails, and for people who read along.

import type { BrokerEvent } from './events.ts'
import type { SeenMessage } from './seen-message.ts'

/** Characters of a body that are shown. */
const BODY_CHARACTERS = 80

/** One line that says what happened. */
export function line(event: BrokerEvent): string {
  switch (event.event) {
    case 'published':
      return `${who(event)} published ${messageText(event.message)}, ${event.outcome}${to(event.routed)}`
    case 'queued':
      return `${event.queue} has it as message ${event.sequence}`
    case 'delivered': {
      const again = event.redelivered ? ' again' : ''
      const receiver = event.consumer === null ? 'basic.get' : `consumer ${event.consumer}`
      return `${event.queue} delivered message ${event.sequence}${again} to ${receiver} of ${who(event)}: ${messageText(event.message)}`
    }
    case 'settled':
      return `${who(event)} ${event.how} message ${event.sequence} of ${event.queue}`
    case 'dead-lettered':
      return `${event.queue} dead-lettered (${event.reason}) ${messageText(event.message)}${to(event.routed)}`
    case 'dropped':
      return `${event.queue} dropped message ${event.sequence} (${event.reason})`
    case 'purged':
      return `${event.queue} was purged of ${event.count} messages`
    case 'consuming':
      return `consumer ${event.consumer} began on ${event.queue}`
    case 'cancelled':
      return `consumer ${event.consumer} ended on ${event.queue}`
    case 'connected':
      return `connection ${event.connection} of ${event.user} began`
    case 'disconnected':
      return `connection ${event.connection} of ${event.user} ended`
    case 'failed':
      return `${event.channel === 0 ? `connection ${event.connection}` : who(event)} was closed: ${event.code} ${event.text}`
    default:
      return event satisfies never
  }
}

/** A message in short. */
export function messageText({ exchange, routingKey, body, octets }: SeenMessage): string {
  const text = Buffer.isBuffer(body) ? `${octets.length} octets` : (JSON.stringify(body) ?? '')
  const short = text.length > BODY_CHARACTERS ? `${text.slice(0, BODY_CHARACTERS)}...` : text
  return `'${exchange}' '${routingKey}' ${short}`
}

function who({ connection, channel }: { readonly connection: number; readonly channel: number }): string {
  return connection === 0 ? 'the test' : `channel ${connection}/${channel}`
}

function to(queues: readonly string[]): string {
  return queues.length === 0 ? '' : ` to ${queues.join(', ')}`
}
