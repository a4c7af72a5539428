// Field tables as octets: each tag's encoding, what RabbitMQ reads differently from the letter of the specification, and
// that nothing a peer sends gets through unchecked.

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import {
  decodeTable,
  decodeValueAt,
  encodeTable,
  type FieldTable,
  type FieldValue,
  fieldType,
  findField,
  skipValue,
  TABLE_DEPTH,
  table,
  tableBytes,
  toPlain,
  writeShortstr,
  writeTable,
} from '../../src/protocol/field-table.ts'
import { ConnectionError, ProtocolError } from '../../src/protocol/reply.ts'
import { cases, fieldTable, mutated, octets, text } from '../support/arbitraries.ts'

const decode = (bytes: Buffer): FieldTable => decodeTable(bytes, 0, bytes.length)
const contents = (fields: FieldTable): Buffer => encodeTable(fields).subarray(4)
const entry = (key: string, ...value: (string | number)[]): Buffer =>
  Buffer.concat([
    Buffer.of(key.length),
    Buffer.from(key),
    ...value.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
  ])
const longstr = (body: Buffer, tag: string): Buffer => {
  const head = Buffer.alloc(5)
  head.write(tag)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

// Not the class: Buffer's own RangeError is not that of Jest's sandbox.
const rangeError = expect.objectContaining({ name: 'RangeError' })

/** The error's text; fails where there is none, or one of another kind. */
const refusal = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectionError)
    const { code, classId, replyText } = error as ConnectionError
    expect([code, classId]).toEqual([501, undefined])
    return replyText
  }
  throw new Error('was accepted')
}

const encodings: readonly [FieldValue, readonly number[], string][] = [
  [{ tag: 'S', value: 'é' }, [0, 0, 0, 2, 0xc3, 0xa9], 'longstr'],
  [{ tag: 'I', value: -2 }, [0xff, 0xff, 0xff, 0xfe], 'signedint'],
  [{ tag: 'l', value: -2 }, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], 'long'],
  [{ tag: 'L', value: -2 }, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], 'long'],
  [{ tag: 'b', value: -2 }, [0xfe], 'byte'],
  [{ tag: 'B', value: 254 }, [0xfe], 'unsignedbyte'],
  [{ tag: 's', value: -2 }, [0xff, 0xfe], 'short'],
  [{ tag: 'u', value: 65534 }, [0xff, 0xfe], 'unsignedshort'],
  [{ tag: 'i', value: 4294967294 }, [0xff, 0xff, 0xff, 0xfe], 'unsignedint'],
  [{ tag: 'f', value: 1.5 }, [0x3f, 0xc0, 0, 0], 'float'],
  [{ tag: 'd', value: 1.5 }, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 'double'],
  [{ tag: 't', value: true }, [1], 'bool'],
  [{ tag: 't', value: false }, [0], 'bool'],
  [{ tag: 'T', value: 1_700_000_000 }, [0, 0, 0, 0, 0x65, 0x53, 0xf1, 0], 'timestamp'],
  [{ tag: 'D', value: { scale: 2, value: 314 } }, [2, 0, 0, 1, 0x3a], 'decimal'],
  [{ tag: 'F', value: new Map([['k', { tag: 'V', value: null }]]) }, [0, 0, 0, 3, 1, 0x6b, 0x56], 'table'],
  [{ tag: 'A', value: [{ tag: 't', value: true }] }, [0, 0, 0, 2, 0x74, 1], 'array'],
  [{ tag: 'V', value: null }, [], 'void'],
  [{ tag: 'x', value: Buffer.of(0, 255) }, [0, 0, 0, 2, 0, 255], 'binary'],
]

describe('each type of field', () => {
  test.each(encodings)('%j is %j behind its tag, and a %s', (value, bytes, name) => {
    const wire = entry('key', value.tag, ...bytes)
    expect(contents(new Map([['key', value]]))).toEqual(wire)
    expect(decode(wire)).toEqual(new Map([['key', value]]))
    expect(fieldType(value)).toBe(name)
  })
})

describe('integers of 64 bits', () => {
  test.each([
    ['l', '7fffffffffffffff', 2n ** 63n - 1n],
    ['L', 'ffffffffffffffff', -1],
    ['L', '8000000000000000', -(2n ** 63n)],
    ['T', 'ffffffffffffffff', 2n ** 64n - 1n],
    ['l', '001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['l', '0020000000000000', 2n ** 53n],
    ['l', 'ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['l', 'ffe0000000000000', -(2n ** 53n)],
  ] as const)('%s %s is %p, a bigint only where a number would round', (tag, hex, value) => {
    const wire = entry('n', tag, ...Buffer.from(hex, 'hex'))
    expect(decode(wire).get('n')).toStrictEqual({ tag, value })
    expect(contents(decode(wire))).toEqual(wire)
  })
})

describe('a table', () => {
  test('keeps the first of several fields with one key', () => {
    const wire = Buffer.concat([entry('k', 't', 0), entry('j', 'V'), entry('k', 't', 1)])
    expect([...decode(wire)]).toEqual([
      ['k', { tag: 't', value: false }],
      ['j', { tag: 'V', value: null }],
    ])
  })

  test('takes any octet but zero for true', () => {
    expect(decode(entry('k', 't', 2)).get('k')).toEqual({ tag: 't', value: true })
  })

  test('keeps the octets of a string that is no UTF-8', () => {
    const wire = entry('k', 'S', 0, 0, 0, 3, 0x61, 0xff, 0x62)
    expect(decode(wire).get('k')).toEqual({ tag: 'S', value: 'a\udcffb' })
    expect(contents(decode(wire))).toEqual(wire)
  })

  test('keeps the octets of a key that is no UTF-8, though it be as long as a key can be', () => {
    const wire = Buffer.concat([Buffer.of(255), Buffer.alloc(255, 0xe9), Buffer.from('V')])
    expect([...decode(wire).keys()]).toEqual(['\udce9'.repeat(255)])
    expect(contents(decode(wire))).toEqual(wire)
  })

  test('takes a replacement character that was sent for what it is', () => {
    expect(decode(contents(table({ k: '\ufffd' }))).get('k')).toStrictEqual({ tag: 'S', value: '\ufffd' })
  })

  test('may have an empty key, and strings longer than 64 KiB', () => {
    const fields = table({ '': 'x'.repeat(70_000) })
    expect(decode(contents(fields))).toEqual(fields)
  })

  test('is read from where it begins to where it ends', () => {
    const wire = Buffer.concat([Buffer.of(9, 9), contents(table({ k: 'v' })), Buffer.of(9, 9)])
    expect(decodeTable(wire, 2, wire.length - 2)).toEqual(table({ k: 'v' }))
  })
})

describe('a table, read and written,', () => {
  test('shares no memory with the octets it came from', () => {
    const wire = contents(table({ text: 'abc', bytes: Buffer.from('abc') }))
    const fields = decode(wire)
    wire.fill(0)
    expect(fields).toEqual(table({ text: 'abc', bytes: Buffer.from('abc') }))
  })

  test('comes back as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(fieldTable, (fields) => {
        const wire = encodeTable(fields)
        const back = decodeTable(wire, 4, wire.length)
        const fits = wire.length === tableBytes(fields) && wire.readUInt32BE(0) === wire.length - 4
        return fits && isDeepStrictEqual([...back], [...fields])
      }),
      cases(5000),
    )
  })

  test('is written where it is told to, and the position after it returned', () => {
    const bytes = Buffer.alloc(40, 7)
    const fields = table({ k: [1, 'a'] })
    expect(writeTable(fields, bytes, 5)).toBe(5 + tableBytes(fields))
    expect(bytes.subarray(5, 5 + tableBytes(fields))).toEqual(encodeTable(fields))
    expect([bytes[4], bytes[5 + tableBytes(fields)]]).toEqual([7, 7])
  })
})

describe('damage', () => {
  test.each([
    ['a key longer than the table', Buffer.of(5, 0x61)],
    ['a key without a value', entry('key')],
    ['a value cut short', entry('key', 'I', 0, 0, 0)],
    ['a string longer than the table', entry('key', 'S', 0, 0, 0, 2, 0x61)],
    ['a string whose length is cut short', entry('key', 'S', 0, 0, 0)],
    ['a length that no number could take for negative', entry('key', 'x', 255, 255, 255, 255, 0)],
    ['a table longer than the one around it', entry('key', 'F', 0, 0, 0, 4, 1, 0x6b, 0x56)],
    ['a table within, itself damaged', entry('key', 'F', 0, 0, 0, 3, 2, 0x6b, 0x56)],
    ['an array within, itself damaged', entry('key', 'A', 0, 0, 0, 2, 0x49, 0)],
    ['a damaged value behind a key seen before', Buffer.concat([entry('k', 'V'), entry('k', 'I', 0)])],
  ])('%s is refused', (_, wire) => {
    expect(refusal(() => decode(wire))).toMatch(/^FRAME_ERROR - cannot parse field table: /)
  })

  test('an unknown type is refused by its number', () => {
    expect(refusal(() => decode(entry('key', 'W')))).toBe('FRAME_ERROR - cannot parse field table: unknown type 87')
    expect(refusal(() => decode(entry('key', 200)))).toBe('FRAME_ERROR - cannot parse field table: unknown type 200')
  })

  test('a table that is said to end behind its octets is refused', () => {
    expect(refusal(() => decodeTable(Buffer.alloc(3), 0, 4))).toContain('longer than its surroundings')
    expect(refusal(() => decodeTable(Buffer.alloc(3), 2, 1))).toContain('longer than its surroundings')
  })

  test.each(['A', 'F'])('%s nested as deep as the limit is read, deeper is refused', (tag) => {
    let body: Buffer = Buffer.alloc(0)
    for (let depth = 2; depth < TABLE_DEPTH; depth += 1) {
      body = tag === 'A' ? longstr(body, 'A') : Buffer.concat([Buffer.of(0), longstr(body, 'F')])
    }
    const deepest = Buffer.concat([Buffer.of(0), longstr(body, tag)])
    expect(decode(deepest).size).toBe(1)
    const deeper = Buffer.concat([Buffer.of(0), longstr(deepest, 'F')])
    expect(refusal(() => decode(deeper))).toContain('nested deeper than 128')
  })

  test('of any kind is refused with a protocol error or read as something that can be written', () => {
    const sound = fc.sample(fieldTable, cases(500)).map(contents)
    const wire = fc.oneof(octets(60), mutated(fc.constantFrom(...sound)))
    let refused = 0
    fc.assert(
      fc.property(wire, (bytes) => {
        let fields: FieldTable
        try {
          fields = decode(bytes)
        } catch (error) {
          refused += 1
          return error instanceof ProtocolError
        }
        return encodeTable(fields).length === tableBytes(fields)
      }),
      cases(20_000),
    )
    expect(refused).toBeGreaterThan(5000)
    expect(refused).toBeLessThan(19_000)
  })
})

describe('the look for a field', () => {
  const wire = Buffer.concat([Buffer.of(9), contents(table({ a: 1, CC: ['x'], CCC: true, BCC: 'y' }))])
  const find = (key: string): number => findField(wire, 1, wire.length, key)

  test('finds the value, which decodes on its own', () => {
    expect(decodeValueAt(wire, find('CC'), wire.length)).toEqual({ tag: 'A', value: [{ tag: 'S', value: 'x' }] })
    expect(decodeValueAt(wire, find('BCC'), wire.length)).toEqual({ tag: 'S', value: 'y' })
    expect(wire[find('CCC')]).toBe('t'.charCodeAt(0))
  })

  test('finds whole keys only, in their own case', () => {
    expect(['C', 'cc', 'CCCC', 'b', ''].map(find)).toEqual([-1, -1, -1, -1, -1])
  })

  test('finds the first of several', () => {
    const twice = Buffer.concat([entry('k', 't', 0), entry('k', 't', 1)])
    expect(decodeValueAt(twice, findField(twice, 0, twice.length, 'k'), twice.length)).toEqual({
      tag: 't',
      value: false,
    })
  })

  test('does not look into tables within', () => {
    const outer = contents(table({ inner: { k: 1 } }))
    expect(findField(outer, 0, outer.length, 'k')).toBe(-1)
  })

  test('refuses damage before the field', () => {
    const bad = Buffer.concat([entry('a', 'S', 0, 0, 1, 0), entry('k', 'V')])
    expect(refusal(() => findField(bad, 0, bad.length, 'k'))).toContain('longer than its surroundings')
  })
})

describe('the look for a field, whatever the octets,', () => {
  test('agrees with decoding the whole table', () => {
    const key = fc.constantFrom('CC', 'BCC', 'x', '')
    const fields = fc
      .tuple(fieldTable, fc.array(fc.tuple(key, text(10)), { maxLength: 2 }))
      .map(
        ([more, few]) =>
          new Map<string, FieldValue>([...few.map(([k, v]) => [k, { tag: 'S', value: v }] as const), ...more]),
      )
    fc.assert(
      fc.property(fields, key, (all, wanted) => {
        const bytes = contents(all)
        const at = findField(bytes, 0, bytes.length, wanted)
        return isDeepStrictEqual(at === -1 ? undefined : decodeValueAt(bytes, at, bytes.length), all.get(wanted))
      }),
      cases(3000),
    )
  })

  test('stays within its range', () => {
    fc.assert(
      fc.property(octets(40), fc.nat(40), (bytes, to) => {
        const end = Math.min(to, bytes.length)
        try {
          const at = findField(bytes, 0, end, 'a')
          return at === -1 || skipValue(bytes, at, end) <= end
        } catch (error) {
          return error instanceof ProtocolError
        }
      }),
      cases(10_000),
    )
  })

  test('refuses a value that is not there', () => {
    expect(refusal(() => decodeValueAt(Buffer.of(0x56), 1, 2))).toContain('value missing')
    expect(refusal(() => skipValue(Buffer.of(0x56, 0x56), 1, 1))).toContain('value missing')
  })
})

describe('writing', () => {
  test('refuses a key longer than 255 octets', () => {
    expect(encodeTable(table({ ['é'.repeat(127)]: null })).length).toBe(4 + 1 + 254 + 1)
    expect(() => encodeTable(table({ ['é'.repeat(128)]: null }))).toThrow(rangeError)
  })

  test.each([
    [{ tag: 'b', value: 128 }],
    [{ tag: 'I', value: 2 ** 31 }],
    [{ tag: 'l', value: 2n ** 63n }],
    [{ tag: 'L', value: 1.5 }],
    [{ tag: 'T', value: -1 }],
  ] satisfies [FieldValue][])('refuses %p, which does not fit its tag', (value) => {
    expect(() => encodeTable(new Map([['k', value]]))).toThrow(rangeError)
  })

  test('refuses to write what there is no room for', () => {
    const fields = table({ key: 'text' })
    for (let room = 0; room < tableBytes(fields); room += 1) {
      expect(() => writeTable(fields, Buffer.alloc(room), 0)).toThrow(rangeError)
    }
    expect(() => writeShortstr('abc', Buffer.alloc(3), 0)).toThrow(rangeError)
  })
})

describe('plain values', () => {
  test('become the fields that a broker sends', () => {
    expect(
      table({
        text: 'a',
        flag: true,
        small: -(2 ** 31),
        big: 2 ** 31,
        huge: 2n ** 62n,
        half: 0.5,
        none: null,
        bytes: Uint8Array.of(1),
        list: ['a', 1],
        inner: { a: false },
      }),
    ).toEqual(
      new Map<string, FieldValue>([
        ['text', { tag: 'S', value: 'a' }],
        ['flag', { tag: 't', value: true }],
        ['small', { tag: 'I', value: -(2 ** 31) }],
        ['big', { tag: 'l', value: 2 ** 31 }],
        ['huge', { tag: 'l', value: 2n ** 62n }],
        ['half', { tag: 'd', value: 0.5 }],
        ['none', { tag: 'V', value: null }],
        ['bytes', { tag: 'x', value: Uint8Array.of(1) }],
        [
          'list',
          {
            tag: 'A',
            value: [
              { tag: 'S', value: 'a' },
              { tag: 'I', value: 1 },
            ],
          },
        ],
        ['inner', { tag: 'F', value: new Map([['a', { tag: 't', value: false }]]) }],
      ]),
    )
  })

  test('come back from a table, with text for what JSON cannot hold', () => {
    const fields = new Map<string, FieldValue>([
      ...table({ a: 'x', b: [1, { c: null }], d: true, e: 2n ** 62n, f: Buffer.from('hi') }),
      ['g', { tag: 'D', value: { scale: 2, value: 314 } }],
      ['__proto__', { tag: 'S', value: 'own' }],
    ])
    const plain = toPlain(fields)
    expect(JSON.parse(JSON.stringify(plain))).toEqual(
      JSON.parse(
        '{"a":"x","b":[1,{"c":null}],"d":true,"e":"4611686018427387904","f":"aGk=","g":3.14,"__proto__":"own"}',
      ),
    )
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype)
  })
})
