// Where a consumer of a stream begins, for every kind of x-stream-offset (behaviour.md §11).

import { offsetOf, streamOffsetComplaint, streamStart } from '../../../src/broker/queue/stream-offset.ts'
import type { FieldValue } from '../../../src/protocol/field-table.ts'

const NOW = 1_700_000_000_000
/** Offsets 10 to 99 are there, 95 and on were stored last; one chunk was added a minute ago. */
const ends = {
  ...{ firstSeq: 11, nextSeq: 101, lastCommitSeq: 96 },
  seqAt: (time: number) => (time <= NOW - 60_000 ? 51 : 101),
}
const start = (value?: FieldValue) =>
  streamStart(new Map(value === undefined ? [] : [['x-stream-offset', value]]), ends, NOW)
const word = (value: string): FieldValue => ({ tag: 'S', value })

describe('a start', () => {
  it.each<[string, FieldValue | undefined, number]>([
    ['nothing', undefined, 101],
    ['next', word('next'), 101],
    ['first', word('first'), 11],
    ['last', word('last'), 96],
    ['an offset', { tag: 'l', value: 42 }, 43],
    ['an offset of another width', { tag: 'b', value: 42 }, 43],
    ['a large offset', { tag: 'l', value: 42n }, 43],
    ['an offset that is gone', { tag: 'I', value: 3 }, 11],
    ['an offset below 0', { tag: 'l', value: -5 }, 11],
    ['an offset that is to come', { tag: 'l', value: 5000 }, 5001],
  ])('for %s is at a message', (_, value, seq) => {
    expect(start(value)).toEqual({ seq, notBefore: 0 })
  })

  it('for a time is at the first message since then', () => {
    const time = NOW - 90_000
    expect(start({ tag: 'T', value: time / 1000 })).toEqual({ seq: 51, notBefore: time })
    expect(start(word('90s'))).toEqual({ seq: 51, notBefore: time })
  })

  it('for a time since which nothing came is at the next message, whenever that comes', () => {
    expect(start({ tag: 'T', value: NOW / 1000 + 3600 })).toEqual({ seq: 101, notBefore: 0 })
    expect(start(word('5s'))).toEqual({ seq: 101, notBefore: 0 })
  })

  it('counts offsets from 0', () => {
    expect(offsetOf(1)).toBe(0)
  })
})

describe('an offset', () => {
  it.each<FieldValue>([
    ...['first', 'last', 'next', '1Y', '2M', '3D', '4h', '5m', '6s'].map(word),
    { tag: 'T', value: 5 },
    { tag: 'l', value: -1 },
    { tag: 'B', value: 1 },
  ])('may be %j', (value) => {
    expect(streamOffsetComplaint(value)).toBeNull()
  })

  it.each<[FieldValue, string]>([
    [word('2'), '{invalid_stream_offset_arg,{longstr,<<"2">>}}'],
    [word('bogus'), '{invalid_stream_offset_arg,{longstr,<<"bogus">>}}'],
    [word('5w'), '{invalid_stream_offset_arg,{longstr,<<"5w">>}}'],
    [{ tag: 't', value: true }, '{invalid_stream_offset_arg,{bool,true}}'],
    [{ tag: 'd', value: 1.5 }, '{invalid_stream_offset_arg,{double,1.5}}'],
  ])('may not be %j', (value, complaint) => {
    expect(streamOffsetComplaint(value)).toBe(complaint)
  })
})
