// A message as a test sees it: plain data, decoded, that stays what it is whatever becomes of the message.

import type { Message } from '../broker/message.ts'
import { type JsonObject, jsonOfTable } from '../management/field-json.ts'
import { HEADER_FLAGS_OFFSET } from '../protocol/frame.ts'
import { decodeProperties, type Properties } from '../protocol/properties.ts'

/** A message, decoded. */
export interface SeenMessage {
  readonly exchange: string
  readonly routingKey: string
  /** All properties but the headers, named as amqp.node names them: `contentType`, `messageId`, `expiration` ... */
  readonly properties: Readonly<Omit<Properties, 'headers'>>
  readonly headers: JsonObject
  /** JSON parsed, text as text, other octets as they are. */
  readonly body: unknown
  readonly octets: Buffer
  /**
   * Flags and values of all properties and headers, as AMQP has them in a content header: what a text cannot say is there
   * too, such as how wide a number is.
   */
  readonly propertyOctets: Buffer
}

const text = new TextDecoder('utf-8', { fatal: true })

/** What `message` is now. */
export function seen(message: Message): SeenMessage {
  const { headers, ...properties } = decodeProperties(message.header, message.headerStart, message.headerEnd)
  const octets = message.copyBody()
  const listAt = message.headerStart + HEADER_FLAGS_OFFSET
  return {
    exchange: message.exchange,
    routingKey: message.routingKey,
    properties,
    headers: headers === undefined ? {} : { ...jsonOfTable(headers) },
    body: decoded(octets, properties.contentType),
    octets,
    propertyOctets: Buffer.from(message.header.subarray(listAt, message.headerEnd)),
  }
}

/** A body in the form that a test compares: what it says it is, or what it looks like. */
function decoded(octets: Buffer, contentType: string | undefined): unknown {
  let body: string
  try {
    body = text.decode(octets)
  } catch {
    return octets
  }
  const json = contentType === undefined ? /^\s*[[{]/.test(body) : /\bjson\b/.test(contentType)
  if (!json) return body
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
