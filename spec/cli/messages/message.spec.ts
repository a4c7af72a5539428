// Messages as rows, as blocks for people, and as lines of files.

import {
  bodyText,
  contentOf,
  fileLine,
  messageBlock,
  messageRow,
  readFileLine,
} from '../../../src/cli/messages/message.ts'
import { coloursFor } from '../../../src/cli/output/colour.ts'

const message = (content: Buffer | string, properties = {}, fields = {}) =>
  ({
    content: Buffer.from(content as string),
    properties,
    fields: { exchange: 'e', routingKey: 'k', redelivered: false, deliveryTag: 1, ...fields },
  }) as never

const plain = coloursFor(false)

describe('a row', () => {
  it('has the fields of the HTTP API', () => {
    expect(messageRow(message('hi', { contentType: 'text/plain' }, { messageCount: 3 }), 'auto')).toEqual({
      exchange: 'e',
      routing_key: 'k',
      redelivered: false,
      message_count: 3,
      properties: { content_type: 'text/plain' },
      payload_bytes: 2,
      payload: 'hi',
      payload_encoding: 'string',
    })
  })

  it('can be its body alone', () => {
    expect(bodyText(messageRow(message('hi'), 'auto'))).toBe('hi')
    expect(bodyText(messageRow(message('{"a": 1}'), 'json'))).toBe('{"a":1}')
  })
})

describe('a block', () => {
  it('says where a message was published, its properties, and its body in lines', () => {
    const row = messageRow(
      message('{"a":1}', { messageId: 'm', headers: { n: 1 } }, { exchange: '', redelivered: true }),
      'auto',
    )
    expect(messageBlock(row, '#1', plain)).toBe(
      '#1 (default) → k  7 B  redelivered\n  message_id=m\n  headers  n=1\n  {\n    "a": 1\n  }\n',
    )
  })

  it.each([
    ['text', 'text'],
    ['{no', '{no'],
    [Buffer.from([255]), '(base64) /w=='],
  ])('shows %j as it is', (body, shown) => {
    expect(messageBlock(messageRow(message(body), 'auto'), '#1', plain)).toBe(
      `#1 e → k  ${Buffer.from(body as string).length} B\n  ${shown}\n`,
    )
  })
})

describe('a line of a file', () => {
  it.each(['hi', Buffer.from([0, 255])])('holds the message whole', (body) => {
    const line = fileLine(message(body, { messageId: 'm', headers: { a: Buffer.from([1]) } }), { at_ms: 5, queue: 'q' })
    expect(line.endsWith('\n')).toBe(true)
    const filed = readFileLine(line)
    expect(filed).toMatchObject({
      exchange: 'e',
      routing_key: 'k',
      at_ms: 5,
      queue: 'q',
      properties: { message_id: 'm' },
    })
    expect(contentOf(filed)).toEqual(Buffer.from(body as string))
  })

  it('may be a body alone, or one of JSON', () => {
    expect(readFileLine('{"payload": "hi"}')).toMatchObject({
      exchange: '',
      routing_key: '',
      properties: {},
      payload: 'hi',
    })
    expect(readFileLine('{"payload": {"a": 1}}').payload).toBe('{"a":1}')
  })

  it.each([
    ['no', /JSON/],
    ['[1]', /expected a JSON object/],
    ['{}', /no "payload"/],
    ['{"payload": "a", "payload_encoding": "hex"}', /expected "string" or "base64"/],
  ])('that is none says why: %s', (line, why) => {
    expect(() => readFileLine(line)).toThrow(why)
  })
})
