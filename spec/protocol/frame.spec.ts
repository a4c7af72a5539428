// Numbers and frames on the wire against octets written by hand, and every writer against the octets around it: nothing
// writes more than it says.

import fc from 'fast-check'
import {
  copyBytes,
  FRAME_END,
  FRAME_METHOD,
  HEARTBEAT_FRAME,
  methodFrameBytes,
  PROTOCOL_HEADER,
  readUint32,
  readUint64,
  writeFrameHead,
  writeMethodFrame,
  writeUint32,
  writeUint64,
} from '../../src/protocol/frame.ts'
import { decodeMethod } from '../../src/protocol/method-codec.ts'
import { anyMethod, cases } from '../support/arbitraries.ts'

const AROUND = 0xa5

/** Runs `write` at position 3 of a buffer of equal octets; returns what it wrote, having checked the rest. */
function written(room: number, write: (bytes: Buffer, at: number) => number): Buffer {
  const bytes = Buffer.alloc(room + 6, AROUND)
  const end = write(bytes, 3)
  expect(bytes.subarray(0, 3).equals(Buffer.alloc(3, AROUND))).toBe(true)
  expect(bytes.subarray(end).equals(Buffer.alloc(bytes.length - end, AROUND))).toBe(true)
  return bytes.subarray(3, end)
}

describe('numbers', () => {
  test.each([
    [0, '00000000'],
    [1, '00000001'],
    [0x01020304, '01020304'],
    [0x7fffffff, '7fffffff'],
    [0x80000000, '80000000'],
    [0xffffffff, 'ffffffff'],
  ])('a long of %d is %s', (value, hex) => {
    expect(written(4, (bytes, at) => writeUint32(bytes, at, value)).toString('hex')).toBe(hex)
    expect(readUint32(Buffer.from(`ff${hex}ff`, 'hex'), 1)).toBe(value)
  })

  test.each([
    [0, '0000000000000000'],
    [0xffffffff, '00000000ffffffff'],
    [2 ** 32, '0000000100000000'],
    [2 ** 33 + 5, '0000000200000005'],
    [Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
  ])('a longlong of %d is %s', (value, hex) => {
    expect(written(8, (bytes, at) => writeUint64(bytes, at, value)).toString('hex')).toBe(hex)
    expect(readUint64(Buffer.from(`ff${hex}ff`, 'hex'), 1)).toBe(value)
  })

  test('any safe integer comes back from a longlong', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (value) => {
        const bytes = written(8, (bytes, at) => writeUint64(bytes, at, value))
        return readUint64(bytes, 0) === value && bytes.readBigUInt64BE() === BigInt(value)
      }),
      cases(1000),
    )
  })

  test('a longlong beyond the safe integers is read rounded, not wrapped', () => {
    expect(readUint64(Buffer.from('ffffffffffffffff', 'hex'), 0)).toBe(2 ** 64)
    expect(readUint64(Buffer.from('0020000000000001', 'hex'), 0)).toBe(2 ** 53)
  })
})

test('octets are copied from anywhere to anywhere, few or many', () => {
  const source = Buffer.from(Array.from({ length: 100 }, (_, i) => i)).subarray(7)
  for (let length = 0; length <= 60; length += 1) {
    const copy = written(length, (bytes, at) => copyBytes(source, 5, 5 + length, bytes, at))
    expect([...copy]).toEqual(Array.from({ length }, (_, i) => i + 12))
  }
})

describe('frames', () => {
  test('a head is type, channel and size', () => {
    const head = written(7, (bytes, at) => writeFrameHead(bytes, at, 3, 0x0102, 0x0a0b0c0d))
    expect(head.toString('hex')).toBe('0301020a0b0c0d')
  })

  test('the heartbeat and the protocol header are what the specification says (§4.2.7, §4.2.2)', () => {
    expect(HEARTBEAT_FRAME.toString('hex')).toBe('08000000000000ce')
    expect(PROTOCOL_HEADER.toString('hex')).toBe('414d515000000901')
  })

  test('a method frame is head, payload and end', () => {
    const frame = written(40, (bytes, at) =>
      writeMethodFrame(bytes, at, 0x1234, { name: 'basic.ack', deliveryTag: 5, multiple: true }),
    )
    expect(frame.toString('hex')).toBe(`011234 0000000d 003c0050 0000000000000005 01 ce`.replaceAll(' ', ''))
  })

  test('every method is framed in as many octets as announced', () => {
    fc.assert(
      fc.property(anyMethod, fc.nat(0xffff), (method, channel) => {
        const size = methodFrameBytes(method)
        const frame = written(size, (bytes, at) => writeMethodFrame(bytes, at, channel, method))
        expect(frame).toHaveLength(size)
        expect([frame[0], frame.readUInt16BE(1), frame.readUInt32BE(3)]).toEqual([FRAME_METHOD, channel, size - 8])
        expect(frame[size - 1]).toBe(FRAME_END)
        expect(decodeMethod(frame, 7, size - 1)).toEqual(method)
      }),
      cases(300),
    )
  })
})
