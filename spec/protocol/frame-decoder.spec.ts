// The push decoder against one that looks at the whole stream at once: however a stream is cut into chunks, the same
// frames come out, and the same error ends it (behaviour.md §3).

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { BODY_END, BODY_PIECE, FrameDecoder, type FrameSink } from '../../src/protocol/frame-decoder.ts'
import { encodeMethod } from '../../src/protocol/method-codec.ts'
import { encodeHeader } from '../../src/protocol/properties.ts'
import { ConnectionError, NO_METHOD } from '../../src/protocol/reply.ts'
import { anyMethod, cases, mutated, octets } from '../support/arbitraries.ts'
import {
  anyFrame,
  chunked,
  cuts,
  type Frame,
  FrameCollector,
  frameBytes,
  naiveReading,
  type Reading,
} from '../support/frames.ts'

const LIMIT = 4096
const SPACE = /\s/g

/** What the decoder makes of `chunks`, given one by one. */
function reading(chunks: readonly Buffer[], limit = LIMIT): Reading {
  const collector = new FrameCollector()
  const decoder = new FrameDecoder(collector, limit)
  try {
    for (const chunk of chunks) decoder.push(chunk)
  } catch (error) {
    return { frames: collector.frames, failure: failureOf(error) }
  }
  return { frames: collector.frames, failure: null }
}

/** Why a stream was given up; fails for any error but the one that is allowed. */
function failureOf(error: unknown): Reading['failure'] {
  expect(error).toBeInstanceOf(ConnectionError)
  const { code, lostSync, classId, methodId, message } = error as ConnectionError
  expect({ code, lostSync, classId, methodId }).toEqual({ code: 501, lostSync: true, ...NO_METHOD })
  const why = /\{(frame_too_large|invalid_frame_end_marker),(\d+)(,\d+)?\}$/.exec(message.replace(SPACE, ''))
  return [why?.[1] === 'frame_too_large' ? 'too large' : 'bad end', Number(why?.[2])]
}

function frame(type: number, channel: number, payload: Buffer | string): Frame {
  return { type, channel, payload: Buffer.from(payload) }
}

/** All kinds of frames: empty, small, and too large for any chunk that the specs below cut. */
const kinds: readonly Frame[] = [
  frame(1, 1, encodeMethod({ name: 'channel.open', reserved1: '' })),
  frame(8, 0, ''),
  frame(1, 1, Buffer.alloc(21, 1)),
  frame(2, 1, encodeHeader({ deliveryMode: 2 }, 33)),
  frame(3, 1, 'a body in'),
  frame(3, 1, ''),
  frame(3, 1, 'three of its frames'),
  frame(9, 0xfffe, 'nobody knows'),
  frame(0xce, 0xcece, Buffer.alloc(12, 0xce)),
  frame(3, 0x0103, Buffer.alloc(9, 0xce)),
]
const stream = Buffer.concat(kinds.map((each) => frameBytes(each)))

/** Takes frames and calls back at each. */
function sinkOf(frame: FrameSink['frame']): FrameSink {
  return { frame }
}

/** Whether both hold the same; for thousands of cases, where `toEqual` takes too long. */
function agree(one: Reading, other: Reading): boolean {
  return isDeepStrictEqual(one, other)
}

/** The reply text of the error that the decoder throws at the last of `chunks`. */
function replyText(chunks: readonly Buffer[], limit = LIMIT): string {
  const decoder = new FrameDecoder(new FrameCollector(), limit)
  for (const chunk of chunks.slice(0, -1)) decoder.push(chunk)
  try {
    decoder.push(chunks.at(-1) as Buffer)
  } catch (error) {
    failureOf(error)
    return (error as ConnectionError).replyText
  }
  throw new Error('was accepted')
}

describe('a stream of all kinds of frames', () => {
  test('is read from one chunk', () => {
    expect(reading([stream])).toEqual({ frames: kinds, failure: null })
  })

  test('is read from two chunks, wherever it is cut', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const { frames } = reading([stream.subarray(0, cut), stream.subarray(cut)])
      if (!isDeepStrictEqual(frames, kinds)) throw new Error(`not when cut at ${cut}`)
    }
  })

  test('is read from three chunks, wherever it is cut', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      for (let next = cut; next <= Math.min(cut + 30, stream.length); next += 1) {
        const chunks = [stream.subarray(0, cut), stream.subarray(cut, next), stream.subarray(next)]
        if (!isDeepStrictEqual(reading(chunks).frames, kinds)) throw new Error(`not when cut at ${cut} and ${next}`)
      }
    }
  })

  test('is read from chunks of one octet', () => {
    expect(reading([...stream].map((octet) => Buffer.of(octet)))).toEqual({ frames: kinds, failure: null })
  })

  test('ends anywhere without an error: an incomplete frame is a wait', () => {
    for (let end = 0; end < stream.length; end += 1) {
      const cut = stream.subarray(0, end)
      expect(reading([cut])).toEqual(naiveReading(cut, LIMIT))
    }
  })
})

describe('frames', () => {
  test('that lie inside a chunk are handed on in place', () => {
    const places: [Buffer, number][] = []
    const decoder = new FrameDecoder(
      sinkOf((_type, _channel, bytes, start) => places.push([bytes, start])),
      LIMIT,
    )
    const chunk = Buffer.concat([frameBytes(frame(1, 1, 'one')), frameBytes(frame(3, 1, 'two'))])
    decoder.push(chunk)
    expect(places.map(([bytes]) => bytes === chunk)).toEqual([true, true])
    expect(places.map(([, start]) => start)).toEqual([7, 18])
  })

  test('of a body that straddles chunks are handed on in pieces, in place, before they are whole', () => {
    const collector = new FrameCollector()
    const decoder = new FrameDecoder(collector, LIMIT)
    const whole = frameBytes(frame(3, 7, 'abcdef'))
    decoder.push(whole.subarray(0, 9))
    expect(collector.calls).toEqual([frame(BODY_PIECE, 7, 'ab')])
    decoder.push(whole.subarray(9, 13))
    expect(collector.calls.slice(1)).toEqual([frame(BODY_PIECE, 7, 'cdef')])
    decoder.push(whole.subarray(13))
    expect(collector.calls.slice(2)).toEqual([frame(BODY_END, 7, '')])
    for (const { payload } of collector.calls.slice(0, 2)) expect(payload.buffer).toBe(whole.buffer)
  })

  test('of other types are handed on when they are whole, not before', () => {
    const collector = new FrameCollector()
    const decoder = new FrameDecoder(collector, LIMIT)
    const whole = frameBytes(frame(2, 7, 'abcdef'))
    for (const octet of whole.subarray(0, -1)) decoder.push(Buffer.of(octet))
    expect(collector.calls).toEqual([])
    decoder.push(whole.subarray(-1))
    expect(collector.calls).toEqual([frame(2, 7, 'abcdef')])
  })
})

describe('a payload', () => {
  const sized = (bytes: number, type = 1): Buffer => frameBytes(frame(type, 1, Buffer.alloc(bytes, 0x20)))

  test.each([1, 2, 3, 8, 9])('of type %d may reach the limit itself, 8 octets more than is right', (type) => {
    expect(reading([sized(LIMIT, type)]).frames).toHaveLength(1)
    expect(reading(chunked(sized(LIMIT, type), [3, 7, 1000])).frames).toHaveLength(1)
  })

  test.each([1, 2, 3, 8, 9])('of type %d beyond it is refused as soon as its head is there', (type) => {
    const head = sized(LIMIT + 1, type).subarray(0, 7)
    const text = `FRAME_ERROR - type ${type}, all octets = <<>>: {frame_too_large,4097,4088}`
    expect(replyText([head])).toBe(text)
    expect(replyText([...head].map((octet) => Buffer.of(octet)))).toBe(text)
    expect(replyText([sized(LIMIT + 1, type)])).toBe(text)
  })

  test('is measured against the limit of the moment', () => {
    const decoder = new FrameDecoder(new FrameCollector(), 10)
    decoder.push(sized(10))
    decoder.limit(20)
    decoder.push(sized(20))
    decoder.limit(19)
    expect(() => decoder.push(sized(20))).toThrow('{frame_too_large,20,11}')
  })

  test('of four gigabytes is a size like any other', () => {
    expect(replyText([Buffer.from('01000100ffffffff', 'hex').subarray(0, 3), Buffer.from('ffffffff', 'hex')])).toMatch(
      /\{frame_too_large,4294967295,4088\}/,
    )
  })
})

describe('a wrong frame-end', () => {
  const wrong = (type: number, text: string): Buffer => frameBytes(frame(type, 1, text), 0x0a)

  test.each([1, 2, 8, 9])('after a frame of type %d is refused with the octets, in one chunk or in many', (type) => {
    const expected = `FRAME_ERROR - type ${type}, all octets = <<"abc">>: {invalid_frame_end_marker,10}`
    const bytes = wrong(type, 'abc')
    for (let cut = 0; cut < bytes.length; cut += 1) {
      expect(replyText([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(expected)
    }
    expect(replyText([...bytes].map((octet) => Buffer.of(octet)))).toBe(expected)
  })

  test('after a body is refused, wherever the body was cut', () => {
    const bytes = wrong(3, 'abc')
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const { frames, failure } = reading([bytes.subarray(0, cut), bytes.subarray(cut)])
      expect({ frames, failure }).toEqual({ frames: [], failure: ['bad end', 10] })
    }
    expect(replyText([bytes])).toBe('FRAME_ERROR - type 3, all octets = <<"abc">>: {invalid_frame_end_marker,10}')
  })

  test('lets through the frames before it and none after it', () => {
    const bytes = Buffer.concat([frameBytes(frame(1, 1, 'good')), wrong(1, 'bad'), frameBytes(frame(1, 1, 'late'))])
    expect(reading([bytes])).toEqual({ frames: [frame(1, 1, 'good')], failure: ['bad end', 10] })
  })
})

describe('a decoder', () => {
  test('that has thrown takes nothing more', () => {
    const collector = new FrameCollector()
    const decoder = new FrameDecoder(collector, LIMIT)
    expect(() => decoder.push(frameBytes(frame(1, 1, 'x'), 0))).toThrow('invalid_frame_end_marker')
    decoder.push(frameBytes(frame(1, 1, 'y')))
    expect(collector.calls).toEqual([])
  })

  test('passes on what the sink throws, and takes nothing more', () => {
    let calls = 0
    const failing = sinkOf(() => {
      calls += 1
      throw new Error('mine')
    })
    const decoder = new FrameDecoder(failing, LIMIT)
    expect(() => decoder.push(stream)).toThrow('mine')
    decoder.push(stream)
    expect(calls).toBe(1)
  })

  test('that is stopped while it hands something on hands on nothing more, wherever that is', () => {
    for (const places of [[], [...stream.keys()]]) {
      const all = chunked(stream, places)
      const collector = new FrameCollector()
      const counting = new FrameDecoder(collector, LIMIT)
      for (const chunk of all) counting.push(chunk)
      for (let last = 1; last <= collector.calls.length; last += 1) {
        let calls = 0
        const decoder: FrameDecoder = new FrameDecoder(
          sinkOf(() => {
            calls += 1
            if (calls === last) decoder.stop()
          }),
          LIMIT,
        )
        for (const chunk of all) decoder.push(chunk)
        expect(calls).toBe(last)
      }
    }
  })

  test.each([
    ['an end', 0xce],
    ['a wrong end', 0x0a],
  ])('that is stopped at a piece of a body with %s in the same chunk neither hands it on nor throws', (_, end) => {
    const bytes = frameBytes(frame(3, 1, 'abcdef'), end)
    const types: number[] = []
    const decoder: FrameDecoder = new FrameDecoder(
      sinkOf((type) => {
        types.push(type)
        decoder.stop()
      }),
      LIMIT,
    )
    decoder.push(bytes.subarray(0, 7))
    decoder.push(bytes.subarray(7))
    expect(types).toEqual([BODY_PIECE])
  })
})

describe('any stream', () => {
  const anyStream = fc
    .array(anyFrame, { maxLength: 6 })
    .map((frames) => Buffer.concat(frames.map((f) => frameBytes(f))))

  test('cut anywhere holds the same frames', () => {
    fc.assert(
      fc.property(anyStream, cuts, (bytes, places) =>
        agree(reading(chunked(bytes, places)), naiveReading(bytes, LIMIT)),
      ),
      cases(6000),
    )
  })

  test('damaged and cut anywhere holds the same frames and ends in the same error', () => {
    const ends = { null: 0, 'too large': 0, 'bad end': 0 }
    fc.assert(
      fc.property(mutated(anyStream), cuts, (bytes, places) => {
        const expected = naiveReading(bytes, 100)
        ends[expected.failure === null ? 'null' : expected.failure[0]] += 1
        return agree(reading(chunked(bytes, places), 100), expected)
      }),
      cases(12_000),
    )
    for (const count of Object.values(ends)) expect(count).toBeGreaterThan(1000)
  })

  test('keeps what it handed on, however many chunks come after', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyMethod.map(encodeMethod), octets(60)), { maxLength: 20 }),
        cuts,
        (all, places) => {
          const frames = all.flatMap(([method, body]) => [frame(1, 1, method), frame(3, 1, body)])
          const bytes = Buffer.concat(frames.map((each) => frameBytes(each)))
          return agree(reading(chunked(bytes, places), 2 ** 20), { frames, failure: null })
        },
      ),
      cases(300),
    )
  })
})
