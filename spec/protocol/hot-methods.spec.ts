// The readers of the hot path against those that binary-parser compiles from the grammar: what one accepts, refuses or
// reads, the other must.

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import {
  deliveryTagAt,
  IMMEDIATE,
  MANDATORY,
  MULTIPLE,
  NACK_REQUEUE,
  REJECT_REQUEUE,
  ROUTING_AT,
  readPublish,
  readTag,
} from '../../src/protocol/hot-methods.ts'
import { decodeMethod, encodeMethod } from '../../src/protocol/method-codec.ts'
import { type Method, type MethodName, methodId } from '../../src/protocol/methods.ts'
import { ConnectionError } from '../../src/protocol/reply.ts'
import { decodeText } from '../../src/protocol/utf8.ts'
import { cases, methodOf, mutated, octets } from '../support/arbitraries.ts'

type Settle = 'basic.ack' | 'basic.nack' | 'basic.reject'

/** What `read` returns, or code, text and ids of its refusal. */
const outcome = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    return [error.code, error.replyText, error.classId, error.methodId]
  }
}

const shortstrs = (bytes: Buffer): readonly string[] => {
  const key = 1 + (bytes[0] ?? 0)
  return [decodeText(bytes, 1, key), decodeText(bytes, key + 1, bytes.length)]
}

const readHotPublish = (bytes: Buffer, start: number, end: number): Method => {
  const bits = readPublish(bytes, start, end)
  const [exchange = '', routingKey = ''] = shortstrs(bytes.subarray(start + ROUTING_AT, end - 1))
  return {
    name: 'basic.publish',
    reserved1: bytes.readUInt16BE(start + 4),
    exchange,
    routingKey,
    mandatory: (bits & MANDATORY) !== 0,
    immediate: (bits & IMMEDIATE) !== 0,
  }
}

const readHotSettle = (name: Settle, bytes: Buffer, start: number, end: number): Method => {
  const deliveryTag = readTag(bytes, start, end)
  const bits = bytes[end - 1] ?? 0
  if (name === 'basic.reject') return { name, deliveryTag, requeue: (bits & REJECT_REQUEUE) !== 0 }
  const multiple = (bits & MULTIPLE) !== 0
  return name === 'basic.ack'
    ? { name, deliveryTag, multiple }
    : { name, deliveryTag, multiple, requeue: (bits & NACK_REQUEUE) !== 0 }
}

/** The payload between octets of other frames, so that a reader which strays finds something to read. */
const framed = (payload: Buffer): [Buffer, number, number] => [
  Buffer.concat([Buffer.alloc(5, 0x01), payload, Buffer.alloc(300, 0x01)]),
  5,
  5 + payload.length,
]

const withHead = (name: MethodName, rest: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(methodId(name))
  return Buffer.concat([head, rest])
}

/** Payloads of a method: sound ones, damaged ones (the ids left alone) and any octets. */
const payloads = (name: MethodName): fc.Arbitrary<Buffer> => {
  const sound = fc.sample(methodOf(name).map(encodeMethod), cases(300))
  const rest = fc.constantFrom(...sound.map((payload) => payload.subarray(4)))
  return fc.oneof(
    fc.constantFrom(...sound),
    fc.oneof(mutated(rest), octets(16)).map((bytes) => withHead(name, bytes)),
  )
}

const agree = (name: MethodName, hot: (bytes: Buffer, start: number, end: number) => Method): void => {
  let accepted = 0
  let refused = 0
  fc.assert(
    fc.property(payloads(name), (payload) => {
      const [bytes, start, end] = framed(payload)
      const expected = outcome(() => decodeMethod(bytes, start, end))
      if (Array.isArray(expected)) refused += 1
      else accepted += 1
      return isDeepStrictEqual(
        outcome(() => hot(bytes, start, end)),
        expected,
      )
    }),
    cases(6000),
  )
  expect(accepted).toBeGreaterThan(1000)
  expect(refused).toBeGreaterThan(1000)
}

test('basic.publish is read as its compiled reader reads it', () => {
  agree('basic.publish', readHotPublish)
})

test.each<Settle>(['basic.ack', 'basic.nack', 'basic.reject'])('%s is read as its compiled reader reads it', (name) => {
  agree(name, (bytes, start, end) => readHotSettle(name, bytes, start, end))
})

test('a publish that ends within its exchange is refused, whatever lies behind it', () => {
  const [bytes, start] = framed(withHead('basic.publish', Buffer.from([0, 0, 3, 0x61])))
  for (let end = start + 4; end <= start + 8; end += 1) {
    expect(() => readPublish(bytes, start, end)).toThrow('cannot decode')
  }
})

test.each([
  ['0000000000000000', 0],
  ['0000000000000001', 1],
  ['00000000ffffffff', 2 ** 32 - 1],
  ['0000000100000000', 2 ** 32],
  ['001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['0020000000000000', Number.POSITIVE_INFINITY],
  ['ffffffffffffffff', Number.POSITIVE_INFINITY],
])('the delivery tag %s is %d', (hex, tag) => {
  expect(deliveryTagAt(Buffer.from(`ff${hex}ff`, 'hex'), 1)).toBe(tag)
})
