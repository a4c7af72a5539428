// Where the messages of a log are, for who looks at all of them without taking any: operators, and what moves messages.
// Cheap to ask for, and true until the log is called again. Knows segments; not why somebody looks.

import type { Message } from '../message.ts'
import type { Aside } from './aside.ts'
import { placeOf } from './bisect.ts'
import type { Log } from './log.ts'
import type { ReturnedSeqs } from './returned.ts'
import type { Segment } from './segment.ts'

/** A log as it lies there. */
export interface Layout {
  readonly segments: readonly Segment[]
  /** The first segment that is not gone, the one with the next message never delivered, and that message's place in it. */
  readonly first: number
  readonly headAt: number
  readonly headIndex: number
  /** What came back and can be taken. */
  readonly returned: ReturnedSeqs
  /** What stands aside. */
  readonly aside: Pick<Aside, 'has'>
  /** Messages below it count as delivered before. */
  readonly deliveredBelow: number
}

/** One of the logs of a queue: its message `seq` is the queue's `seq * stride + level`. */
export interface Part {
  readonly log: Pick<Log, 'layout' | 'nextSeq' | 'queueId' | 'ready'>
  readonly level: number
  readonly stride: number
}

/** The first sequence number that was never delivered; everything from there on that is not settled can be taken. */
export function positionOf({ segments, headAt, headIndex }: Layout): number {
  const segment = segments[headAt]
  return segment ? segment.firstSeq + headIndex : Number.POSITIVE_INFINITY
}

/** The segment of a message that is there. */
export function segmentOf({ segments, first }: Pick<Layout, 'segments' | 'first'>, seq: number): Segment {
  return segments[placeOf(segments, first, seq)] as Segment
}

/** Points `into` at the message that would be taken next. False where there is none, or it is not in memory. */
export function peek(layout: Layout, into: Message): boolean {
  const { returned, segments, headAt, headIndex, aside } = layout
  if (returned.size > 0) {
    const segment = segmentOf(layout, returned.first)
    segment.read(returned.first - segment.firstSeq, into)
    return true
  }
  for (let at = headAt; at < segments.length; at++) {
    const segment = segments[at] as Segment
    for (let index = at === headAt ? headIndex : 0; index < segment.count; index++) {
      if (segment.isSettled(index) || aside.has(segment.firstSeq + index)) continue
      if (segment.resident) segment.read(index, into)
      return segment.resident
    }
  }
  return false
}
