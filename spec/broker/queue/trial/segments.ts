// Segments for specs: filled with messages of all kinds, and found again in a store.

import { Segment } from '../../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../../src/broker/queue/segment-memory.ts'
import { type Kind, makeMessage, spoil } from './messages.ts'

export const FIRST_SEQ = 40
/** The memory of all of them. */
export const memory = new SegmentMemory(0)

/** A segment of these kinds in order, numbered from 0; every third record is transient. */
export function segmentOf(ofKinds: readonly Kind[]): Segment {
  const segment = new Segment(FIRST_SEQ, 0, memory)
  for (const [id, kind] of ofKinds.entries()) {
    const message = makeMessage(id, kind)
    segment.append(message, id % 3 !== 2)
    spoil(message)
  }
  return segment
}

/** The octets of its records as they are now. */
export const chunkOf = (segment: Segment): Buffer => Buffer.from(segment.chunk())
/** The octets of its summary as they are now. */
export const summaryOf = (segment: Segment): Buffer => Buffer.from(segment.summary())
/** The segment of which a store has this summary. */
export const stored = (summary: Buffer): Segment => Segment.stored(FIRST_SEQ, summary, memory)
