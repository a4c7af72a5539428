// The check of a table against its decoder: what one refuses, the other must.

import fc from 'fast-check'
import {
  decodeTable,
  encodeTable,
  type FieldTable,
  type FieldValue,
  TABLE_DEPTH,
} from '../../src/protocol/field-table.ts'
import { ConnectionError } from '../../src/protocol/reply.ts'
import { checkTable } from '../../src/protocol/table-check.ts'
import { cases, fieldTable, mutated, octets } from '../support/arbitraries.ts'

const BEFORE = 5

/** Whether `read` takes these octets, with octets of other frames around them. */
function takes(read: (bytes: Buffer, start: number, end: number) => unknown, contents: Buffer): boolean {
  const bytes = Buffer.concat([Buffer.alloc(BEFORE, 0x01), contents, Buffer.alloc(300, 0x01)])
  try {
    read(bytes, BEFORE, BEFORE + contents.length)
    return true
  } catch (error) {
    if (!(error instanceof ConnectionError) || error.code !== 501) throw error
    return false
  }
}

const contents = (table: FieldTable): Buffer => encodeTable(table).subarray(4)

function nested(depth: number, wrap: (inner: FieldValue) => FieldValue): Buffer {
  let value: FieldValue = { tag: 'V', value: null }
  for (let i = 1; i < depth; i += 1) value = wrap(value)
  return contents(new Map([['k', value]]))
}

test('a table is as sound to the check as to the decoder', () => {
  const sound = fc.sample(fieldTable, cases(500)).map(contents)
  const counts = { true: 0, false: 0 }
  fc.assert(
    fc.property(fc.oneof({ weight: 5, arbitrary: mutated(fc.constantFrom(...sound)) }, octets(30)), (bytes) => {
      const expected = takes(decodeTable, bytes)
      counts[`${expected}`] += 1
      return takes(checkTable, bytes) === expected
    }),
    cases(12_000),
  )
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(1000)
  for (const bytes of sound) expect(takes(checkTable, bytes)).toBe(true)
})

test.each<[string, (inner: FieldValue) => FieldValue]>([
  ['tables', (inner) => ({ tag: 'F', value: new Map([['k', inner]]) })],
  ['arrays', (inner) => ({ tag: 'A', value: [inner] })],
])('%s may lie in each other as deep as the decoder takes them', (_, wrap) => {
  for (const read of [checkTable, decodeTable]) {
    expect(takes(read, nested(TABLE_DEPTH, wrap))).toBe(true)
    expect(takes(read, nested(TABLE_DEPTH + 1, wrap))).toBe(false)
  }
})

test.each([
  ['a table', '0161 46 00000003 01625a'],
  ['an array', '0161 41 00000001 5a'],
  ['a table in an array', '0161 41 00000008 46 00000003 01625a'],
])('damage inside %s is found', (_, hex) => {
  expect(takes(checkTable, Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toBe(false)
})
