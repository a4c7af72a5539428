// Bodies made readable: unpacked, as text, as JSON, as octets.

import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { decodeBody, decodings, hexDump, isText } from '../../../src/cli/messages/decode.ts'

const text = Buffer.from('{"a": 1}')
const octets = Buffer.from([0x82, 0xff, 0])

describe('bodies', () => {
  it.each([
    ['auto', text, {}, { payload: '{"a": 1}', encoding: 'string' }],
    ['auto', octets, {}, { payload: 'gv8A', encoding: 'base64' }],
    ['auto', gzipSync(text), {}, { payload: '{"a": 1}', encoding: 'string' }],
    ['auto', gzipSync(text), { content_encoding: 'gzip' }, { payload: '{"a": 1}', encoding: 'string' }],
    ['auto', deflateSync(text), { content_encoding: 'deflate' }, { payload: '{"a": 1}', encoding: 'string' }],
    ['auto', brotliCompressSync(text), { content_encoding: 'br' }, { payload: '{"a": 1}', encoding: 'string' }],
    ['auto', text, { content_encoding: 'gzip' }, { payload: '{"a": 1}', encoding: 'string' }],
    [
      'auto',
      Buffer.from([0x81, 0xa1, 0x61, 1]),
      { content_type: 'application/msgpack' },
      { payload: { a: 1 }, encoding: 'msgpack' },
    ],
    ['none', gzipSync(text), {}, { payload: gzipSync(text).toString('base64'), encoding: 'base64' }],
    ['text', octets, {}, { payload: '\ufffd\ufffd\u0000', encoding: 'string' }],
    ['json', text, {}, { payload: { a: 1 }, encoding: 'json' }],
    ['json', Buffer.from('no'), {}, { payload: 'no', encoding: 'string' }],
    ['base64', text, {}, { payload: text.toString('base64'), encoding: 'base64' }],
    ['msgpack', Buffer.from([0x93, 1, 2, 3]), {}, { payload: [1, 2, 3], encoding: 'msgpack' }],
    ['msgpack', Buffer.from([0x93]), {}, { payload: 'kw==', encoding: 'base64' }],
  ] as const)('%s', (decoding, body, properties, decoded) => {
    expect(decodeBody(Buffer.from(body), properties, decoding)).toEqual(decoded)
  })

  it('can be dumped', () => {
    expect(decodeBody(text, {}, 'hex').encoding).toBe('hex')
    expect(hexDump(Buffer.from('0123456789abcdefg\n'))).toBe(
      '00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n' +
        `00000010  67 0a${' '.repeat(44)}g.`,
    )
  })

  it('are text when they come back as they were', () => {
    expect([isText(text), isText(octets), isText(Buffer.from('é'))]).toEqual([true, false, true])
  })

  it('have as many decodings as help says', () => {
    expect(decodings).toHaveLength(7)
  })
})
