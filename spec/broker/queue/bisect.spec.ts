// Finding a sequence number among segments.

import { placeOf } from '../../../src/broker/queue/bisect.ts'

const segments = [1, 5, 6, 20].map((firstSeq) => ({ firstSeq }))

describe('the place of a sequence number', () => {
  it.each([
    [1, 0],
    [4, 0],
    [5, 1],
    [6, 2],
    [19, 2],
    [20, 3],
    [900, 3],
  ])('%i is in segment %i', (seq, place) => {
    expect(placeOf(segments, 0, seq)).toBe(place)
  })

  it('is never before the lowest place', () => {
    expect(placeOf(segments, 2, 1)).toBe(2)
    expect(placeOf([{ firstSeq: 9 }], 0, 3)).toBe(0)
  })
})
