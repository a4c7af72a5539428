// fast-check generators for what travels on the wire: field values, tables, every method, and damaged octets.
// Seeds are fixed, so that a failure of today is a failure of tomorrow.

import fc from 'fast-check'
import type { FieldTable, FieldValue } from '../../src/protocol/field-table.ts'
import { type Domain, type Method, type MethodName, methods } from '../../src/protocol/methods.ts'

/** Parameters of a property: how many cases, always the same ones. */
export const cases = (numRuns: number): { numRuns: number; seed: number } => ({ numRuns, seed: 91 })

// fast-check has text of any code points too, but takes seconds to make ready for it.
const codePoint = fc.oneof(
  fc.constantFrom(0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff),
  fc.integer({ min: 0, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10ffff }),
)

/** Text without lone surrogates, which UTF-8 cannot carry, of at most `maxBytes` octets. */
export const text = (maxBytes: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.array(codePoint, { maxLength: Math.floor(maxBytes / 4) }).map((points) => String.fromCodePoint(...points)),
      fc.string({ maxLength: maxBytes }),
    )
    .filter((string) => Buffer.byteLength(string) <= maxBytes)

/** Octets, as the Buffer that a decoder hands out. */
export const octets = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))

// fast-check's own would make some without a prototype, which no decoder does.
const record = <Fields extends object>(fields: { [Field in keyof Fields]: fc.Arbitrary<Fields[Field]> }) =>
  fc.record(fields, { noNullPrototype: true })

const int = (min: number, max: number) => fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }))

const long = (min: bigint, max: bigint): fc.Arbitrary<number | bigint> =>
  fc
    .oneof(fc.constantFrom(min, max), fc.bigInt({ min, max }), fc.bigInt({ min: 0n, max: 1000n }))
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value))

const scalar: fc.Arbitrary<FieldValue> = fc.oneof(
  record({ tag: fc.constant('S' as const), value: text(80) }),
  record({ tag: fc.constant('b' as const), value: int(-128, 127) }),
  record({ tag: fc.constant('B' as const), value: int(0, 255) }),
  record({ tag: fc.constant('s' as const), value: int(-32768, 32767) }),
  record({ tag: fc.constant('u' as const), value: int(0, 65535) }),
  record({ tag: fc.constant('I' as const), value: int(-(2 ** 31), 2 ** 31 - 1) }),
  record({ tag: fc.constant('i' as const), value: int(0, 2 ** 32 - 1) }),
  record({ tag: fc.constantFrom('l' as const, 'L' as const), value: long(-(2n ** 63n), 2n ** 63n - 1n) }),
  record({ tag: fc.constant('T' as const), value: long(0n, 2n ** 64n - 1n) }),
  record({ tag: fc.constant('f' as const), value: fc.float() }),
  record({ tag: fc.constant('d' as const), value: fc.double() }),
  record({ tag: fc.constant('t' as const), value: fc.boolean() }),
  record({
    tag: fc.constant('D' as const),
    value: record({ scale: int(0, 255), value: int(0, 2 ** 32 - 1) }),
  }),
  fc.constant<FieldValue>({ tag: 'V', value: null }),
  record({ tag: fc.constant('x' as const), value: octets(40) }),
)

const nested = fc.letrec<{ value: FieldValue; table: FieldTable }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    record({ tag: fc.constant('F' as const), value: tie('table') }),
    record({ tag: fc.constant('A' as const), value: fc.array(tie('value'), { maxLength: 3 }) }),
  ),
  table: fc.array(fc.tuple(text(20), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
}))

/** Any field value, tables and arrays some levels deep. */
export const fieldValue: fc.Arbitrary<FieldValue> = nested.value

/** Any field table. */
export const fieldTable: fc.Arbitrary<FieldTable> = nested.table

const fieldOf = (domain: Domain): fc.Arbitrary<unknown> => {
  switch (domain) {
    case 'octet':
      return int(0, 255)
    case 'short':
      return int(0, 65535)
    case 'long':
      return int(0, 2 ** 32 - 1)
    case 'longlong':
    case 'timestamp':
      return int(0, Number.MAX_SAFE_INTEGER)
    case 'shortstr':
      return text(255)
    case 'longstr':
      return octets(300)
    case 'table':
      return fieldTable
    case 'bit':
      return fc.boolean()
  }
}

/** A method of this name with any arguments, reserved ones included. */
export const methodOf = (name: MethodName): fc.Arbitrary<Method> => {
  const fields = Object.entries<Domain>(methods[name].fields).map(([field, domain]) => [field, fieldOf(domain)])
  return record({ name: fc.constant(name), ...Object.fromEntries(fields) }) as fc.Arbitrary<Method>
}

export const methodNames = Object.keys(methods) as MethodName[]

/** Any method of the grammar. */
export const anyMethod: fc.Arbitrary<Method> = fc.constantFrom(...methodNames).chain(methodOf)

type Damage =
  | { readonly kind: 'set' | 'insert'; readonly at: number; readonly octet: number }
  | { readonly kind: 'cut'; readonly at: number }

const damage: fc.Arbitrary<Damage> = fc.oneof(
  record({ kind: fc.constantFrom('set' as const, 'insert' as const), at: fc.nat(1000), octet: int(0, 255) }),
  record({ kind: fc.constant('cut' as const), at: fc.nat(1000) }),
)

const damaged = (bytes: Buffer, { at, ...how }: Damage): Buffer => {
  const place = at % (bytes.length + 1)
  const before = bytes.subarray(0, place)
  if (how.kind === 'cut') return before
  return Buffer.concat([before, Buffer.of(how.octet), bytes.subarray(how.kind === 'set' ? place + 1 : place)])
}

/** Octets of `original` with one to four wounds: an octet overwritten or inserted, or the rest cut off. */
export const mutated = (original: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(original, fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([bytes, wounds]) => wounds.reduce(damaged, bytes))
