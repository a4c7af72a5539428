// A message of octets that a spec has at hand, as content.ts makes one of what a peer sends.

import { Message } from '../../src/broker/message.ts'

const NOTHING = Buffer.alloc(0)

/** A message that is these octets, with further marks of its own. */
export function messageFrom(
  routing: Buffer,
  header: Buffer,
  body: Buffer = NOTHING,
  marks: Partial<Message> = {},
): Message {
  const message = Object.assign(new Message(), marks)
  message.setRouting(routing, 0, routing.length)
  message.setHeader(header, 0, header.length)
  message.setBody(body, 0, body.length)
  return message
}
