// Methods that carry a message out: what is written by hand is read back by the grammar table; frames are cut at
// frame-max.

import fc from 'fast-check'
import { encodeRouting, Message } from '../../src/broker/message.ts'
import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD } from '../../src/protocol/frame.ts'
import { FrameDecoder } from '../../src/protocol/frame-decoder.ts'
import { decodeMethod } from '../../src/protocol/method-codec.ts'
import type { Method } from '../../src/protocol/methods.ts'
import { decodeProperties, encodeHeader } from '../../src/protocol/properties.ts'
import { writeDeliver, writeGetOk, writeReturn } from '../../src/session/content-writer.ts'
import { Outbox } from '../../src/session/outbox.ts'
import { Slabs } from '../../src/session/slabs.ts'
import type { Transport } from '../../src/session/transport.ts'
import { cases, text } from '../support/arbitraries.ts'

interface Written {
  readonly method: Method
  readonly channels: readonly number[]
  readonly header: Buffer
  readonly bodies: readonly Buffer[]
  readonly parts: readonly Uint8Array[]
}

/** What `write` puts into an outbox, as a peer reads it that takes no payload above frame-max less its overhead. */
function written(frameMax: number, write: (out: Outbox) => void): Written {
  const parts: Uint8Array[] = []
  const transport = { write: (all: readonly Uint8Array[]) => void parts.push(...all) }
  const listener = { outputWaits: () => {}, relieved: () => {} }
  const out = new Outbox(transport as unknown as Transport, new Slabs(), listener)
  write(out)
  out.flush()
  const frames: { readonly type: number; readonly channel: number; readonly payload: Buffer }[] = []
  const frame = (type: number, channel: number, bytes: Buffer, start: number, end: number) =>
    void frames.push({ type, channel, payload: bytes.subarray(start, end) })
  new FrameDecoder({ frame }, frameMax - 8).push(Buffer.concat(parts))
  const [method, header, ...bodies] = frames
  expect(frames.map(({ type }) => type)).toEqual([FRAME_METHOD, FRAME_HEADER, ...bodies.map(() => FRAME_BODY)])
  return {
    method: decodeMethod(method?.payload as Buffer, 0, method?.payload.length as number),
    channels: frames.map(({ channel }) => channel),
    header: header?.payload as Buffer,
    bodies: bodies.map(({ payload }) => payload),
    parts,
  }
}

/** A message as it lies among other bytes. */
function messageOf(exchange: string, routingKey: string, body: Buffer): Message {
  const message = new Message()
  const routing = encodeRouting(exchange, routingKey)
  const header = encodeHeader({ contentType: 'text/plain', deliveryMode: 2 }, body.length)
  message.setRouting(Buffer.concat([Buffer.alloc(3, 0xee), routing, Buffer.alloc(2, 0xee)]), 3, 3 + routing.length)
  message.setHeader(Buffer.concat([Buffer.alloc(5, 0xee), header, Buffer.alloc(1, 0xee)]), 5, 5 + header.length)
  message.setBody(Buffer.concat([Buffer.alloc(7, 0xee), body, Buffer.alloc(9, 0xee)]), 7, 7 + body.length)
  return message
}

const numbered = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 31) >> 3))
const shortstr = (text: string) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])

describe('a body', () => {
  it.each([100, 5000, 100_000])('of %d octets is copied, for the page it lies in is used again', (length) => {
    const body = numbered(length)
    const message = messageOf('', 'key', body)
    const { bodies } = written(4096, (out) => {
      writeDeliver(out, 1, 4096, shortstr('tag'), 1, false, message)
      message.body.fill(0xff)
    })
    expect(Buffer.concat(bodies).equals(body)).toBe(true)
  })
})

describe('a delivery', () => {
  const tag = fc.oneof(fc.nat(300), fc.constantFrom(2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER))

  it('is what the grammar table says', () => {
    fc.assert(
      fc.property(
        fc.record({
          consumerTag: text(255),
          deliveryTag: tag,
          redelivered: fc.boolean(),
          channel: fc.integer({ min: 1, max: 65535 }),
        }),
        fc.record({ exchange: text(127), routingKey: text(255) }),
        fc.uint8Array({ maxLength: 30 }),
        ({ channel, ...fields }, routing, octets) => {
          const body = Buffer.from(octets)
          const message = messageOf(routing.exchange, routing.routingKey, body)
          const { consumerTag, deliveryTag, redelivered } = fields
          const { method, channels, header, bodies } = written(4096, (out) =>
            writeDeliver(out, channel, 4096, shortstr(consumerTag), deliveryTag, redelivered, message),
          )
          expect(method).toEqual({ name: 'basic.deliver', ...fields, ...routing })
          expect(new Set(channels)).toEqual(new Set([channel]))
          expect(decodeProperties(header, 0, header.length)).toEqual({ contentType: 'text/plain', deliveryMode: 2 })
          expect(Buffer.concat(bodies).equals(body)).toBe(true)
          expect(bodies).toHaveLength(body.length === 0 ? 0 : 1)
        },
      ),
      cases(200),
    )
  })
})

describe('an answer to basic.get', () => {
  it('is what the grammar table says', () => {
    const message = messageOf('x', 'k', Buffer.from('body'))
    const { method, channels, bodies } = written(4096, (out) =>
      writeGetOk(out, 7, 4096, 2 ** 40, true, 70_000, message),
    )
    expect(method).toEqual({
      name: 'basic.get-ok',
      deliveryTag: 2 ** 40,
      redelivered: true,
      exchange: 'x',
      routingKey: 'k',
      messageCount: 70_000,
    })
    expect([channels, bodies.join()]).toEqual([[7, 7, 7], 'body'])
  })
})

describe('a return', () => {
  it('is what the grammar table says: 312 and NO_ROUTE (behaviour.md §8.1)', () => {
    const message = messageOf('x', 'nowhere', Buffer.alloc(0))
    const { method, bodies } = written(4096, (out) => writeReturn(out, 1, 4096, message))
    expect(method).toEqual({
      name: 'basic.return',
      replyCode: 312,
      replyText: 'NO_ROUTE',
      exchange: 'x',
      routingKey: 'nowhere',
    })
    expect(bodies).toEqual([])
  })
})

describe('a body', () => {
  const lengths = [1, 100, 4087, 4088, 4089, 8176, 8177, 8191, 8192, 8193, 131_064, 131_065, 300_000]
  const table = lengths.flatMap((length) => [4096, 8192, 131_072].map((frameMax) => [length, frameMax] as const))
  const deliver = (out: Outbox, frameMax: number, message: Message) =>
    writeDeliver(out, 1, frameMax, shortstr('c'), 1, false, message)

  it.each(table)('of %i octets is cut into full frames for frame-max %i', (length, frameMax) => {
    const body = numbered(length)
    const { bodies } = written(frameMax, (out) => deliver(out, frameMax, messageOf('', 'q', body)))
    expect(Buffer.concat(bodies).equals(body)).toBe(true)
    const full = Array.from({ length: Math.ceil(length / (frameMax - 8)) - 1 }, () => frameMax - 8)
    expect(bodies.slice(0, -1).map((each) => each.length)).toEqual(full)
  })

  it('that is small lies in one stretch with its frames', () => {
    const { parts } = written(131_072, (out) => deliver(out, 131_072, messageOf('', 'q', numbered(4095))))
    expect(parts).toHaveLength(1)
  })

  it('of several messages in a row keeps them apart', () => {
    const bodies = [numbered(9000), numbered(3), numbered(0), numbered(200_000)]
    const parts: Uint8Array[] = []
    const transport = { write: (all: readonly Uint8Array[]) => void parts.push(...all) }
    const listener = { outputWaits: () => {}, relieved: () => {} }
    const out = new Outbox(transport as unknown as Transport, new Slabs(), listener)
    for (const body of bodies) deliver(out, 4096, messageOf('', 'q', body))
    out.flush()
    const got: number[] = []
    const frame = (type: number, _channel: number, _bytes: Buffer, start: number, end: number) => {
      if (type === FRAME_METHOD) got.push(0)
      else if (type === FRAME_BODY) got.push((got.pop() ?? 0) + end - start)
    }
    new FrameDecoder({ frame }, 4088).push(Buffer.concat(parts))
    expect(got).toEqual(bodies.map(({ length }) => length))
  })
})
