// The properties of messages under their AMQP names, as the HTTP API and files of messages have them, and as amqplib has
// them. What JSON cannot hold (octets in headers) has a form of its own. Knows no command.

import type { Message, Options } from '../amqp.ts'
import { CommandError } from '../command-error.ts'

/** Properties under their AMQP names; absent ones are not there. */
export type Properties = Readonly<Record<string, unknown>>

/** AMQP's names, and amqplib's. */
const names = {
  content_type: 'contentType',
  content_encoding: 'contentEncoding',
  headers: 'headers',
  delivery_mode: 'deliveryMode',
  priority: 'priority',
  correlation_id: 'correlationId',
  reply_to: 'replyTo',
  expiration: 'expiration',
  message_id: 'messageId',
  timestamp: 'timestamp',
  type: 'type',
  user_id: 'userId',
  app_id: 'appId',
} as const

type PropertyName = keyof typeof names

const numeric: readonly PropertyName[] = ['delivery_mode', 'priority', 'timestamp']

/** The properties of a message that has arrived. */
export function propertiesOf({ properties }: Pick<Message, 'properties'>): Properties {
  const found: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(names)) {
    const value: unknown = properties[key]
    if (value === undefined || value === null) continue
    if (key === 'headers') {
      // amqplib has an empty table where there is none.
      if (Object.keys(value as object).length > 0) found[name] = toJson(value)
    } else {
      found[name] = value
    }
  }
  return found
}

/** Properties under amqplib's names, their values as they are; what has no name there is left out. */
export function named(properties: Properties): Record<string, unknown> {
  const known = Object.entries(names).filter(([name]) => properties[name] !== undefined)
  return Object.fromEntries(known.map(([name, key]) => [key, properties[name]]))
}

/**
 * amqplib's options for a publish with these properties.
 * @throws CommandError for a name that AMQP does not have, or a value that is of the wrong type
 */
export function publishOptions(properties: Properties): Options.Publish {
  const options: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(properties)) {
    const key = names[name as PropertyName]
    if (key === undefined) {
      throw new CommandError(`there is no property "${name}", expected one of ${Object.keys(names).join(', ')}`)
    }
    options[key] = key === 'headers' ? fromJson(value) : checked(name as PropertyName, value)
  }
  return options
}

function checked(name: PropertyName, value: unknown): unknown {
  if (!numeric.includes(name)) return String(value)
  const number = Number(value)
  const most = name === 'timestamp' ? Number.MAX_SAFE_INTEGER : 255
  if (Number.isInteger(number) && number >= 0 && number <= most) return number
  throw new CommandError(`property ${name}: got ${JSON.stringify(value)}, expected a whole number from 0 to ${most}`)
}

/** A header value as JSON holds it: octets become `{"!": "bytes", "value": base64}`. */
export function toJson(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return { '!': 'bytes', value: value.toString('base64') }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner)]))
}

/** The way back. What has a type of AMQP's (`{"!": "timestamp"}`) goes to amqplib as it is. */
export function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value !== 'object' || value === null) return value
  const table = value as Properties
  if (table['!'] === 'bytes') return Buffer.from(String(table['value']), 'base64')
  return Object.fromEntries(Object.entries(table).map(([key, inner]) => [key, fromJson(inner)]))
}
