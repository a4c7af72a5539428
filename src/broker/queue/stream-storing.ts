// What of a stream has to be stored: chunks that are new or have grown, and those that are to go. Knows segments and the
// store's batch; not who reads a stream, nor why chunks go.

import type { MessageBatch, StoreErrorKind } from '../store.ts'
import type { Committer, Journal } from './committer.ts'
import type { Publisher } from './publisher.ts'
import type { Segment } from './segment.ts'

/** Chunks that go with one commit; a segment may have tens of thousands, and the others would wait for them. */
const DROPPED_AT_ONCE = 2000

/** Pages that wait to be stored from which on publishers should pause. */
const PRESSED_PAGES = 32

/** What storing asks of its log. */
export interface StoredStream {
  readonly queueId: number
  readonly nextSeq: number
  /** The first sequence number that is not known to be stored. */
  readonly endSeq: number
  /** What is to be stored beside a chunk. */
  summary(page: Segment): Buffer
  /** Whether a page is large enough that what follows begins another one. */
  isLarge(page: Segment): boolean
  /** Everything before `endSeq` is stored. Called before publishers hear of it. */
  stored(endSeq: number): void
  /** All of that page is stored, and it will not grow. */
  pageStored(page: Segment): void
}

/** The stored side of one stream. */
export class StreamStoring implements Journal {
  readonly #stream: StoredStream
  readonly #committer: Committer
  /** Pages that are not stored as a whole, or may grow; the last one is being written. */
  #open: Segment[] = []
  /** What the commit in flight took: pages with as many records as they had, and where they ended. */
  #taken: { readonly page: Segment; readonly count: number }[] = []
  #takenSeq = 0
  #dropped: number[] = []
  #takenDropped: number[] = []
  #used = false

  constructor(stream: StoredStream, committer: Committer) {
    this.#stream = stream
    this.#committer = committer
  }

  /** Whether so much waits to be stored that publishers should pause. */
  get pressed(): boolean {
    return this.#open.length > PRESSED_PAGES
  }

  /** The store has something of this stream. */
  recovered(): void {
    this.#used = true
  }

  /** A page begins; the one before it will not grow any more. */
  begin(page: Segment): void {
    const former = this.#open.at(-1)
    if (former !== undefined) {
      former.sealed = true
      if (former.committed === former.count) {
        this.#open.pop()
        this.#stream.pageStored(former)
      }
    }
    this.#open.push(page)
  }

  /** A message of so many octets was added to the last page. */
  added(bytes: number): void {
    this.#committer.gather(bytes)
    this.#committer.schedule(this, true)
  }

  /** `publisher` is told when record `index` of `page`, the last one, is stored. */
  await(page: Segment, index: number, publisher: Publisher, tag: number): void {
    page.await(index, publisher, tag)
  }

  /** The stored chunk that begins with `firstSeq` is to go. */
  drop(firstSeq: number): void {
    this.#dropped.push(firstSeq)
    this.#committer.schedule(this, false)
  }

  /** How far the stream has come is to be stored with the next commit, if anything of it is. */
  mark(): void {
    if (this.#used) this.#committer.schedule(this, true)
  }

  /** What is stored of the stream is dropped; who waits is told `stored` (behaviour.md §6.3). */
  delete(): void {
    const open = this.#open
    this.#open = []
    this.#taken = []
    this.#dropped = []
    this.#takenDropped = []
    this.#committer.forget(this, this.#used ? this.#stream.queueId : null)
    for (const page of open) page.settleWaiting(page.count, 'stored')
  }

  collect(batch: MessageBatch): void {
    const { queueId, nextSeq } = this.#stream
    for (const page of this.#open) if (page.count > page.committed) this.#collectPage(page, batch)
    this.#takenSeq = nextSeq
    this.#takenDropped = this.#dropped.splice(0, DROPPED_AT_ONCE)
    for (const firstSeq of this.#takenDropped) batch.dropped.push({ queueId, firstSeq })
    this.#used = true
    batch.marks.push({ queueId, nextSeq, headSeq: nextSeq })
  }

  #collectPage(page: Segment, batch: MessageBatch): void {
    const key = { queueId: this.#stream.queueId, firstSeq: page.firstSeq }
    batch.chunks.push({ ...key, bytes: page.chunk() })
    batch.summaries.push({ ...key, bytes: this.#stream.summary(page) })
    if (this.#stream.isLarge(page)) page.sealed = true
    this.#taken.push({ page, count: page.count })
  }

  committed(): void {
    const taken = this.#taken
    this.#taken = []
    this.#takenDropped = []
    for (const { page, count } of taken) page.committed = count
    this.#open = this.#open.filter((page) => !page.sealed || page.committed < page.count)
    this.#stream.stored(this.#takenSeq)
    for (const { page, count } of taken) {
      page.settleWaiting(count, 'stored')
      if (page.sealed && page.count === count) this.#stream.pageStored(page)
    }
    if (this.#dropped.length > 0) this.#committer.schedule(this, false)
  }

  /** Publishers are told, and all of it goes into the next commit. */
  failed(kind: StoreErrorKind): void {
    const taken = this.#taken
    this.#taken = []
    this.#dropped = [...this.#takenDropped, ...this.#dropped]
    this.#takenDropped = []
    for (const { page, count } of taken) page.settleWaiting(count, kind === 'unknown' ? 'unknown' : 'rejected')
    this.#committer.schedule(this, false)
  }
}
