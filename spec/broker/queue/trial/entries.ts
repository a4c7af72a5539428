// The plain array of messages that a log is compared with: what each of them is, what commits made of it, and what its
// publisher was told.

import type { Outcome } from '../../../../src/broker/queue/publisher.ts'
import type { StoreErrorKind } from '../../../../src/broker/store.ts'
import type { Range } from './watched-store.ts'

/** A message as the array knows it. */
export interface Entry {
  readonly id: number
  readonly seq: number
  readonly persistent: boolean
  /** A publisher waits for it to be stored. */
  readonly waits: boolean
  /** `lost`: its chunk could not be read; it lies in the store, and comes back with the next start. */
  state: 'ready' | 'out' | 'settled' | 'lost'
  /** It was taken once, or counts as if it had been. */
  delivered: boolean
  told: Outcome | null
  /** A commit that held it is durable. */
  stored: boolean
  /** A commit that held its settlement is durable. */
  gone: boolean
}

/** All messages of a trial. Any method throws where the log's side says something else. */
export class Entries {
  readonly counts = { ready: 0, out: 0, settled: 0, lost: 0 }
  /** By sequence number, which is also the order of ids. */
  readonly #bySeq = new Map<number, Entry>()
  readonly #byId = new Map<number, Entry>()
  /** The commit under way. */
  #commit: { readonly chunks: readonly Range[]; readonly settled: readonly Entry[] } | null = null
  #failure: { readonly chunks: readonly Range[]; readonly kind: StoreErrorKind } | null = null

  /** Whether a commit is under way. */
  get committing(): boolean {
    return this.#commit !== null
  }

  add(id: number, seq: number, persistent: boolean, waits: boolean): Entry {
    const entry: Entry = {
      ...{ id, seq, persistent, waits },
      ...{ state: 'ready', delivered: false, told: null, stored: false, gone: false },
    }
    this.counts.ready++
    this.#byId.set(id, entry)
    this.#bySeq.set(seq, entry)
    return entry
  }

  byId(id: number): Entry {
    return this.#byId.get(id) as Entry
  }

  all(): IterableIterator<Entry> {
    return this.#byId.values()
  }

  /** In order of their sequence numbers. */
  in(state: Entry['state']): Entry[] {
    return [...this.all()].filter((entry) => entry.state === state)
  }

  /** Those that could be taken, of a chunk. */
  readyIn(chunk: Range): readonly Entry[] {
    return this.in('ready').filter(({ seq }) => holds([chunk], seq))
  }

  /** The one to be taken next. */
  next(): Entry | undefined {
    for (const entry of this.all()) if (entry.state === 'ready') return entry
    return undefined
  }

  move(entry: Entry, state: Entry['state']): void {
    this.counts[entry.state]--
    this.counts[state]++
    entry.state = state
  }

  /** Those of whom somebody still waits to hear. */
  waiting(): readonly Entry[] {
    return [...this.all()].filter(({ waits, told }) => waits && told === null)
  }

  /** Nobody waits any more. */
  compareNobodyWaits(): void {
    for (const { id } of this.waiting()) throw new Error(`nobody said what became of ${id}`)
  }

  /** Whoever could be told has been told. */
  compareTold(): void {
    for (const { id, stored, state } of this.waiting()) {
      ensure(!stored && state !== 'settled', `message ${id} is safe, and nobody said so`)
    }
  }

  /** A publisher is told; `deleted`: the queue is. */
  told(id: number, outcome: Outcome, deleted: boolean): void {
    const entry = this.byId(id)
    ensure(entry.waits && entry.told === null, `message ${id} was told ${entry.told}, and now ${outcome}`)
    entry.told = outcome
    if (outcome === 'stored') {
      ensure(entry.stored || entry.state === 'settled' || deleted, `message ${id} is not stored`)
      return
    }
    const failed = this.#failure !== null && holds(this.#failure.chunks, entry.seq)
    ensure(failed, `message ${id} was told ${outcome}, and no commit of it failed`)
    const unknown = this.#failure?.kind === 'unknown'
    ensure(outcome === (unknown ? 'unknown' : 'rejected'), `a commit ended ${this.#failure?.kind}, told ${outcome}`)
  }

  // --- commits ----------------------------------------------------------------------------------------------------

  began(chunks: readonly Range[]): void {
    this.#commit = { chunks, settled: this.in('settled') }
  }

  /** What was under way never ends. */
  forgetCommit(): void {
    this.#commit = null
  }

  ended(error: StoreErrorKind | null): void {
    if (this.#commit === null) throw new Error('a commit ended that did not begin')
    const { chunks, settled } = this.#commit
    this.#commit = null
    if (error !== null) {
      this.#failure = { chunks, kind: error }
      return
    }
    for (const { from, to } of chunks) {
      for (let seq = from; seq < to; seq++) (this.#bySeq.get(seq) as Entry).stored = true
    }
    for (const entry of settled) entry.gone = true
  }

  // --- a start ----------------------------------------------------------------------------------------------------

  /** These are there after a start, all others are not: from now on that is how it is. */
  compareFound(found: ReadonlySet<number>): void {
    for (const entry of this.all()) {
      if (found.has(entry.id)) this.#compareThere(entry)
      else this.#compareMissing(entry)
      if (entry.waits && entry.told === null) entry.told = 'unknown'
    }
  }

  #compareThere(entry: Entry): void {
    ensure(entry.persistent, `transient message ${entry.id} was recovered`)
    ensure(!entry.gone, `message ${entry.id}, whose settlement is stored, came back`)
    this.move(entry, 'ready')
    entry.stored = true
  }

  #compareMissing(entry: Entry): void {
    const lost = entry.persistent && entry.stored && entry.state !== 'settled'
    ensure(!lost, `message ${entry.id} is lost`)
    this.move(entry, 'settled')
    entry.gone = true
  }

  /** The highest sequence number that is stored; 0 when there is none. */
  get lastStored(): number {
    return Math.max(0, ...[...this.all()].filter(({ stored }) => stored).map(({ seq }) => seq))
  }
}

function holds(ranges: readonly Range[], seq: number): boolean {
  return ranges.some(({ from, to }) => seq >= from && seq < to)
}

/** Throws `otherwise` unless it holds. */
export function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
