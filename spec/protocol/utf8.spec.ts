// Text of the wire: UTF-8 as ever, and no octet lost where it is something else.

import fc from 'fast-check'
import { decodeText, isMalformed, textBytes, writeText } from '../../src/protocol/utf8.ts'
import { cases, octets, text } from '../support/arbitraries.ts'

const decode = (...bytes: number[]): string => decodeText(Buffer.from(bytes), 0, bytes.length)
const encode = (string: string): Buffer => {
  const bytes = Buffer.alloc(textBytes(string) + 2)
  expect(writeText(string, bytes, 1)).toBe(bytes.length - 1)
  expect([bytes[0], bytes[bytes.length - 1]]).toEqual([0, 0])
  return bytes.subarray(1, -1)
}

test.each([
  ['an octet that begins nothing', [0x61, 0xff, 0x62], 'a\udcffb'],
  ['a continuation on its own', [0x80], '\udc80'],
  ['a character cut short', [0xe2, 0x82], '\udce2\udc82'],
  ['a character cut short by another', [0xe2, 0x82, 0x61], '\udce2\udc82a'],
  ['an overlong slash', [0xc0, 0xaf], '\udcc0\udcaf'],
  ['an overlong euro sign', [0xf0, 0x82, 0x82, 0xac], '\udcf0\udc82\udc82\udcac'],
  ['three octets where two suffice', [0xe0, 0x9f, 0xbf], '\udce0\udc9f\udcbf'],
  ['a surrogate', [0xed, 0xb2, 0x80], '\udced\udcb2\udc80'],
  ['what lies behind the last character', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
  ['an octet between sound characters', [0xc3, 0xa9, 0xc3, 0xf0, 0x9f, 0x90, 0x87], 'é\udcc3🐇'],
])('%s becomes lone surrogates, and the same octets again', (_, bytes, string) => {
  expect(decode(...bytes)).toBe(string)
  expect(isMalformed(string)).toBe(true)
  expect(encode(string)).toEqual(Buffer.from(bytes))
})

test('a replacement character, a pair of surrogates and a byte order mark are text like any other', () => {
  for (const string of ['\ufffd', '🐇', '\u{1f480}', '\ufeffx', '']) {
    expect(decode(...Buffer.from(string))).toBe(string)
    expect(isMalformed(string)).toBe(false)
    expect(encode(string)).toEqual(Buffer.from(string))
  }
})

test('only the octets of the range are read', () => {
  expect(decodeText(Buffer.from('aéb'), 1, 3)).toBe('é')
  expect(decodeText(Buffer.from('aéb'), 1, 2)).toBe('\udcc3')
  expect(decodeText(Buffer.from('aéb'), 2, 2)).toBe('')
})

test('text that has no room is refused, not cut', () => {
  const rangeError = expect.objectContaining({ name: 'RangeError' })
  expect(() => writeText('é', Buffer.alloc(2), 1)).toThrow(rangeError)
  expect(() => writeText('\udcff\udcff', Buffer.alloc(2), 1)).toThrow(rangeError)
})

// Properties answer true or false: Jest's own comparison of buffers takes longer than all the rest.
const octetsOf = (string: string): Buffer => {
  const bytes = Buffer.alloc(textBytes(string))
  return writeText(string, bytes, 0) === bytes.length ? bytes : Buffer.from('wrong position')
}

test('sound text is written as Node writes it', () => {
  fc.assert(
    fc.property(
      text(200),
      (string) =>
        octetsOf(string).equals(Buffer.from(string)) && decode(...octetsOf(string)) === string && !isMalformed(string),
    ),
    cases(2000),
  )
})

const isSound = (bytes: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

test('any octets survive being text, and are called malformed exactly if they are no UTF-8', () => {
  const mixed = fc
    .array(
      fc.oneof(
        octets(4),
        fc.string({ unit: 'binary', maxLength: 2 }).map((string) => Buffer.from(string)),
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) => Buffer.concat(parts))
  fc.assert(
    fc.property(mixed, (bytes) => {
      const string = decodeText(bytes, 0, bytes.length)
      return octetsOf(string).equals(bytes) && isMalformed(string) === !isSound(bytes)
    }),
    cases(10_000),
  )
})
