// Bodies made readable: unpacked as their content encoding says, text where they are text, MessagePack as JSON, octets in
// base64 or as a dump. Never used for what is stored or sent on. Knows no command.

import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { decodeMsgpack } from './msgpack.ts'
import type { Properties } from './properties.ts'

/** What `--decode` takes. */
export const decodings = ['auto', 'none', 'text', 'json', 'hex', 'base64', 'msgpack'] as const

/** One of the decodings. */
export type Decoding = (typeof decodings)[number]

/** A body as it is shown. */
export interface Decoded {
  /** Text, or with `json` and `msgpack` the value itself. */
  readonly payload: unknown
  /** How the payload stands for the body: `string` and `base64` as in the HTTP API, or a decoding. */
  readonly encoding: 'string' | 'base64' | 'json' | 'msgpack' | 'hex'
}

/** How much an archive may grow: a body of a few kilobytes must not fill the memory. */
const MOST_UNPACKED = 64 * 1024 * 1024

/** Makes a body readable; what cannot be decoded as was asked is shown as `auto` shows it. */
export function decodeBody(body: Buffer, properties: Properties, decoding: Decoding): Decoded {
  if (decoding === 'none') return plain(body)
  if (decoding === 'base64') return { payload: body.toString('base64'), encoding: 'base64' }
  const unpacked = unpack(body, properties)
  switch (decoding) {
    case 'hex':
      return { payload: hexDump(unpacked), encoding: 'hex' }
    case 'text':
      return { payload: unpacked.toString('utf8'), encoding: 'string' }
    case 'json':
      return json(unpacked) ?? plain(unpacked)
    case 'msgpack':
      return msgpack(unpacked) ?? plain(unpacked)
    case 'auto':
      return isMsgpack(properties) ? (msgpack(unpacked) ?? plain(unpacked)) : plain(unpacked)
    default:
      return decoding satisfies never
  }
}

/** Whether octets are UTF-8 and come back from it as they were. */
export function isText(body: Buffer): boolean {
  return Buffer.from(body.toString('utf8'), 'utf8').equals(body)
}

function plain(body: Buffer): Decoded {
  return isText(body)
    ? { payload: body.toString('utf8'), encoding: 'string' }
    : { payload: body.toString('base64'), encoding: 'base64' }
}

// What is not what it claims to be is shown packed.
function unpack(body: Buffer, { content_encoding: encoding }: Properties): Buffer {
  const limit = { maxOutputLength: MOST_UNPACKED }
  try {
    switch (encoding) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(body, limit)
      case 'deflate':
        return inflateSync(body, limit)
      case 'br':
        return brotliDecompressSync(body, limit)
      default:
        // Many producers forget to say so; no text begins with these two octets.
        return body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body, limit) : body
    }
  } catch {
    return body
  }
}

function json(body: Buffer): Decoded | undefined {
  try {
    return { payload: JSON.parse(body.toString('utf8')) as unknown, encoding: 'json' }
  } catch {
    return undefined
  }
}

function msgpack(body: Buffer): Decoded | undefined {
  try {
    return { payload: decodeMsgpack(body), encoding: 'msgpack' }
  } catch {
    return undefined
  }
}

function isMsgpack({ content_type: type }: Properties): boolean {
  return /^application\/(x-|vnd\.)?msgpack\b/.test(String(type ?? ''))
}

/** Octets as people read them: offset, sixteen in hexadecimal, the same as letters. */
export function hexDump(body: Buffer): string {
  const lines: string[] = []
  for (let at = 0; at < body.length; at += 16) {
    const row = body.subarray(at, at + 16)
    const hex = [...row].map((octet) => octet.toString(16).padStart(2, '0')).join(' ')
    const letters = [...row].map((octet) => (octet >= 32 && octet < 127 ? String.fromCharCode(octet) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${letters}`)
  }
  return lines.join('\n')
}
