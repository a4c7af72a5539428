// Group commit: gathers what all durable queues changed, has one batch in flight at a time, and tells the logs when it
// is durable. Knows the store's port and a way to be called later; not what a message is.

import type { Clock, Timer } from '../clock.ts'
import type { Lease, MessageBatch, MessageStore, StoreErrorKind } from '../store.ts'
import { StoreError } from '../store.ts'

/** Something with changes to store: a queue's log. */
export interface Journal {
  /** Adds all changes since the last call to the batch. */
  collect(batch: MessageBatch): void
  /** What was collected last is durable. */
  committed(): void
  /** What was collected last is not durable, or not known to be; it has to be collected again. */
  failed(kind: StoreErrorKind): void
}

/** Hears how commits end. */
export interface CommitListener {
  failed(error: StoreError): void
  succeeded(): void
}

/** How commits are grouped. */
export interface Grouping {
  /** How long a commit waits for others although somebody waits for it, milliseconds; 0: until the end of the turn. */
  readonly lingerMs: number
  /** Octets of messages from which on it waits no longer. */
  readonly batchBytes: number
}

const AT_ONCE: Grouping = { lingerMs: 0, batchBytes: 0 }

/** How long settlements alone may wait for company, milliseconds: they delay nobody, and a crash only redelivers. */
const LAZY_MS = 20
/** How long a store that failed is left alone, milliseconds. */
const RETRY_MS = 1000

/** The one writer of messages. */
export class Committer {
  readonly #store: MessageStore
  readonly #lease: Lease
  readonly #clock: Clock
  readonly #listener: CommitListener
  #dirty = new Set<Journal>()
  #inFlight: Promise<void> | null = null
  /** Whose changes are in flight; those forgotten meanwhile hear no more of them. */
  #collected = new Set<Journal>()
  /** Deletions of whole queues that are under way. */
  readonly #dropping = new Set<Promise<void>>()
  /** Somebody waits for what is dirty. */
  #urgent = false
  /** A commit begins at the end of this turn. */
  #soon = false
  /** The store failed a moment ago. */
  #resting = false
  #timer: Timer | null = null
  readonly #grouping: Grouping
  /** Octets of messages that wait for the next commit. */
  #waitingBytes = 0
  /** The store is about to close. */
  #over = false
  /** The timer is that of a commit that waits for others. */
  #lingers = false

  constructor(store: MessageStore, lease: Lease, clock: Clock, listener: CommitListener, grouping: Grouping = AT_ONCE) {
    this.#grouping = grouping
    this.#store = store
    this.#lease = lease
    this.#clock = clock
    this.#listener = listener
  }

  /** So many octets of messages more are to be stored. */
  gather(bytes: number): void {
    this.#waitingBytes += bytes
  }

  /** `journal` has changes; `urgent`: somebody waits for them. */
  schedule(journal: Journal, urgent: boolean): void {
    this.#dirty.add(journal)
    this.#urgent ||= urgent
    if (this.#inFlight === null && !this.#resting) this.#plan()
  }

  /**
   * `journal` is gone; what it has not stored is not stored any more. `queueId` (null: nothing is stored) is dropped from
   * the store, after the commit in flight: that may still write to it.
   */
  forget(journal: Journal, queueId: number | null): void {
    this.#dirty.delete(journal)
    this.#collected.delete(journal)
    if (queueId === null) return
    const dropping = (this.#inFlight ?? Promise.resolve())
      .then(() => this.#store.dropQueue(this.#lease, queueId))
      .catch((error: unknown) => this.#rest(asStoreError(error)))
      .finally(() => this.#dropping.delete(dropping))
    this.#dropping.add(dropping)
  }

  /** Stores everything that there is to store, and resolves when that is durable or has failed. */
  async flush(): Promise<void> {
    while (this.#inFlight !== null) await this.#inFlight
    if (this.#dirty.size > 0) await this.#commit()
    await Promise.all(this.#dropping)
  }

  /** The store is about to close: nothing is committed any more. */
  end(): void {
    this.#over = this.#resting = true
    this.#cancelTimer()
  }

  /** The next commit begins at the end of this turn when somebody waits for it, else a little later. */
  #plan(): void {
    if (this.#soon) return
    if (!this.#urgent) {
      this.#timer ??= this.#clock.after(LAZY_MS, this.#timeIsUp)
      return
    }
    if (this.#waitingBytes < this.#grouping.batchBytes) return this.#linger()
    this.#soon = true
    this.#clock.soon(this.#turnEnds)
  }

  #linger(): void {
    if (this.#lingers) return
    this.#cancelTimer()
    this.#lingers = true
    this.#timer = this.#clock.after(this.#grouping.lingerMs, this.#timeIsUp)
  }

  /** After a rest the store is tried even with nothing to store: the listener waits to hear that it works. */
  readonly #timeIsUp = (): void => {
    this.#timer = null
    const rested = this.#resting
    this.#resting = false
    if (rested && this.#inFlight === null) this.#commit()
    else this.#turnEnds()
  }

  readonly #turnEnds = (): void => {
    this.#soon = false
    if (this.#inFlight === null && !this.#resting && this.#dirty.size > 0) this.#commit()
  }

  #commit(): Promise<void> {
    this.#collected = this.#dirty
    this.#dirty = new Set()
    this.#urgent = this.#resting = this.#lingers = false
    this.#waitingBytes = 0
    this.#cancelTimer()
    const batch: MessageBatch = { chunks: [], summaries: [], dropped: [], marks: [] }
    for (const journal of this.#collected) journal.collect(batch)
    this.#inFlight = this.#store.commit(this.#lease, batch).then(
      () => this.#ended(null),
      (error: unknown) => this.#ended(asStoreError(error)),
    )
    return this.#inFlight
  }

  #ended(error: StoreError | null): void {
    const journals = this.#collected
    this.#collected = new Set()
    if (error === null) {
      this.#listener.succeeded()
      for (const journal of journals) journal.committed()
    } else {
      this.#rest(error)
      for (const journal of journals) journal.failed(error.kind)
    }
    this.#inFlight = null
    if (this.#dirty.size > 0 && !this.#resting) this.#plan()
  }

  /** The store has failed: it is left alone for a while. */
  #rest(error: StoreError): void {
    this.#listener.failed(error)
    this.#resting = true
    this.#cancelTimer()
    if (!this.#over) this.#timer = this.#clock.after(RETRY_MS, this.#timeIsUp)
  }

  #cancelTimer(): void {
    this.#timer?.cancel()
    this.#timer = null
  }
}

function asStoreError(error: unknown): StoreError {
  return error instanceof StoreError ? error : new StoreError('unknown', String(error), { cause: error })
}
