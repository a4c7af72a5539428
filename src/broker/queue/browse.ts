// Looking at the messages of a queue without taking any: in the order in which they would be given, those with consumers
// among them. What is in the store only is read from there and not kept, so that looking changes neither memory nor
// state. A look ends where the log ended when it began: one that others append to meanwhile would have no end. Knows logs as
// they lie there; not who looks.

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

/** A chunk as it was read. */
export interface Page {
  readonly bytes: Buffer
  readonly offsets: Uint32Array
}

/**
 * A look at messages, step by step: it asks for a chunk that is in the store only, and is given its page (null: it cannot be
 * read), or (null) says that others may have a turn.
 */
export type Survey = Generator<ChunkKey | null, void, Page | null>

/** Shows the messages of `backlog` to `look`, behind the message `after` where it is named. Others have turns in between. */
export function browse(backlog: Backlog, host: BrowseHost, look: Look, after?: number): Promise<void> {
  return leisurely(survey(backlog, look, after), host)
}

/** The same for a stream, of which everything can be read by everybody at any time. */
export function browseStream(log: BrowsedStream, host: BrowseHost, look: Look, after = 0): Promise<void> {
  return leisurely(surveyStream(log, look, after), host)
}

async function leisurely(survey: Survey, host: BrowseHost): Promise<void> {
  let page: Page | null = null
  for (let step = survey.next(page); !step.done; step = survey.next(page)) {
    page = step.value === null ? null : await pageOf(host, step.value)
    if (step.value === null) await turn(host)
  }
}

/** Who looks in one turn, so that nothing moves meanwhile: with pages that were read before it. */
export class Glance {
  readonly #pages = new Map<string, Page | null>()
  #missing: (() => Promise<void>)[] = []

  /** Shows all that a survey finds; what would have to be read first is left out, and counts as missing. */
  run(survey: Survey, host: Pick<BrowseHost, 'readChunk'>): void {
    let page: Page | null = null
    for (let step = survey.next(page); !step.done; step = survey.next(page)) {
      page = step.value === null ? null : this.#pageOf(step.value, host)
    }
  }

  #pageOf(key: ChunkKey, host: Pick<BrowseHost, 'readChunk'>): Page | null {
    const name = `${key.queueId}/${key.firstSeq}`
    const page = this.#pages.get(name)
    if (page === undefined) this.#missing.push(async () => void this.#pages.set(name, await pageOf(host, key)))
    return page ?? null
  }

  /** Reads what was missing. Resolves with false where nothing was: all has been shown. */
  async read(): Promise<boolean> {
    const missing = this.#missing
    this.#missing = []
    await Promise.all(missing.map((readOne) => readOne()))
    return missing.length > 0
  }
}

/** A look at all messages of `backlog`, behind the message `after` where it is named. */
export function* survey(backlog: Backlog, look: Look, after?: number): Survey {
  const parts = backlog.parts.map((part) => ({ part, endSeq: part.log.nextSeq }))
  let skipping = after !== undefined
  for (const { part, endSeq } of parts) {
    const within = after === undefined ? null : withinOf(part, after)
    if (skipping && within === null) continue
    const from = skipping && within !== null ? within + 1 : 0
    skipping = false
    if (!(yield* surveyPart(part, look, from, endSeq))) return
  }
}

/** A stream as it lies there. */
export interface BrowsedStream {
  readonly queueId: number
  /** Everything before it can be read. */
  readonly endSeq: number
  /** The first chunk with messages from `seq` on and before `end`. */
  chunkFrom(seq: number, end: number): BrowsedChunk | null
}

/** A chunk of a stream; its page is null where it is in the store only. */
export interface BrowsedChunk {
  readonly firstSeq: number
  readonly endSeq: number
  readonly page: Segment | null
}

/** A look at all messages of a stream behind `after`; those before `endSeq`, where not only what is stored is looked at. */
export function* surveyStream(log: BrowsedStream, look: Look, after = 0, endSeq = log.endSeq): Survey {
  const { queueId } = log
  const view = new Message()
  let next = after + 1
  for (let chunk = log.chunkFrom(next, endSeq); chunk !== null; chunk = log.chunkFrom(next, endSeq)) {
    const { firstSeq, endSeq: end } = chunk
    const page = chunk.page === null ? yield { queueId, firstSeq } : null
    for (let seq = Math.max(next, firstSeq); seq < end; seq++) {
      if (!readFrom(chunk.page, page, seq - firstSeq, view)) continue
      if (!look({ seq, message: view, ready: true, redelivered: false, ...NEVER_BACK })) return
    }
    next = end
    yield null
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

/** A look at one log from `from` on; false: that was enough. */
function* surveyPart(
  part: Part,
  look: Look,
  from: number,
  endSeq: number,
): Generator<ChunkKey | null, boolean, Page | null> {
  const { queueId } = part.log
  const view = new Message()
  for (let next = from; ; ) {
    const segment = segmentFrom(part.log.layout, next)
    if (segment === null || segment.firstSeq >= endSeq || next >= endSeq) return true
    const { firstSeq } = segment
    const count = Math.min(segment.count, endSeq - firstSeq)
    const page = segment.resident ? null : yield { queueId, firstSeq }
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
    yield null
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
async function pageOf(host: Pick<BrowseHost, 'readChunk'>, key: ChunkKey): Promise<Page | null> {
  const bytes = await host.readChunk(key)
  try {
    return bytes === null ? null : { bytes, offsets: offsetsOf(bytes, checkedCount(bytes)) }
  } catch (error) {
    if (error instanceof DamagedChunk) return null
    throw error
  }
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
