// What a frame is, by its type and its size.

import { FRAME_BODY, FRAME_HEADER, FRAME_HEARTBEAT, FRAME_METHOD } from '../../src/protocol/frame.ts'
import { BODY_END, BODY_PIECE } from '../../src/protocol/frame-decoder.ts'
import { encodeMethod } from '../../src/protocol/method-codec.ts'
import { decodeZero, isBody, isChannelFrame, isMethodFrame } from '../../src/session/frame-kinds.ts'
import { connectionError } from '../support/errors.ts'

describe('a frame', () => {
  it('is a method where it has room for its class and its method', () => {
    expect([3, 4, 5].map((bytes) => isMethodFrame(FRAME_METHOD, bytes))).toEqual([false, true, true])
    expect(isMethodFrame(FRAME_HEADER, 10)).toBe(false)
  })

  it('is a body in whole, in pieces or at its end, and nothing that only ends like one', () => {
    expect([FRAME_BODY, BODY_PIECE, BODY_END, FRAME_BODY | 0x4000, FRAME_HEADER].map(isBody)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('goes to a channel where it is a method, a header or a body', () => {
    const types = [FRAME_METHOD, FRAME_HEADER, FRAME_BODY, FRAME_HEARTBEAT, 5]
    expect(types.map((type) => isChannelFrame(type, 4))).toEqual([true, true, true, false, false])
    expect(isChannelFrame(FRAME_METHOD, 3)).toBe(false)
  })
})

describe('a method on channel 0', () => {
  it('is decoded', () => {
    const bytes = encodeMethod({ name: 'connection.close-ok' })
    expect(decodeZero(bytes, 0, bytes.length)).toEqual({ name: 'connection.close-ok' })
  })

  it('that does not decode is answered with 541, one that is unknown is not', () => {
    const cut = encodeMethod({ name: 'connection.tune-ok', channelMax: 1, frameMax: 2, heartbeat: 3 }).subarray(0, 6)
    expect(() => decodeZero(cut, 0, cut.length)).toThrow(connectionError(541, ''))
  })
})
