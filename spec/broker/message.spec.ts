// The view of a message: it points at bytes that belong to others, and says the same whichever way they lie.

import { announcedBytes, encodeRouting, Message, routingEnd } from '../../src/broker/message.ts'
import { encodeHeader } from '../../src/protocol/properties.ts'

const AROUND = Buffer.from('around')

/** A view of a message whose parts lie in the middle of other octets. */
function viewOf(exchange: string, routingKey: string, body: string): Message {
  const message = new Message()
  const [routing, header] = [encodeRouting(exchange, routingKey), encodeHeader({ deliveryMode: 2 }, body.length)]
  const bytes = Buffer.concat([AROUND, routing, header, Buffer.from(body), AROUND])
  const headerAt = AROUND.length + routing.length
  const bodyAt = headerAt + header.length
  message.setRouting(bytes, AROUND.length, headerAt)
  message.setHeader(bytes, headerAt, bodyAt)
  message.setBody(bytes, bodyAt, bytes.length - AROUND.length)
  return message
}

describe('a message', () => {
  it.each([
    ['', ''],
    ['exchange', ''],
    ['', 'routing key'],
    ['é'.repeat(127), 'k'.repeat(255)],
  ])('names the exchange and the routing key that it was published with: %j, %j', (exchange, routingKey) => {
    const message = viewOf(exchange, routingKey, 'body')
    expect([message.exchange, message.routingKey]).toEqual([exchange, routingKey])
  })

  it('keeps routing keys apart that are no UTF-8', () => {
    const keys = [0xff, 0xfe].map((octet) => {
      const message = new Message()
      message.setRouting(Buffer.of(0, 1, octet), 0, 3)
      return message.routingKey
    })
    expect(keys[0]).not.toBe(keys[1])
    expect(keys).not.toContain('\ufffd')
    expect(keys.map((key) => [...encodeRouting('', key)])).toEqual([
      [0, 1, 0xff],
      [0, 1, 0xfe],
    ])
  })

  it('has a body of one stretch', () => {
    const message = viewOf('x', 'k', 'body')
    expect([message.bodyBytes, message.copyBody().toString()]).toEqual([4, 'body'])
  })

  it('gives a copy of its body that no change reaches', () => {
    const bytes = Buffer.from('body')
    const message = new Message()
    message.setBody(bytes, 0, 4)
    const copy = message.copyBody()
    bytes.fill(0)
    expect(copy.toString()).toBe('body')
  })

  it('gives a copy of itself that no change reaches', () => {
    const message = viewOf('x', 'key', 'body')
    message.persistent = true
    const copy = message.copy()
    const same = ({ exchange, routingKey, persistent, bodyBytes, headerBytes }: Message) => {
      return { exchange, routingKey, persistent, bodyBytes, headerBytes }
    }
    expect(same(copy)).toEqual(same(message))
    const header = Buffer.from(message.header.subarray(message.headerStart, message.headerEnd))
    for (const bytes of [message.routing, message.header, message.body]) bytes.fill(0xee)
    expect([copy.exchange, copy.routingKey, copy.copyBody().toString()]).toEqual(['x', 'key', 'body'])
    expect(copy.header.subarray(copy.headerStart, copy.headerEnd).equals(header)).toBe(true)
  })

  it('counts what it takes as a record: routing, header and body', () => {
    const message = viewOf('ex', 'key', 'body')
    const bytes = 1 + 2 + 1 + 3 + 15 + 4
    expect(message.recordBytes).toBe(bytes)
    message.setBody(Buffer.from('bodies'), 0, 6)
    expect(message.recordBytes).toBe(bytes + 2)
  })

  it('can be viewed by another, all of it', () => {
    const message = viewOf('x', 'k', 'body')
    message.persistent = true
    const view = new Message().view(message)
    expect({ ...view }).toEqual({ ...message })
    message.setBody(Buffer.alloc(9000), 0, 9000)
    message.persistent = false
    expect({ ...view.view(message) }).toEqual({ ...message })
    message.setRouting(encodeRouting('y', 'l'), 0, 4)
    expect(view.exchange).toBe('x')
  })
})

describe('routing bytes', () => {
  it('are two shortstrs', () => {
    expect(encodeRouting('ab', 'é').toString('hex')).toBe('026162' + '02c3a9')
    expect(routingEnd(Buffer.concat([AROUND, encodeRouting('ab', 'cde'), AROUND]), AROUND.length)).toBe(13)
  })

  it('hold 255 octets of each', () => {
    expect(encodeRouting('x'.repeat(255), 'k'.repeat(255))).toHaveLength(512)
    expect(() => encodeRouting('x'.repeat(256), '')).toThrow(RangeError)
    expect(() => encodeRouting('', 'é'.repeat(128))).toThrow(RangeError)
  })
})

it.each([
  ['0000000000000000', 0],
  ['00000000ffffffff', 0xffffffff],
  ['0000000100000002', 2 ** 32 + 2],
  ['001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['0020000000000000', Number.POSITIVE_INFINITY],
  ['ffffffffffffffff', Number.POSITIVE_INFINITY],
])('a header with the size %s announces %d octets of body', (hex, bytes) => {
  expect(announcedBytes(Buffer.from(`aaaa003c0000${hex}0000aa`, 'hex'), 2)).toBe(bytes)
})
