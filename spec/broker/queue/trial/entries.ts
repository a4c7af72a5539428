// The plain array that a log on trial is compared with: what was done to every message, and what follows from it.

import type { Outcome } from '../../../../src/broker/queue/publisher.ts'

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

/** All messages of a trial, in order of their sequence numbers. */
export class Entries {
  readonly counts = { ready: 0, out: 0, settled: 0, lost: 0 }
  readonly #byId = new Map<number, Entry>()
  readonly #bySeq = new Map<number, Entry>()

  /** A message was appended; it is ready. */
  add(entry: Entry): void {
    this.counts.ready++
    this.#byId.set(entry.id, entry)
    this.#bySeq.set(entry.seq, entry)
  }

  get(id: number): Entry | undefined {
    return this.#byId.get(id)
  }

  at(seq: number): Entry | undefined {
    return this.#bySeq.get(seq)
  }

  all(): Iterable<Entry> {
    return this.#byId.values()
  }

  /** The broker has started again; throws where it may not have found what it found, or has lost what it may not lose. */
  restarted(entry: Entry, found: boolean): void {
    if (found) {
      ensure(entry.persistent, `transient message ${entry.id} was recovered`)
      ensure(!entry.gone, `message ${entry.id}, whose settlement is stored, came back`)
      this.move(entry, 'ready')
      entry.stored = true
    } else {
      const lost = entry.persistent && entry.stored && entry.state !== 'settled'
      ensure(!lost, `message ${entry.id} is lost`)
      this.move(entry, 'settled')
      entry.gone = true
    }
    if (entry.waits && entry.told === null) entry.told = 'unknown'
  }

  storedSeqs(): readonly number[] {
    return [...this.#byId.values()].filter(({ stored }) => stored).map(({ seq }) => seq)
  }

  /** Entries in order of their sequence numbers. */
  in(state: Entry['state']): Entry[] {
    return [...this.#byId.values()].filter((entry) => entry.state === state)
  }

  next(): Entry | undefined {
    for (const entry of this.#byId.values()) if (entry.state === 'ready') return entry
    return undefined
  }

  move(entry: Entry, state: Entry['state']): void {
    this.counts[entry.state]--
    this.counts[state]++
    entry.state = state
  }

  pick(which: number, act: (entry: Entry) => void): void {
    const out = this.in('out')
    const entry = out[which % out.length]
    if (entry) act(entry)
  }

  waiting(): readonly Entry[] {
    return [...this.#byId.values()].filter(({ waits, told }) => waits && told === null)
  }
}

/** Throws `otherwise` unless something holds. */
export function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
