// Content headers: octets written by hand, round trips, what is looked up against what is decoded, and every way for a
// header to be not quite one (behaviour.md §3, "content properties that do not decode").

import fc from 'fast-check'
import { type FieldTable, table } from '../../src/protocol/field-table.ts'
import {
  DELIVERY_MODE,
  decodeProperties,
  EXPIRATION,
  encodeHeader,
  HEADERS,
  hasExpiration,
  hasHeader,
  hasPriority,
  headersAt,
  locateProperties,
  PRIORITY,
  type Properties,
  propertyOffsets,
  REPLY_TO,
  replaceHeaders,
  replaceShortstr,
  rewriteHeader,
  shortstrAt,
  soleDeliveryMode,
  USER_ID,
} from '../../src/protocol/properties.ts'
import { ConnectionError } from '../../src/protocol/reply.ts'
import { cases, fieldTable, mutated, octets, text } from '../support/arbitraries.ts'

const BEFORE = 5
const undecodable = expect.objectContaining({ replyText: 'INTERNAL_ERROR', classId: 0, methodId: 0 })

/** The header between octets of other frames, so that a reader which strays finds something to read. */
function framed(header: Buffer): [bytes: Buffer, start: number, end: number] {
  const bytes = Buffer.concat([Buffer.alloc(BEFORE, 0x01), header, Buffer.alloc(300, 0x01)])
  return [bytes, BEFORE, BEFORE + header.length]
}

function decode(header: Buffer): Properties {
  return decodeProperties(...framed(header))
}

function locate(header: Buffer): { readonly bytes: Buffer; readonly offsets: Int32Array } {
  const [bytes, start, end] = framed(header)
  const offsets = propertyOffsets()
  locateProperties(bytes, start, end, offsets)
  return { bytes, offsets }
}

/** The header with these flags and these octets behind them. */
function headerOf(flags: number, rest = ''): Buffer {
  const head = Buffer.alloc(14)
  head.writeUInt16BE(60, 0)
  head.writeUInt16BE(flags, 12)
  return Buffer.concat([head, Buffer.from(rest, 'hex')])
}

function outcome<T>(read: () => T): T | 'refused' {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    return 'refused'
  }
}

const shortstr = text(60)
const properties: fc.Arbitrary<Properties> = fc.record(
  {
    contentType: shortstr,
    contentEncoding: shortstr,
    headers: fieldTable,
    deliveryMode: fc.nat(255),
    priority: fc.nat(255),
    correlationId: shortstr,
    replyTo: shortstr,
    expiration: shortstr,
    messageId: shortstr,
    timestamp: fc.nat(Number.MAX_SAFE_INTEGER),
    type: shortstr,
    userId: shortstr,
    appId: shortstr,
    clusterId: shortstr,
  },
  { requiredKeys: [], noNullPrototype: true },
)

const all = {
  contentType: 'a',
  contentEncoding: 'é',
  headers: table({ k: 1 }),
  deliveryMode: 2,
  priority: 9,
  correlationId: 'b',
  replyTo: 'c',
  expiration: '60000',
  messageId: 'd',
  timestamp: 2 ** 33,
  type: 'e',
  userId: 'f',
  appId: 'g',
  clusterId: 'h',
} as const satisfies Properties
const allHex = `003c 0000 000000010000000a fffc
  0161 02c3a9 00000007 016b4900000001 02 09 0162 0163 053630303030 0164 0000000200000000 0165 0166 0167 0168`

describe('a content header', () => {
  it('is class, weight, body size, flags, and the properties in the order of the grammar', () => {
    const header = encodeHeader(all, 2 ** 32 + 10)
    expect(header.toString('hex')).toBe(allHex.replace(/\s/g, ''))
    expect(decode(header)).toEqual(all)
  })

  it.each([
    [0x8000, '0161', { contentType: 'a' }],
    [0x4000, '0161', { contentEncoding: 'a' }],
    [0x2000, '00000000', { headers: table({}) }],
    [0x1000, '01', { deliveryMode: 1 }],
    [0x0800, 'ff', { priority: 255 }],
    [0x0400, '0161', { correlationId: 'a' }],
    [0x0200, '0161', { replyTo: 'a' }],
    [0x0100, '0161', { expiration: 'a' }],
    [0x0080, '0161', { messageId: 'a' }],
    [0x0040, '0000000000000001', { timestamp: 1 }],
    [0x0020, '0161', { type: 'a' }],
    [0x0010, '0161', { userId: 'a' }],
    [0x0008, '00', { appId: '' }],
    [0x0004, '0161', { clusterId: 'a' }],
    [0x0000, '', {}],
  ])('with flags %d and octets %s is %j', (flags, rest, expected) => {
    expect(decode(headerOf(flags, rest))).toEqual(expected)
    expect(encodeHeader(expected, 0)).toEqual(headerOf(flags, rest))
  })

  it('comes back from its octets, whatever it has', () => {
    fc.assert(
      fc.property(properties, fc.nat(Number.MAX_SAFE_INTEGER), (given, bodyBytes) => {
        const header = encodeHeader(given, bodyBytes)
        expect(decode(header)).toEqual(given)
        expect(header.readBigUInt64BE(4)).toBe(BigInt(bodyBytes))
      }),
      cases(600),
    )
  })

  it('keeps octets that are no UTF-8 apart, and gives them back', () => {
    const one = headerOf(0x0400, '02ff61')
    const other = headerOf(0x0400, '02fe61')
    expect(decode(one)).not.toEqual(decode(other))
    expect(encodeHeader(decode(one), 0)).toEqual(one)
  })

  it('has no room for a property over 255 octets', () => {
    expect(decode(encodeHeader({ appId: 'a'.repeat(255) }, 0)).appId).toHaveLength(255)
    for (const appId of ['a'.repeat(256), 'é'.repeat(128)]) expect(() => encodeHeader({ appId }, 0)).toThrow(RangeError)
  })
})

describe('looking properties up', () => {
  it('finds what decoding finds, and where nothing is, nothing', () => {
    fc.assert(
      fc.property(properties, (given) => {
        const { bytes, offsets } = locate(encodeHeader(given, 0))
        const read = <T>(index: number, at: (offset: number) => T): T | undefined => {
          const offset = offsets[index] as number
          return offset < 0 ? undefined : at(offset)
        }
        expect([
          read(HEADERS, (at) => headersAt(bytes, at)),
          read(DELIVERY_MODE, (at) => bytes[at]),
          read(PRIORITY, (at) => bytes[at]),
          read(REPLY_TO, (at) => shortstrAt(bytes, at)),
          read(EXPIRATION, (at) => shortstrAt(bytes, at)),
          read(USER_ID, (at) => shortstrAt(bytes, at)),
        ]).toEqual([given.headers, given.deliveryMode, given.priority, given.replyTo, given.expiration, given.userId])
      }),
      cases(600),
    )
  })

  it('forgets the message before', () => {
    const offsets = propertyOffsets()
    locateProperties(...framed(encodeHeader(all, 0)), offsets)
    expect([...offsets]).not.toContain(-1)
    locateProperties(...framed(encodeHeader({}, 0)), offsets)
    expect(new Set(offsets)).toEqual(new Set([-1]))
  })

  it('knows a header by its exact name', () => {
    const { bytes, offsets } = locate(encodeHeader({ headers: table({ CC: 'x', bcc: 1, C: null }) }, 0))
    const at = offsets[HEADERS] as number
    const names = ['CC', 'C', 'BCC', 'bcc', 'CCC', '']
    expect(names.map((name) => hasHeader(bytes, at, name))).toEqual([true, true, false, true, false, false])
  })

  it('knows an expiration and a priority by their flags alone', () => {
    const has = (given: Properties) => {
      const [bytes, start] = framed(encodeHeader(given, 0))
      return [hasExpiration(bytes, start), hasPriority(bytes, start)]
    }
    const { expiration: _, priority: __, ...others } = all
    expect([all, { expiration: '' }, { priority: 0 }, others].map(has)).toEqual([
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ])
  })

  it.each<[Properties, number]>([
    [{}, 0],
    [{ deliveryMode: 2 }, 2],
    [{ deliveryMode: 0 }, 0],
    [{ deliveryMode: 255 }, 255],
    [{ deliveryMode: 2, priority: 1 }, -1],
    [{ deliveryMode: 2, appId: '' }, -1],
    [{ contentType: '' }, -1],
    [{ messageId: '' }, -1],
    [all, -1],
  ])('takes a short way where there is none but the delivery mode: %j', (given, expected) => {
    expect(soleDeliveryMode(...framed(encodeHeader(given, 0)))).toBe(expected)
  })
})

describe('a header that is not quite one', () => {
  it('is refused wherever it is cut short', () => {
    const whole = encodeHeader(all, 5)
    for (let end = 0; end < whole.length; end += 1) {
      expect(() => locate(whole.subarray(0, end))).toThrow(undecodable)
      expect(() => decode(whole.subarray(0, end))).toThrow(undecodable)
    }
  })

  it.each([{}, { deliveryMode: 2 }, all] satisfies Properties[])('is refused with an octet too many: %j', (given) => {
    expect(() => locate(Buffer.concat([encodeHeader(given, 5), Buffer.of(0)]))).toThrow(undecodable)
  })

  it.each([1, 2, 3])('is refused with flags that mean nothing: %d', (flags) => {
    expect(() => locate(headerOf(flags))).toThrow(undecodable)
    expect(() => locate(headerOf(flags | 0x1000, '02'))).toThrow(undecodable)
    expect(() => locate(headerOf(flags, '0000'))).toThrow(undecodable)
  })

  it('is refused where a table reaches beyond it', () => {
    for (const size of ['00000001', '7fffffff', 'ffffffff']) {
      expect(() => locate(headerOf(0x2000, size))).toThrow(undecodable)
    }
  })

  it.each([
    ['an unknown type', '00000003 01615a'],
    ['a key longer than the table', '00000002 0561'],
    ['a string longer than the table', '00000007 01615300000009'],
    ['a value missing', '00000002 0161'],
    ['an unknown type in a table', '0000000a 0161 46 00000003 01625a'],
    ['an unknown type in an array', '00000008 0161 41 00000001 5a'],
  ])('is refused with %s in its headers, whoever looks at them', (_, hex) => {
    const header = headerOf(0x2000, hex.replaceAll(' ', ''))
    expect(() => locate(header)).toThrow(undecodable)
    expect(() => decode(header)).toThrow(undecodable)
  })

  it('is never more than refused, whatever is damaged', () => {
    const sound = fc.sample(properties, cases(400)).map((given) => encodeHeader(given, 0))
    let accepted = 0
    let refused = 0
    const offsets = propertyOffsets()
    fc.assert(
      fc.property(fc.oneof(mutated(fc.constantFrom(...sound)), octets(40)), (header) => {
        const [bytes, start, end] = framed(header)
        const located = outcome(() => locateProperties(bytes, start, end, offsets))
        if (located === 'refused') {
          refused += 1
          return outcome(() => decode(header)) === 'refused'
        }
        accepted += 1
        const headers = offsets[HEADERS] as number
        if (headers >= 0) hasHeader(bytes, headers, 'CC')
        decode(header)
        return true
      }),
      cases(20_000),
    )
    expect(accepted).toBeGreaterThan(500)
    expect(refused).toBeGreaterThan(5000)
  })
})

describe('replacing the headers', () => {
  it('leaves every other octet as it came', () => {
    fc.assert(
      fc.property(properties, fieldTable, fieldTable, (given, before, after) => {
        const header = encodeHeader({ ...given, headers: before }, 77)
        const [bytes, start, end] = framed(header)
        const { offsets } = locate(header)
        const replaced = replaceHeaders(bytes, start, end, offsets[HEADERS] as number, after)
        expect(replaced.equals(encodeHeader({ ...given, headers: after }, 77))).toBe(true)
      }),
      cases(400),
    )
  })

  it.each([true, false])('or setting one where there may be none, expiration kept: %s', (keeps) => {
    fc.assert(
      fc.property(properties, fieldTable, (given, headers) => {
        const header = encodeHeader(given, 77)
        const [bytes, start, end] = framed(header)
        const offsets = propertyOffsets()
        locateProperties(bytes, start, end, offsets)
        const { expiration, ...others } = given
        const kept = keeps && expiration !== undefined ? { ...others, expiration } : others
        const rewritten = rewriteHeader(bytes, start, end, offsets, headers, keeps)
        expect(rewritten.equals(encodeHeader({ ...kept, headers }, 77))).toBe(true)
      }),
      cases(400),
    )
  })

  it('and a shortstr leaves them, too', () => {
    fc.assert(
      fc.property(properties, (given) => {
        const header = encodeHeader({ ...given, replyTo: 'before' }, 77)
        const [bytes, start, end] = framed(header)
        const at = locate(header).offsets[REPLY_TO] as number
        const replaced = replaceShortstr(bytes, start, end, at, 'somewhere else')
        expect(replaced.equals(encodeHeader({ ...given, replyTo: 'somewhere else' }, 77))).toBe(true)
      }),
      cases(400),
    )
  })

  it('keeps octets that this broker would not write itself', () => {
    // Strings that are no UTF-8, two entries of one key, a bool of 7.
    const [type, headers, appId] = ['02ff61', '0000000b 01617407 01617400 016256', '01fe']
    const header = headerOf(0xa008, `${type}${headers.replaceAll(' ', '')}${appId}`)
    const { bytes, offsets } = locate(header)
    const empty: FieldTable = new Map()
    const replaced = replaceHeaders(bytes, BEFORE, BEFORE + header.length, offsets[HEADERS] as number, empty)
    expect(replaced).toEqual(headerOf(0xa008, `${type}00000000${appId}`))
  })
})
