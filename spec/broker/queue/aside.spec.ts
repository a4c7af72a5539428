// Which recovered messages are not to be taken in their turn.

import { Aside } from '../../../src/broker/queue/aside.ts'
import { NO_ATTEMPT } from '../../../src/broker/queue/attempts.ts'
import { Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { makeMessage } from './trial/messages.ts'

function segmentFrom(firstSeq: number): Segment {
  const segment = new Segment(firstSeq, 0, new SegmentMemory(0))
  for (let id = 0; id < 4; id++) segment.append(makeMessage(id, 'tiny'), true)
  return segment
}

describe('messages that stand aside', () => {
  it('are none where none came back', () => {
    const aside = new Aside()
    const segment = segmentFrom(1)
    expect([aside.adopt(segment), aside.countIn(segment), aside.has(1), [...aside]]).toEqual([0, 0, false, []])
    expect(aside.isEmpty).toBe(true)
  })

  it('are those that wait or are to leave, of each segment', () => {
    const aside = new Aside()
    const segments = [segmentFrom(10), segmentFrom(20)]
    for (const segment of segments) {
      segment.note(0, { ...NO_ATTEMPT, failed: 1 })
      segment.note(1, { ...NO_ATTEMPT, dueMs: 5 })
      segment.note(3, { ...NO_ATTEMPT, fate: 2 })
    }
    expect(segments.map((segment) => aside.adopt(segment))).toEqual([2, 2])
    expect(segments.map((segment) => aside.countIn(segment))).toEqual([2, 2])
    expect([...aside]).toEqual([11, 13, 21, 23])
    expect([aside.has(10), aside.has(11), aside.isEmpty]).toEqual([false, true, false])
    aside.add(30)
    expect([...aside]).toEqual([11, 13, 21, 23, 30])
  })
})
