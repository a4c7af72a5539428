// A message as the command line prints it: the fields that the HTTP API's /get answers, a block of lines for people, and
// lines of files that can be published again exactly. Knows no command.

import type { Message } from '../amqp.ts'
import type { Colours } from '../output/colour.ts'
import type { Row, Shape } from '../output/print.ts'
import { type Decoding, decodeBody, isText } from './decode.ts'
import { type Properties, propertiesOf } from './properties.ts'

/** What stands in a table of messages. */
export const messageShape: Shape = {
  columns: [
    { path: 'exchange', show: (value) => (value === '' ? '(default)' : String(value)) },
    { path: 'routing_key', title: 'key' },
    { path: 'redelivered', show: (value) => (value ? 'yes' : '') },
    { path: 'payload_bytes', title: 'bytes' },
    { path: 'payload', show: oneLine },
  ],
  wide: ['properties'],
  name: 'routing_key',
}

/** A message with the fields of the API, decoded. */
export function messageRow(message: Message, decoding: Decoding): Row {
  const properties = propertiesOf(message)
  const { payload, encoding } = decodeBody(message.content, properties, decoding)
  const { exchange, routingKey, redelivered } = message.fields
  const count = (message.fields as { readonly messageCount?: number }).messageCount
  return {
    exchange,
    routing_key: routingKey,
    redelivered,
    ...(count === undefined ? {} : { message_count: count }),
    properties,
    payload_bytes: message.content.length,
    payload,
    payload_encoding: encoding,
  }
}

/** The octets of a body, decoded, for `--body`. */
export function bodyText(row: Row): string {
  const { payload } = row
  return typeof payload === 'string' ? payload : JSON.stringify(payload)
}

/**
 * A message as people read it: where it was published, its properties, its body.
 * @param label what stands before it, such as its number
 */
export function messageBlock(row: Row, label: string, colours: Colours): string {
  const { exchange, routing_key: key, redelivered, payload_bytes: bytes, properties } = row
  const { headers, ...rest } = (properties ?? {}) as Properties
  const from = exchange === '' ? '(default)' : String(exchange)
  const lines = [colours.bold(`${label} ${from} → ${key}  ${bytes} B${redelivered ? '  redelivered' : ''}`)]
  if (Object.keys(rest).length > 0) lines.push(colours.dim(`  ${pairs(rest)}`))
  if (headers !== undefined) lines.push(colours.dim(`  headers  ${pairs(headers as Properties)}`))
  lines.push(indented(body(row)))
  return `${lines.join('\n')}\n`
}

function pairs(values: Properties): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('  ')
}

function body({ payload, payload_encoding: encoding }: Row): string {
  if (typeof payload !== 'string') return JSON.stringify(payload, null, 2)
  if (encoding === 'base64') return `(base64) ${payload}`
  if (!/^\s*[[{]/.test(payload)) return payload
  try {
    return JSON.stringify(JSON.parse(payload), null, 2)
  } catch {
    return payload
  }
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.replaceAll(/\s+/g, ' ')
}

/** A message as it stands in a file: everything that is needed to publish it again, nothing decoded. */
export interface FiledMessage {
  readonly exchange: string
  readonly routing_key: string
  readonly properties: Properties
  readonly payload: string
  readonly payload_encoding: 'string' | 'base64'
  /** Milliseconds since the first message of the file. */
  readonly at_ms?: number
  readonly queue?: string
}

/** The line of a file for a message. */
export function fileLine(message: Message, more: Pick<FiledMessage, 'at_ms' | 'queue'> = {}): string {
  const { exchange, routingKey } = message.fields
  const encoding = isText(message.content) ? 'string' : 'base64'
  const filed: FiledMessage = {
    ...more,
    exchange,
    routing_key: routingKey,
    properties: propertiesOf(message),
    payload: message.content.toString(encoding === 'string' ? 'utf8' : 'base64'),
    payload_encoding: encoding,
  }
  return `${JSON.stringify(filed)}\n`
}

/**
 * Reads a line of such a file; one of a body alone (`{"payload": "..."}`) will do.
 * @throws Error that says what is wrong with it
 */
export function readFileLine(line: string): FiledMessage {
  const value = JSON.parse(line) as Partial<FiledMessage>
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('expected a JSON object')
  const { payload, payload_encoding: encoding = 'string', exchange = '', routing_key: key = '' } = value
  if (payload === undefined) throw new Error('it has no "payload"')
  if (encoding !== 'string' && encoding !== 'base64') {
    throw new Error(`got the payload_encoding ${JSON.stringify(encoding)}, expected "string" or "base64"`)
  }
  return {
    ...value,
    exchange,
    routing_key: key,
    properties: value.properties ?? {},
    // A payload that is no text is meant as JSON.
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    payload_encoding: encoding,
  }
}

/** The octets of a message's body. */
export function contentOf({ payload, payload_encoding: encoding }: FiledMessage): Buffer {
  return Buffer.from(payload, encoding === 'base64' ? 'base64' : 'utf8')
}
