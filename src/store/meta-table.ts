// The revisions of declared things, as of the last transaction accepted, durable or not: here expectations are checked
// and revisions given. Synchronous and without values or promises; who waits for what is `meta-commits.ts`.

import type { MetaChange, MetaEntry, MetaTransaction, MetaWrite } from '../broker/store.ts'

/** A write that has to reach the disk; `value` null deletes the key there. */
export interface DurableWrite {
  readonly key: string
  readonly value: string | null
  readonly rev: number
}

/** A transaction that the table has taken in, and what it takes to tell it, to store it and to undo it. */
export interface Accepted {
  readonly rev: number
  readonly changes: readonly MetaChange[]
  /** Empty when nothing of the transaction concerns the disk. */
  readonly durable: readonly DurableWrite[]
  readonly former: readonly (readonly [key: string, known: Known | undefined])[]
}

interface Known {
  readonly rev: number
  readonly durable: boolean
}

/**
 * All keys share one counter of revisions, which only grows: a key that is deleted and declared again gets a higher
 * revision than it ever had, so that an expectation cannot be met by a later thing of the same name.
 */
export class MetaTable {
  #rev = 0
  #known = new Map<string, Known>()

  /** Starts over with what lies on disk; `rev` is the highest revision that was ever given. */
  reset(entries: Iterable<MetaEntry>, rev: number): void {
    this.#rev = rev
    this.#known = new Map()
    for (const entry of entries) {
      this.#known.set(entry.key, { rev: entry.rev, durable: true })
      if (entry.rev > this.#rev) this.#rev = entry.rev
    }
  }

  /** The keys whose revision is not the expected one. */
  unmet(expect: MetaTransaction['expect']): readonly string[] {
    const keys: string[] = []
    for (const [key, rev] of expect) {
      if ((this.#known.get(key)?.rev ?? 0) !== rev) keys.push(key)
    }
    return keys
  }

  /**
   * Takes the writes in. Whether a write concerns the disk follows from what lies there rather than from the word of
   * a deleter: the deletion of an entry that is durable is durable, that of an ephemeral one is not.
   */
  accept(writes: readonly MetaWrite[]): Accepted {
    this.#rev += 1
    const rev = this.#rev
    const durable: DurableWrite[] = []
    const former: [string, Known | undefined][] = []
    for (const { key, value, ephemeral } of writes) {
      const known = this.#known.get(key)
      former.push([key, known])
      if (value === null) this.#known.delete(key)
      else this.#known.set(key, { rev, durable: !ephemeral })
      if (value !== null && !ephemeral) durable.push({ key, value, rev })
      else if (known?.durable) durable.push({ key, value: null, rev })
    }
    return { rev, changes: writes.map(({ key, value }) => ({ key, value, rev })), durable, former }
  }

  /** Takes a transaction back. Several are taken back newest first. The revision that it used is not given again. */
  undo(accepted: Accepted): void {
    for (const [key, known] of accepted.former.toReversed()) {
      if (known === undefined) this.#known.delete(key)
      else this.#known.set(key, known)
    }
  }
}
