// Segments made of messages that can be told apart, and what can be read of them.

import { Message } from '../../../../src/broker/message.ts'
import { Segment } from '../../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../../src/broker/queue/segment-memory.ts'
import { idOf, type Kind, kinds, makeMessage, spoil } from './messages.ts'

/** Where all these segments begin. */
export const FIRST_SEQ = 40
/** What they are counted in. */
export const memory = new SegmentMemory(0)
/** Kinds that share a page with others. */
export const packed = kinds.filter((kind) => !['large', 'sliced', 'vast'].includes(kind))
/** Kinds that are alone in theirs. */
export const unpacked = kinds.filter((kind) => !packed.includes(kind))

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

/** What is stored of it. */
export const chunkOf = (segment: Segment): Buffer => Buffer.concat(segment.chunk())
/** What is stored beside that. */
export const summaryOf = (segment: Segment): Buffer => Buffer.from(segment.summary())

/** What can be read: the number and the persistence of each record that is not settled. */
export function contents(segment: Segment): readonly (readonly [index: number, id: number, persistent: boolean])[] {
  const view = new Message()
  const found: [number, number, boolean][] = []
  for (let index = 0; index < segment.count; index++) {
    if (segment.isSettled(index)) continue
    segment.read(index, view)
    found.push([index, idOf(view), view.persistent])
  }
  return found
}
