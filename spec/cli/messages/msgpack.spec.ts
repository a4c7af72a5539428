// MessagePack, value by value of its specification, and what is none.

import { decodeMsgpack } from '../../../src/cli/messages/msgpack.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('values', () => {
  it.each([
    ['c0', null],
    ['c2', false],
    ['c3', true],
    ['00', 0],
    ['7f', 127],
    ['ff', -1],
    ['e0', -32],
    ['cc ff', 255],
    ['cd ffff', 65535],
    ['ce ffffffff', 4294967295],
    ['cf 0000000000000001', 1],
    ['cf ffffffffffffffff', '18446744073709551615'],
    ['d0 80', -128],
    ['d1 8000', -32768],
    ['d2 80000000', -2147483648],
    ['d3 ffffffffffffffff', -1],
    ['ca 3fc00000', 1.5],
    ['cb 3ff8000000000000', 1.5],
    ['a1 61', 'a'],
    ['d9 01 61', 'a'],
    ['da 0001 61', 'a'],
    ['db 00000001 61', 'a'],
    ['c4 02 00ff', 'AP8='],
    ['c5 0001 00', 'AA=='],
    ['c6 00000001 00', 'AA=='],
    ['92 01 02', [1, 2]],
    ['dc 0001 01', [1]],
    ['dd 00000001 01', [1]],
    ['82 a1 61 01 02 c0', { a: 1, 2: null }],
    ['de 0001 a1 61 01', { a: 1 }],
    ['df 00000001 a1 61 01', { a: 1 }],
    ['d4 05 00', { type: 5, data: 'AA==' }],
    ['d8 ff 00000000000000000000000000000000', { type: -1, data: 'AAAAAAAAAAAAAAAAAAAAAA==' }],
    ['c7 01 05 00', { type: 5, data: 'AA==' }],
    ['c8 0001 05 00', { type: 5, data: 'AA==' }],
    ['c9 00000001 05 00', { type: 5, data: 'AA==' }],
  ])('%s', (octets, value) => {
    expect(decodeMsgpack(hex(octets))).toEqual(value)
  })

  it.each(['', 'c1', '92 01', '01 01', 'd9 05 61', '91'.repeat(200)])('are not in %s', (octets) => {
    expect(() => decodeMsgpack(hex(octets))).toThrow(RangeError)
  })
})
