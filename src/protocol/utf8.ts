// Text of the wire as strings, and back, without loss. AMQP says UTF-8, but table keys, long strings and routing keys
// arrive with any octets, and RabbitMQ hands them on as they are. An octet that is not part of UTF-8 becomes the lone
// surrogate U+DC00 + octet (U+DC80 to U+DCFF), which no UTF-8 decodes to, and is written as that octet again. So two
// strings are equal exactly if their octets are. Knows nothing but bytes.

import { isUtf8 } from 'node:buffer'

const ESCAPE = 0xdc00
// With the u flag it finds lone surrogates only, never the second half of a pair.
const escaped = /[\udc80-\udcff]/u

/** Octets of the UTF-8 character at `at`, 0 if there is none (Unicode 15, table 3-7). */
const characterBytes = (bytes: Uint8Array, at: number, end: number): number => {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (at + size > end) return 0
  const second = bytes[at + 1] ?? 0
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  for (let i = at + 2; i < at + size; i += 1) {
    if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return 0
  }
  return size
}

const decodeEscaping = (bytes: Buffer, start: number, end: number): string => {
  const parts: string[] = []
  let from = start
  for (let at = start; at < end; ) {
    const size = characterBytes(bytes, at, end)
    if (size === 0) {
      if (from < at) parts.push(bytes.toString('utf8', from, at))
      parts.push(String.fromCharCode(ESCAPE + (bytes[at] ?? 0)))
      from = at + 1
    }
    at += size === 0 ? 1 : size
  }
  if (from < end) parts.push(bytes.toString('utf8', from, end))
  return parts.join('')
}

/** The text in `bytes[start..end)`: UTF-8, every octet that is not as a lone surrogate. */
export const decodeText = (bytes: Buffer, start: number, end: number): string => {
  const text = bytes.toString('utf8', start, end)
  if (!text.includes('\ufffd') || isUtf8(bytes.subarray(start, end))) return text
  return decodeEscaping(bytes, start, end)
}

/** Whether `decodeText` met octets that are not UTF-8 in what became this text. */
export const isMalformed = (text: string): boolean => escaped.test(text)

const encodeEscaped = (text: string): Buffer => {
  const parts: Buffer[] = []
  for (const part of text.split(/([\udc80-\udcff])/u)) {
    parts.push(isMalformed(part) ? Buffer.of(part.charCodeAt(0) - ESCAPE) : Buffer.from(part, 'utf8'))
  }
  return Buffer.concat(parts)
}

/** Texts of this length are written character by character where they are ASCII: that is quicker than to call for help. */
const SHORT = 64

const isShortAscii = (text: string): boolean => {
  if (text.length > SHORT) return false
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** Octets that `writeText` writes. */
export const textBytes = (text: string): number => (isShortAscii(text) ? text.length : longTextBytes(text))

const longTextBytes = (text: string): number =>
  isMalformed(text) ? encodeEscaped(text).length : Buffer.byteLength(text, 'utf8')

/**
 * Writes what `decodeText` would read as `text`, and returns the position after it.
 * @throws RangeError if there is no room
 */
export const writeText = (text: string, bytes: Buffer, at: number): number => {
  if (!isShortAscii(text)) return writeLongText(text, bytes, at)
  if (at + text.length > bytes.length) throw new RangeError('no room for a text')
  for (let i = 0; i < text.length; i += 1) bytes[at + i] = text.charCodeAt(i)
  return at + text.length
}

const writeLongText = (text: string, bytes: Buffer, at: number): number => {
  if (isMalformed(text)) {
    const octets = encodeEscaped(text)
    bytes.set(octets, at)
    return at + octets.length
  }
  const length = Buffer.byteLength(text, 'utf8')
  if (at + length > bytes.length) throw new RangeError('no room for a text')
  return at + bytes.write(text, at, length, 'utf8')
}
