// Erlang's portable hash of terms (`erlang:phash2`), for field tables as RabbitMQ holds them: what it names bindings with
// arguments by (properties_key), and what tools keep to find them again. Knows terms as far as field tables need them.

import { type FieldTable, type FieldValue, fieldType } from '../protocol/field-table.ts'

/** A term: an atom, an integer, a float, a binary, a tuple or a list. */
type Term =
  | { readonly atom: string }
  | { readonly integer: bigint }
  | { readonly float: number }
  | { readonly binary: Uint8Array }
  | { readonly tuple: readonly Term[] }
  | { readonly list: readonly Term[] }

/** The golden ratio, which everything is mixed with; its multiples tell kinds of terms apart. */
const GOLDEN = 0x9e3779b9
const multiple = (times: number): number => Math.imul(GOLDEN, times) >>> 0

const NIL = multiple(2)
const ATOM = multiple(3)
const TUPLE = multiple(9)
const NEGATIVE = multiple(10)
const POSITIVE = multiple(11)
const FLOAT = multiple(12)
const BINARY = multiple(13)

/** The hash of an empty list alone, which is not mixed. */
const HASH_OF_NIL = 3468870702
/** What stands for an empty list where it is mixed. */
const NIL_WORD = 2

/** The hash of a table, 32 bits: fields in the order of their names, as RabbitMQ sorts the arguments of bindings. */
export function hashOfTable(table: FieldTable): number {
  const sorted = new Map([...table].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other))))
  return hash(termOfTable(sorted), 0)
}

// --- terms ----------------------------------------------------------------------------------------------------------

function termOfTable(table: FieldTable): Term {
  return { list: [...table].map(([name, field]) => ({ tuple: [binary(name), ...typed(field)] })) }
}

function typed(field: FieldValue): readonly [Term, Term] {
  return [{ atom: fieldType(field) }, termOf(field)]
}

function termOf(field: FieldValue): Term {
  switch (field.tag) {
    case 'S':
      return binary(field.value)
    case 'x':
      return { binary: field.value }
    case 't':
      return { atom: String(field.value) }
    case 'V':
      return { atom: 'undefined' }
    case 'f':
    case 'd':
      return { float: field.value }
    case 'D':
      return { tuple: [{ integer: BigInt(field.value.scale) }, { integer: BigInt(field.value.value) }] }
    case 'F':
      return termOfTable(field.value)
    case 'A':
      return { list: field.value.map((each) => ({ tuple: typed(each) })) }
    default:
      return { integer: BigInt(field.value) }
  }
}

function binary(text: string): Term {
  return { binary: Buffer.from(text, 'utf8') }
}

// --- the hash -------------------------------------------------------------------------------------------------------

/** The hash of `term` after all that has led to `before` (0: nothing). Lists here never begin with a small number. */
function hash(term: Term, before: number): number {
  if ('atom' in term) return before === 0 ? hashOfAtom(term.atom) : mix(hashOfAtom(term.atom), 0, before, ATOM)
  if ('integer' in term) return hashOfInteger(term.integer, before)
  if ('float' in term) return hashOfFloat(term.float, before)
  if ('binary' in term) return hashOfOctets(term.binary, (BINARY + before) >>> 0)
  if ('tuple' in term) {
    return term.tuple.reduce((so, each) => hash(each, so), mix(term.tuple.length, 0, before, TUPLE))
  }
  const all = term.list.reduce((so, each) => hash(each, so), before)
  return all === 0 ? HASH_OF_NIL : mix(NIL_WORD, 0, all, NIL)
}

/** As atoms lie in their table: four bits further with every character. */
function hashOfAtom(name: string): number {
  let sum = 0
  for (const octet of Buffer.from(name, 'latin1')) {
    sum = ((sum << 4) + octet) >>> 0
    const high = (sum & 0xf000_0000) >>> 0
    if (high !== 0) sum = (sum ^ (high >>> 24) ^ high) >>> 0
  }
  return sum
}

function hashOfInteger(value: bigint, before: number): number {
  if (BigInt.asIntN(28, value) === value) {
    const small = Number(value)
    const half = small < 0 ? mix(-small, 0, before, GOLDEN) : before
    return mix(small, 0, half, GOLDEN)
  }
  const size = value < 0n ? -value : value
  const [low, high] = [Number(BigInt.asUintN(32, size)), Number(BigInt.asUintN(32, size >> 32n))]
  return mix(low, high, before, value < 0n ? NEGATIVE : POSITIVE)
}

function hashOfFloat(value: number, before: number): number {
  const octets = Buffer.alloc(8)
  octets.writeDoubleLE(value === 0 ? 0 : value)
  return mix(octets.readUInt32LE(4), octets.readUInt32LE(0), before, FLOAT)
}

/** Twelve octets at a time; what is left goes in with the length. */
function hashOfOctets(octets: Uint8Array, before: number): number {
  if (octets.length === 0) return before
  const padded = Buffer.alloc(Math.ceil((octets.length + 1) / 12) * 12)
  const rest = Math.floor(octets.length / 12) * 12
  padded.set(octets)
  const words: Words = { a: GOLDEN, b: GOLDEN, c: before }
  for (let at = 0; at < rest; at += 12) {
    words.a = (words.a + padded.readUInt32LE(at)) >>> 0
    words.b = (words.b + padded.readUInt32LE(at + 4)) >>> 0
    words.c = (words.c + padded.readUInt32LE(at + 8)) >>> 0
    stir(words)
  }
  words.a = (words.a + padded.readUInt32LE(rest)) >>> 0
  words.b = (words.b + padded.readUInt32LE(rest + 4)) >>> 0
  // The lowest octet of the last word is kept for the length.
  words.c = (words.c + octets.length + ((padded.readUInt32LE(rest + 8) << 8) >>> 0)) >>> 0
  return stir(words)
}

interface Words {
  a: number
  b: number
  c: number
}

function mix(one: number, other: number, before: number, constant: number): number {
  return stir({ a: (constant + one) >>> 0, b: (constant + other) >>> 0, c: before })
}

/** Bob Jenkins' mixing of three words (1996); returns the last. */
function stir(words: Words): number {
  let { a, b, c } = words
  for (const [one, two, three] of [
    [13, 8, 13],
    [12, 16, 5],
    [3, 10, 15],
  ] as const) {
    a = ((a - b - c) ^ (c >>> one)) >>> 0
    b = ((b - c - a) ^ (a << two)) >>> 0
    c = ((c - a - b) ^ (b >>> three)) >>> 0
  }
  words.a = a
  words.b = b
  words.c = c
  return c
}
