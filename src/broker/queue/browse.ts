// Looking at the messages of a queue without taking any: in the order in which they would be given, those with consumers
// among them. What is in the store only is read from there and not kept, so that looking changes neither memory nor
// state. Knows logs as they lie there; not who looks.

import type { Clock } from '../clock.ts'
import { Message } from '../message.ts'
import type { ChunkKey } from '../store.ts'
import { type Attempt, NO_ATTEMPT } from './attempts.ts'
import type { Backlog } from './backlog.ts'
import { type Layout, type Part, positionOf } from './layout.ts'
import { checkedCount, DamagedChunk, offsetsOf, readRecord } from './page.ts'
import type { Segment } from './segment.ts'

/** A message that is looked at. */
export interface Seen {
  /** Its sequence number in the queue. */
  readonly seq: number
  /** Holds during the call only. */
  readonly message: Message
  /** It can be taken; else somebody has it, or it waits for something. */
  readonly ready: boolean
  readonly redelivered: boolean
  /** What is known of it where it came back. */
  readonly attempt: Attempt
  /** Its place among those that came back and can be taken: where they leave in the order they came in, that is theirs. */
  readonly turn: number | null
  /** Which of the queue's logs it is in: its priority, where those are told apart. */
  readonly level: number
}

/** What is known of a message of a stream. */
const NEVER_BACK = { attempt: NO_ATTEMPT, turn: null, level: 0 } as const

/** Looks at a message; false: that was enough. */
export type Look = (seen: Seen) => boolean

/** What browsing needs of the queue's surroundings. */
export interface BrowseHost {
  readonly clock: Pick<Clock, 'soon'>
  readChunk(key: ChunkKey): Promise<Buffer | null>
}

/** Shows the messages of `backlog` to `look`, behind the message `after` where it is named. Others have turns in between. */
export async function browse(backlog: Backlog, host: BrowseHost, look: Look, after?: number): Promise<void> {
  let skipping = after !== undefined
  for (const part of backlog.parts) {
    const within = after === undefined ? null : withinOf(part, after)
    if (skipping && within === null) continue
    const from = skipping && within !== null ? within + 1 : 0
    skipping = false
    if (!(await browsePart(part, host, look, from))) return
  }
}

/** A stream as it lies there. */
export interface BrowsedStream {
  readonly queueId: number
  chunkFrom(seq: number): { readonly firstSeq: number; readonly endSeq: number; readonly page: Segment | null } | null
}

/** The same for a stream, of which everything can be read by everybody at any time. */
export async function browseStream(log: BrowsedStream, host: BrowseHost, look: Look, after = 0): Promise<void> {
  const view = new Message()
  let next = after + 1
  for (let chunk = log.chunkFrom(next); chunk !== null; chunk = log.chunkFrom(next)) {
    const { firstSeq, endSeq } = chunk
    const page = chunk.page === null ? await pageOf(log.queueId, host, firstSeq) : null
    for (let seq = Math.max(next, firstSeq); seq < endSeq; seq++) {
      if (!readFrom(chunk.page, page, seq - firstSeq, view)) continue
      if (!look({ seq, message: view, ready: true, redelivered: false, ...NEVER_BACK })) return
    }
    next = endSeq
    await turn(host)
  }
}

/** What withdrawing needs of the queue. */
export interface WithdrawHost {
  /** Resolves when messages were read back, or could not be. */
  read(): Promise<void>
  /** Nothing is given to consumers before the end of the turn. */
  hold(): void
}

/**
 * Shows a message that can be taken to `use`, and settles it where that returns true: in the same turn, so that its end
 * here and what was done with it are in one commit. Resolves with false where it was not taken out.
 */
export async function withdraw(
  backlog: Backlog,
  seq: number,
  use: (message: Message) => boolean,
  host: WithdrawHost,
): Promise<boolean> {
  while (backlog.holds(seq) && !backlog.canRead(seq)) await host.read()
  if (!backlog.holds(seq) || !isReady(backlog, seq)) return false
  host.hold()
  const view = new Message()
  backlog.read(seq, view)
  return use(view) && backlog.withdraw(seq)
}

/** Whether a message that is there can be taken. */
function isReady(backlog: Backlog, seq: number): boolean {
  for (const part of backlog.parts) {
    const within = withinOf(part, seq)
    if (within === null) continue
    const { layout } = part.log
    return isReadyIn(layout, layout.returned, within)
  }
  return false
}

/** The part's own number of the queue's `seq`; null where that is in another part. */
function withinOf({ level, stride }: Part, seq: number): number | null {
  return seq % stride === level ? Math.floor(seq / stride) : null
}

function isReadyIn(layout: Layout, returned: Pick<ReadonlySet<number>, 'has'>, seq: number): boolean {
  // What stood aside once is never taken in its turn, but when it has come back.
  return (seq >= positionOf(layout) && !layout.aside.has(seq)) || returned.has(seq)
}

/** Shows one log from `from` on; false: that was enough. */
async function browsePart(part: Part, host: BrowseHost, look: Look, from: number): Promise<boolean> {
  const view = new Message()
  for (let next = from; ; ) {
    const segment = segmentFrom(part.log.layout, next)
    if (segment === null) return true
    const { firstSeq, count } = segment
    const page = segment.resident ? null : await pageOf(part.log.queueId, host, firstSeq)
    // Much may have happened while it was read.
    const { layout } = part.log
    const returned = new Map([...layout.returned].map((seq, turn) => [seq, turn]))
    for (let index = Math.max(next - firstSeq, 0); index < count; index++) {
      if (segment.firstSeq !== firstSeq || segment.isSettled(index)) continue
      if (!readFrom(segment, page, index, view)) continue
      const seq = firstSeq + index
      const ready = isReadyIn(layout, returned, seq)
      const redelivered = seq < layout.deliveredBelow || returned.has(seq)
      const attempt = segment.attempts?.get(index) ?? NO_ATTEMPT
      const { level, stride } = part
      const past = { redelivered, attempt, turn: returned.get(seq) ?? null, level }
      if (!look({ seq: seq * stride + level, message: view, ready, ...past })) return false
    }
    next = firstSeq + count
    await turn(host)
  }
}

/** The first segment that has a message of that number or behind it; null where there is none. */
function segmentFrom({ segments, first }: Layout, seq: number): Segment | null {
  for (let at = first; at < segments.length; at++) {
    const segment = segments[at] as Segment
    if (segment.live > 0 && segment.firstSeq + segment.count > seq) return segment
  }
  return null
}

/** A chunk as it lies in the store; null where it cannot be read, which is told to those who need its messages. */
async function pageOf(queueId: number, host: BrowseHost, firstSeq: number): Promise<Page | null> {
  const bytes = await host.readChunk({ queueId, firstSeq })
  try {
    return bytes === null ? null : { bytes, offsets: offsetsOf(bytes, checkedCount(bytes)) }
  } catch (error) {
    if (error instanceof DamagedChunk) return null
    throw error
  }
}

interface Page {
  readonly bytes: Buffer
  readonly offsets: Uint32Array
}

/** Points `view` at a record of a page that was read, or of a segment that is in memory; false where there is neither. */
function readFrom(segment: Segment | null, page: Page | null, index: number, view: Message): boolean {
  const at = page?.offsets[index]
  if (page !== null && at !== undefined) readRecord(page.bytes, at, view)
  else if (segment?.resident) segment.read(index, view)
  else return false
  return true
}

/** Lets others have their turn. */
function turn({ clock }: BrowseHost): Promise<void> {
  return new Promise((resolve) => clock.soon(resolve))
}
