// Method payloads: octets written by hand for what the table cannot say wrong of itself, round trips for all methods,
// and refusals for everything that is not quite a method.

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { table } from '../../src/protocol/field-table.ts'
import { decodeMethod, encodeMethod, methodBytes, writeMethod } from '../../src/protocol/method-codec.ts'
import { type Method, type MethodName, methodId, methods } from '../../src/protocol/methods.ts'
import { ConnectionError, ProtocolError } from '../../src/protocol/reply.ts'
import { anyMethod, cases, methodNames, methodOf, mutated, octets } from '../support/arbitraries.ts'

const decode = (bytes: Buffer): Method => decodeMethod(bytes, 0, bytes.length)
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/[ |]/g, ''), 'hex')
const rangeError = expect.objectContaining({ name: 'RangeError' })

const refusal = (bytes: Buffer): readonly unknown[] => {
  try {
    decode(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectionError)
    const { replyText, classId, methodId: id } = error as ConnectionError
    return [replyText, classId, id]
  }
  throw new Error('was accepted')
}

/** A method of each name with fields as short as they get. */
const smallest = (name: MethodName): Method => {
  const zero = { bit: false, shortstr: '', longstr: Buffer.alloc(0), table: new Map() } as const
  const fields = Object.entries<string>(methods[name].fields)
  return {
    name,
    ...Object.fromEntries(fields.map(([field, domain]) => [field, zero[domain as keyof typeof zero] ?? 0])),
  } as Method
}

const written: readonly [string, Method, string][] = [
  [
    'queue.declare, bits from the lowest',
    {
      name: 'queue.declare',
      reserved1: 0,
      queue: 'q',
      passive: false,
      durable: true,
      exclusive: false,
      autoDelete: true,
      noWait: false,
      arguments: table({ 'x-max-length': 5 }),
    },
    '0032 000a | 0000 | 01 71 | 0a | 00000012 0c 782d6d61782d6c656e677468 49 00000005',
  ],
  [
    'exchange.declare, its last bit alone',
    {
      name: 'exchange.declare',
      reserved1: 0,
      exchange: 'x',
      type: 'fanout',
      passive: false,
      durable: false,
      autoDelete: false,
      internal: false,
      noWait: true,
      arguments: table({}),
    },
    '0028 000a | 0000 | 01 78 | 06 66616e6f7574 | 10 | 00000000',
  ],
  [
    'basic.deliver, a bit between other fields',
    {
      name: 'basic.deliver',
      consumerTag: 'c',
      deliveryTag: 2 ** 40 + 2,
      redelivered: true,
      exchange: '',
      routingKey: 'é',
    },
    '003c 003c | 01 63 | 0000010000000002 | 01 | 00 | 02 c3a9',
  ],
  [
    'basic.nack, bits at the end',
    { name: 'basic.nack', deliveryTag: Number.MAX_SAFE_INTEGER, multiple: false, requeue: true },
    '003c 0078 | 001fffffffffffff | 02',
  ],
  [
    'connection.tune',
    { name: 'connection.tune', channelMax: 2047, frameMax: 131072, heartbeat: 60 },
    '000a 001e | 07ff | 00020000 | 003c',
  ],
  [
    'connection.start, octets and long strings',
    {
      name: 'connection.start',
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: table({}),
      mechanisms: Buffer.from('PLAIN'),
      locales: Buffer.from('en_US'),
    },
    '000a 000a | 00 | 09 | 00000000 | 00000005 504c41494e | 00000005 656e5f5553',
  ],
  ['tx.select, no arguments', { name: 'tx.select' }, '005a 000a'],
]

describe('a method', () => {
  test.each(written)('%s', (_, method, payload) => {
    expect(encodeMethod(method).toString('hex')).toBe(hex(payload).toString('hex'))
    expect(decode(hex(payload))).toEqual(method)
  })

  test.each(methodNames)('%s comes back as it was written', (name) => {
    fc.assert(
      fc.property(methodOf(name), (method) => {
        const payload = encodeMethod(method)
        const fits = payload.length === methodBytes(method) && payload.readUInt32BE(0) === methodId(name)
        return fits && isDeepStrictEqual(decode(payload), method)
      }),
      cases(60),
    )
  })

  test('has its fields in the order of the wire when it was read', () => {
    for (const name of methodNames) {
      expect(Object.keys(decode(encodeMethod(smallest(name))))).toEqual(['name', ...Object.keys(methods[name].fields)])
    }
  })

  test('has zeros for the reserved fields that were not given', () => {
    expect(decode(encodeMethod({ name: 'connection.open', virtualHost: '/' }))).toEqual({
      name: 'connection.open',
      virtualHost: '/',
      reserved1: '',
      reserved2: false,
    })
    expect(encodeMethod({ name: 'channel.open-ok' })).toEqual(hex('0014 000b 00000000'))
    expect(encodeMethod({ name: 'basic.get', queue: 'q', noAck: true })).toEqual(hex('003c 0046 0000 01 71 01'))
  })
})

describe('a payload', () => {
  test('is read from where it begins to where it ends', () => {
    const method: Method = { name: 'basic.cancel', consumerTag: 'tag', noWait: true }
    const bytes = Buffer.concat([Buffer.of(1, 2, 3), encodeMethod(method), Buffer.of(4, 5)])
    expect(decodeMethod(bytes, 3, bytes.length - 2)).toEqual(method)
  })

  test('is written where it is told to, and the position after it returned', () => {
    const method: Method = { name: 'basic.cancel-ok', consumerTag: 'tag' }
    const bytes = Buffer.alloc(12, 7)
    expect(writeMethod(method, bytes, 2)).toBe(10)
    expect(bytes).toEqual(Buffer.concat([Buffer.of(7, 7), encodeMethod(method), Buffer.of(7, 7)]))
  })

  test('shares no memory with the octets it came from', () => {
    const method: Method = {
      name: 'connection.start-ok',
      clientProperties: table({ product: 'x', id: Buffer.from('abc') }),
      mechanism: 'PLAIN',
      response: Buffer.from('\0u\0p'),
      locale: 'en_US',
    }
    const bytes = encodeMethod(method)
    const read = decode(bytes)
    bytes.fill(0)
    expect(read).toEqual(method)
  })
})

describe('arguments that do not decode', () => {
  test.each(methodNames)('of %s are refused wherever they end too soon, and with an octet too many', (name) => {
    const payload = encodeMethod(smallest(name))
    const ids = [methods[name].class, methods[name].method]
    for (let end = 4; end < payload.length; end += 1) {
      const shown = [...payload.subarray(4, end)].join(',')
      expect(refusal(payload.subarray(0, end))).toEqual([`FRAME_ERROR - cannot decode <<${shown}>>`, ...ids])
    }
    expect(refusal(Buffer.concat([payload, Buffer.of(0)]))).toEqual([
      `FRAME_ERROR - cannot decode <<${[...payload.subarray(4), 0].join(',')}>>`,
      ...ids,
    ])
  })

  test('are shown as numbers even where they print', () => {
    expect(refusal(hex('003c 001e 05 616263'))).toEqual(['FRAME_ERROR - cannot decode <<5,97,98,99>>', 60, 30])
  })

  test('are refused where a long string claims more than there is', () => {
    expect(refusal(hex('000a 0014 ffffffff'))[0]).toBe('FRAME_ERROR - cannot decode <<255,255,255,255>>')
  })

  test('are refused for their length before their text is looked at', () => {
    expect(refusal(hex('003c 001e 01 ff'))[0]).toBe('FRAME_ERROR - cannot decode <<1,255>>')
  })
})

describe('what a method holds', () => {
  test('is refused where a name is no UTF-8, without a word on the method', () => {
    expect(refusal(hex('0032 000a 0000 02 61ff 00 00000000'))).toEqual([
      'FRAME_ERROR - Malformed UTF-8 in shortstr',
      0,
      0,
    ])
    expect(refusal(hex('0014 000a 01 ff'))[0]).toBe('FRAME_ERROR - Malformed UTF-8 in shortstr')
  })

  test('may be any octets in the names of basic.publish, and stays what it is', () => {
    const publish = hex('003c 0028 0000 01 fe 02 61ff 00')
    expect(decode(publish)).toMatchObject({ name: 'basic.publish', exchange: '\udcfe', routingKey: 'a\udcff' })
    expect(encodeMethod(decode(publish))).toEqual(publish)
  })

  test('may be any octets in the names of other methods that content follows', () => {
    const deliver = hex('003c 003c 01 fd 0000000000000001 00 01 fe 01 ff')
    expect(decode(deliver)).toMatchObject({ consumerTag: '\udcfd', exchange: '\udcfe', routingKey: '\udcff' })
    expect(encodeMethod(decode(deliver))).toEqual(deliver)
  })

  test('may be bits that mean nothing', () => {
    expect(decode(hex('003c 0050 0000000000000001 ff'))).toEqual({ name: 'basic.ack', deliveryTag: 1, multiple: true })
    expect(decode(hex('003c 0050 0000000000000001 fe'))).toMatchObject({ multiple: false })
  })

  test('is Infinity where a longlong is no safe integer', () => {
    expect(decode(hex('003c 0050 0020000000000000 00'))).toMatchObject({ deliveryTag: Infinity })
    expect(decode(hex('003c 0050 ffffffffffffffff 00'))).toMatchObject({ deliveryTag: Infinity })
    expect(decode(hex('003c 0050 001fffffffffffff 00'))).toMatchObject({ deliveryTag: Number.MAX_SAFE_INTEGER })
  })

  test('is refused for a damaged table, ids left to the place that answers', () => {
    expect(refusal(hex('0032 000a 0000 01 61 00 00000003 01 6b 57'))).toEqual([
      'FRAME_ERROR - cannot parse field table: unknown type 87',
      undefined,
      undefined,
    ])
  })
})

describe('a method that does not exist', () => {
  test('is refused with its numbers', () => {
    expect(refusal(hex('003c 03e7 00'))).toEqual(['COMMAND_INVALID - unknown method 60/999', 60, 999])
    expect(refusal(hex('ffff ffff'))).toEqual(['COMMAND_INVALID - unknown method 65535/65535', 65535, 65535])
  })

  test('is refused where not even its numbers are there', () => {
    expect(refusal(hex('003c 00'))).toEqual(['FRAME_ERROR - cannot decode <<0,60,0>>', 0, 0])
    expect(refusal(Buffer.alloc(0))).toEqual(['FRAME_ERROR - cannot decode <<>>', 0, 0])
  })
})

/** Whether the payload is refused as a peer's fault should be. Throws what is our own. */
const isRefused = (payload: Buffer): boolean => {
  try {
    decode(payload)
    return false
  } catch (error) {
    if (error instanceof ProtocolError) return true
    throw error
  }
}

describe('any octets', () => {
  test('behind the ids of a method are refused with a protocol error or are that method', () => {
    const payload = fc.tuple(fc.constantFrom(...methodNames), octets(40)).map(([name, rest]) => {
      const head = Buffer.alloc(4)
      head.writeUInt32BE(methodId(name))
      return Buffer.concat([head, rest])
    })
    fc.assert(
      fc.property(payload, (bytes) => isRefused(bytes) || methodId(decode(bytes).name) === bytes.readUInt32BE(0)),
      cases(20_000),
    )
  })

  test('at all are refused with a protocol error, or are a method', () => {
    fc.assert(
      fc.property(octets(30), (bytes) => isRefused(bytes) || methodBytes(decode(bytes)) <= bytes.length),
      cases(10_000),
    )
  })

  test('that were a method before they were damaged are refused with a protocol error, or can be written again', () => {
    const sound = fc.sample(anyMethod, cases(1000)).map(encodeMethod)
    let refused = 0
    fc.assert(
      fc.property(mutated(fc.constantFrom(...sound)), (bytes) => {
        if (isRefused(bytes)) {
          refused += 1
          return true
        }
        const method = decode(bytes)
        // Never longer: of a table's fields with one key the first is kept.
        return Object.values(method).includes(Infinity) || encodeMethod(method).length <= bytes.length
      }),
      cases(30_000),
    )
    expect(refused).toBeGreaterThan(10_000)
    expect(refused).toBeLessThan(29_000)
  })
})

describe('writing', () => {
  test('refuses a shortstr longer than 255 octets', () => {
    const cancel = (consumerTag: string): Method => ({ name: 'basic.cancel-ok', consumerTag })
    expect(decode(encodeMethod(cancel('a'.repeat(255))))).toEqual(cancel('a'.repeat(255)))
    expect(() => encodeMethod(cancel('a'.repeat(256)))).toThrow(rangeError)
    expect(() => encodeMethod(cancel('é'.repeat(128)))).toThrow(rangeError)
  })

  test.each([
    [{ name: 'queue.purge-ok', messageCount: 2 ** 32 }],
    [{ name: 'access.request-ok', ticket: -1 }],
    [{ name: 'basic.ack', deliveryTag: 2 ** 53, multiple: false }],
    [{ name: 'basic.ack', deliveryTag: -1, multiple: false }],
    [{ name: 'basic.ack', deliveryTag: 0.5, multiple: false }],
  ] satisfies [Method][])('refuses %j, which does not fit', (method) => {
    expect(() => encodeMethod(method)).toThrow(rangeError)
  })

  test('refuses to write what there is no room for', () => {
    const method: Method = { name: 'connection.blocked', reason: 'low on memory' }
    for (let room = 0; room < methodBytes(method); room += 1) {
      expect(() => writeMethod(method, Buffer.alloc(room), 0)).toThrow(rangeError)
    }
  })
})
