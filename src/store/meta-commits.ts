// The life of a transaction on declared things, the same for every adapter: accepted by the table, gathered into a
// group, written, told to the watchers. The adapter only brings the disk (`MetaBacking`).

import {
  type Lease,
  type MetaChange,
  type MetaEntry,
  type MetaStore,
  type MetaTransaction,
  StoreError,
} from '../broker/store.ts'
import { type Accepted, type DurableWrite, MetaTable } from './meta-table.ts'
import type { Tenure } from './tenure.ts'

/** What lies on disk when a store is opened. `rev` is the highest revision that was ever written. */
export interface MetaContents {
  readonly entries: readonly MetaEntry[]
  readonly rev: number
}

/** The disk of an adapter. */
export interface MetaBacking {
  /** Writes all or nothing; resolves when durable. Rejects with `StoreError`. `rev` is the newest revision of all. */
  write(writes: readonly DurableWrite[], rev: number): Promise<void>
}

/** An accepted transaction that the watchers have not been told of. */
class Pending {
  readonly accepted: Accepted
  readonly promise: Promise<boolean>
  #resolve: (kept: boolean) => void = () => {}
  #reject: (error: StoreError) => void = () => {}

  constructor(accepted: Accepted) {
    this.accepted = accepted
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  keep(): void {
    this.#resolve(true)
  }

  fail(error: StoreError): void {
    this.#reject(error)
  }
}

type Listener = (changes: readonly MetaChange[]) => void

/**
 * Group commit: one write is in flight, all that arrives meanwhile forms the next. A group that fails takes down what
 * was accepted on top of it as well, because that may rest on revisions that never came to be.
 */
export class MetaCommits implements MetaStore {
  readonly #tenure: Tenure
  readonly #backing: MetaBacking
  readonly #table = new MetaTable()
  readonly #listeners: Listener[] = []
  #loaded: readonly MetaEntry[] | null = null
  #gathered: Pending[] = []
  /** The newest pending transaction by key that it writes. */
  readonly #pending = new Map<string, Pending>()
  #writing = false
  #untold: Pending[] = []

  constructor(tenure: Tenure, backing: MetaBacking) {
    this.#tenure = tenure
    this.#backing = backing
  }

  /** Starts with what the adapter found on opening, which `load` then hands over. */
  reset(contents: MetaContents): void {
    this.#table.reset(contents.entries, contents.rev)
    this.#loaded = contents.entries
  }

  /** Lets go of the watchers: they belonged to the broker that held the lease. */
  end(): void {
    this.#listeners.length = 0
  }

  async load(): Promise<readonly MetaEntry[]> {
    this.#tenure.checkOpen()
    if (this.#loaded === null) throw new StoreError('failed', 'what was declared has been loaded already')
    const entries = this.#loaded
    this.#loaded = null
    return entries
  }

  watch(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /**
   * As the port says. Two refinements: an ephemeral transaction on keys of which the watchers are still to hear waits
   * its turn behind them, and one made by a listener is told when the listeners are done with what they hear just now.
   */
  commit(lease: Lease, transaction: MetaTransaction): Promise<boolean> {
    try {
      this.#tenure.checkWrite(lease)
    } catch (error) {
      return Promise.reject(error)
    }
    const unmet = this.#table.unmet(transaction.expect)
    if (unmet.length > 0) return this.#lose(unmet)
    const rests = this.#restsOnPending(transaction)
    const pending = new Pending(this.#table.accept(transaction.writes))
    if (rests || pending.accepted.durable.length > 0) this.#gather(pending)
    else this.#tell(pending)
    return pending.promise
  }

  /** False, once the watchers know why; an error when the reason was itself undone. */
  #lose(unmet: readonly string[]): Promise<boolean> {
    const winners: Promise<boolean>[] = []
    for (const key of unmet) {
      const winner = this.#pending.get(key)
      if (winner !== undefined) winners.push(winner.promise)
    }
    return Promise.all(winners).then(
      () => false,
      (cause) => {
        throw new StoreError('failed', 'the commit that this one lost against failed', { cause })
      },
    )
  }

  #restsOnPending({ expect, writes }: MetaTransaction): boolean {
    if (this.#pending.size === 0) return false
    return expect.some(([key]) => this.#pending.has(key)) || writes.some(({ key }) => this.#pending.has(key))
  }

  #gather(pending: Pending): void {
    for (const { key } of pending.accepted.changes) this.#pending.set(key, pending)
    this.#gathered.push(pending)
    if (this.#writing) return
    this.#writing = true
    this.#tenure.track(this.#writeGroups())
  }

  async #writeGroups(): Promise<void> {
    // One microtask later, so that all commits of one turn go into one group.
    await null
    while (this.#gathered.length > 0) {
      const group = this.#gathered
      this.#gathered = []
      try {
        await this.#write(group)
      } catch (error) {
        this.#undo(group, error)
        continue
      }
      for (const pending of group) {
        this.#forget(pending)
        this.#tell(pending)
      }
    }
    this.#writing = false
  }

  async #write(group: readonly Pending[]): Promise<void> {
    const writes = group.flatMap((pending) => pending.accepted.durable)
    const rev = group.at(-1)?.accepted.rev ?? 0
    if (writes.length > 0) await this.#backing.write(writes, rev)
  }

  #undo(group: readonly Pending[], cause: unknown): void {
    const error = cause instanceof StoreError ? cause : new StoreError('failed', 'the commit failed', { cause })
    const later = this.#gathered
    this.#gathered = []
    for (const pending of [...group, ...later].reverse()) {
      this.#table.undo(pending.accepted)
      this.#forget(pending)
    }
    for (const pending of group) pending.fail(error)
    for (const pending of later) pending.fail(new StoreError('failed', 'an earlier commit failed', { cause: error }))
  }

  #forget(pending: Pending): void {
    for (const { key } of pending.accepted.changes) {
      if (this.#pending.get(key) === pending) this.#pending.delete(key)
    }
  }

  #tell(pending: Pending): void {
    this.#untold.push(pending)
    if (this.#untold.length > 1) return
    for (const next of this.#untold) this.#tellListeners(next)
    this.#untold = []
  }

  #tellListeners(pending: Pending): void {
    try {
      for (const listener of this.#listeners) listener(pending.accepted.changes)
      pending.keep()
    } catch (cause) {
      // It is stored, yet not what the tables in memory say: only a restart brings the two together.
      pending.fail(new StoreError('unknown', 'the commit is stored, but a watcher of it failed', { cause }))
    }
  }
}
