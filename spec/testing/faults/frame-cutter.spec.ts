// Streams of octets in pieces that are frames.

import fc from 'fast-check'
import { PROTOCOL_HEADER } from '../../../src/protocol/frame.ts'
import { encodeMethod } from '../../../src/protocol/method-codec.ts'
import type { Method } from '../../../src/protocol/methods.ts'
import { FrameCutter, type Piece } from '../../../src/testing/faults/frame-cutter.ts'

function frame(type: number, channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7)
  head.writeUInt8(type, 0)
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.from([0xce])])
}

const method = (channel: number, method: Method) => frame(1, channel, encodeMethod(method))
const publish = { name: 'basic.publish', exchange: 'e', routingKey: 'k', mandatory: false, immediate: false } as const
const stream = [
  method(1, publish),
  frame(2, 1, Buffer.alloc(14)),
  method(2, { name: 'tx.select' }),
  frame(3, 1, Buffer.from('body')),
  frame(8, 0, Buffer.alloc(0)),
]
const told = ({ channel, method, first }: Piece) => [channel, method, first]

describe('a frame cutter', () => {
  it('tells the method of each frame, and that of a content also of its frames', () => {
    const pieces = new FrameCutter(true).cut(Buffer.concat([PROTOCOL_HEADER, ...stream]))
    expect(pieces.map(told)).toEqual([
      [0, null, false],
      [1, 'basic.publish', true],
      [1, 'basic.publish', false],
      [2, 'tx.select', true],
      [1, 'basic.publish', false],
      [0, null, false],
    ])
    expect(pieces.map(({ bytes }) => bytes)).toEqual([PROTOCOL_HEADER, ...stream])
  })

  it('does so wherever the stream is split, and loses nothing', () => {
    const whole = Buffer.concat([PROTOCOL_HEADER, ...stream])
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
        const cutter = new FrameCutter(true)
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const pieces = at.slice(1).flatMap((end, i) => cutter.cut(whole.subarray(at[i], end)))
        expect(pieces).toHaveLength(1 + stream.length)
        expect(Buffer.concat(pieces.map(({ bytes }) => bytes))).toEqual(whole)
      }),
    )
  })

  it('leaves out what has gone ahead of a frame, and heartbeats before it', () => {
    const [heartbeat, closeOk] = [frame(8, 0, Buffer.alloc(0)), method(0, { name: 'connection.close-ok' })]
    const cutter = new FrameCutter(false)
    cutter.begin(3)
    expect(cutter.cut(heartbeat)).toEqual([])
    const pieces = cutter.cut(Buffer.concat([closeOk, heartbeat, closeOk]))
    expect(pieces.map(told)).toEqual([
      [0, 'connection.close-ok', true],
      [0, null, false],
      [0, 'connection.close-ok', true],
    ])
    expect(pieces.map(({ bytes }) => bytes)).toEqual([closeOk.subarray(3), heartbeat, closeOk])
  })

  it('lets through as it comes what is no stream of frames', () => {
    const cutter = new FrameCutter(false)
    const garbage = Buffer.concat([frame(1, 1, Buffer.alloc(4)), Buffer.from('GET / HTTP/1.1\r\n\r\n')])
    expect(Buffer.concat(cutter.cut(garbage).map(({ bytes }) => bytes))).toEqual(garbage)
    expect(cutter.cut(Buffer.from([1])).map(({ bytes }) => bytes)).toEqual([Buffer.from([1])])
    const wrongEnd = frame(1, 1, Buffer.alloc(4))
    wrongEnd[wrongEnd.length - 1] = 0
    expect(new FrameCutter(false).cut(wrongEnd)).toHaveLength(1)
  })
})
