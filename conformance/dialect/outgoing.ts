// What a scenario sends, as octets: single frames, and whole publishes.

import { body as bodyFrames, header, method, propertyBytes } from './client/frame.ts'
import type { Body, Outgoing } from './scenario.ts'

/** The octets of what a scenario sends; bodies go in frames of `frameMax` octets at the most. */
export function bytesOf(frame: Outgoing, frameMax: number): Buffer {
  switch (frame.frame) {
    case 'method':
      return method(frame.channel, frame.name, frame.values)
    case 'publish': {
      const bytes = bodyBytes(frame.body)
      return Buffer.concat([
        method(frame.channel, 'basic.publish', frame.values),
        header(frame.channel, bytes.length, {}, { properties: propertyBytes(frame.properties) }),
        bodyFrames(frame.channel, bytes, frameMax),
      ])
    }
    case 'header':
      return header(frame.channel, frame.bodyBytes, frame.properties, frame.options)
    case 'body':
      return bodyFrames(frame.channel, bodyBytes(frame.body), frameMax)
    default:
      return frame.bytes
  }
}

function bodyBytes(body: Body): Buffer {
  if (typeof body === 'string') return Buffer.from(body, 'utf8')
  return Buffer.isBuffer(body) ? body : Buffer.alloc(body.fill, 0x78)
}
