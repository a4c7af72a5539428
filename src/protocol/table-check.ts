// A look through a field table for damage, tables and arrays inside it included, that makes nothing of what it finds:
// headers are handed on as they came, and no consumer may get what its client cannot read. Knows nothing but bytes.

import { skipValue, TABLE_DEPTH } from './field-table.ts'
import { ConnectionError } from './reply.ts'

const TABLE = 0x46 // F
const ARRAY = 0x41 // A
/** Octets of a table or array before its contents: its tag and its length. */
const HEAD_BYTES = 5

/**
 * Checks a table's contents, `bytes[start..end)`. Allocates nothing.
 * @throws ConnectionError 501 where decodeTable throws
 */
export const checkTable = (bytes: Uint8Array, start: number, end: number): void => check(bytes, start, end, true, 1)

const check = (bytes: Uint8Array, start: number, end: number, keyed: boolean, depth: number): void => {
  if (depth > TABLE_DEPTH) throw new ConnectionError(501, `cannot parse field table: nested deeper than ${TABLE_DEPTH}`)
  for (let at = start; at < end; ) {
    const value = keyed ? at + 1 + (bytes[at] ?? 0) : at
    const next = skipValue(bytes, value, end)
    const tag = bytes[value]
    if (tag === TABLE || tag === ARRAY) check(bytes, value + HEAD_BYTES, next, tag === TABLE, depth + 1)
    at = next
  }
}
