// A store around another one, whose disk does what a spec tells it to: it keeps a commit waiting, refuses it, or leaves
// in doubt what became of it. Nothing here happens by time; a held commit moves when the spec says so.

import {
  type ChunkKey,
  type ChunkWrite,
  type Lease,
  type MessageBatch,
  type MessageStore,
  type MetaEntry,
  type MetaWrite,
  type QueueMark,
  type Store,
  type StoredChunk,
  StoreError,
  type StoreErrorKind,
} from '../../src/broker/store.ts'
import { MetaCommits } from '../../src/store/meta-commits.ts'
import type { DurableWrite } from '../../src/store/meta-table.ts'
import { Tenure } from '../../src/store/tenure.ts'

/** Whether a commit that fails reached the disk all the same. */
export interface Fate {
  readonly applied: boolean
}

/** A commit that waits. Until `release` or `fail` is called it is neither written nor answered. */
export interface Hold {
  /** Resolves when a commit has arrived and waits. */
  readonly reached: Promise<void>
  /** Lets it be written. May be called before it arrives. */
  release(): void
  /** Lets it fail, written (`applied`) or not. */
  fail(kind: StoreErrorKind, fate: Fate): void
}

/**
 * What can be done to the commits of one port. Orders are used up one by one, in the order given, by commits as they
 * come to the disk. On the meta port that is a group: all commits of one turn of the loop, or all that arrived while
 * another group was under way. Ephemeral transactions never come to the disk.
 */
export interface Faults {
  holdNextCommit(): Hold
  /**
   * `failed` with `applied: false` and `unknown` with either are what stores do. After `fenced` every later write is
   * fenced too. The other kinds harm that one commit only.
   */
  failNextCommit(kind: StoreErrorKind, fate: Fate): void
}

export interface FaultyStore extends Store {
  readonly meta: MetaCommits & Faults
  readonly messages: MessageStore & Faults
  /** Another node took over: every write under a lease granted so far is fenced from now on. */
  fence(): void
}

/** Wraps a store. Wrap the same one again to see what a restarted broker would find. */
export function faultyStore(inner: Store): FaultyStore {
  return new FaultStore(inner)
}

type Verdict = { readonly kind: StoreErrorKind; readonly fate: Fate } | null

/** Orders that wait for a commit to use them up. */
class Orders implements Faults {
  readonly #orders: (() => Promise<Verdict>)[] = []

  holdNextCommit(): Hold {
    let arrive: () => void = () => {}
    let decide: (verdict: Verdict) => void = () => {}
    const reached = new Promise<void>((resolve) => {
      arrive = resolve
    })
    const decision = new Promise<Verdict>((resolve) => {
      decide = resolve
    })
    this.#orders.push(() => {
      arrive()
      return decision
    })
    return { reached, release: () => decide(null), fail: (kind, fate) => decide({ kind, fate }) }
  }

  failNextCommit(kind: StoreErrorKind, fate: Fate): void {
    this.#orders.push(async () => ({ kind, fate }))
  }

  /** Runs `write` as the oldest order says. */
  async obey(write: () => Promise<unknown>, fence: () => void): Promise<void> {
    const verdict = await this.#orders.shift()?.()
    if (!verdict || verdict.fate.applied) await write()
    if (!verdict) return
    if (verdict.kind === 'fenced') fence()
    throw new StoreError(verdict.kind, `the spec made this commit ${verdict.kind}`)
  }
}

class FaultyMeta extends MetaCommits implements Faults {
  readonly #orders: Orders

  constructor(tenure: Tenure, orders: Orders, write: (writes: readonly DurableWrite[], rev: number) => Promise<void>) {
    super(tenure, { write })
    this.#orders = orders
  }

  holdNextCommit(): Hold {
    return this.#orders.holdNextCommit()
  }

  failNextCommit(kind: StoreErrorKind, fate: Fate): void {
    this.#orders.failNextCommit(kind, fate)
  }
}

class FaultyMessages extends Orders implements MessageStore {
  readonly #store: FaultStore
  readonly #inner: MessageStore
  #inFlight: Promise<unknown> = Promise.resolve()

  constructor(store: FaultStore, inner: MessageStore) {
    super()
    this.#store = store
    this.#inner = inner
  }

  async commit(lease: Lease, batch: MessageBatch): Promise<void> {
    this.#store.tenure.checkWrite(lease)
    const copy = { ...batch, chunks: batch.chunks.map(copyOf), summaries: batch.summaries.map(copyOf) }
    const write = () => this.#inner.commit(this.#store.innerLease, copy)
    const commit = this.obey(write, () => this.#store.fence())
    this.#inFlight = this.#store.tenure.track(commit)
    await commit
  }

  async read(key: ChunkKey): Promise<Buffer | null> {
    this.#store.tenure.checkOpen()
    return this.#inner.read(key)
  }

  async *recover(queueId: number): AsyncIterable<StoredChunk> {
    this.#store.tenure.checkOpen()
    yield* this.#inner.recover(queueId)
  }

  async mark(queueId: number): Promise<QueueMark | null> {
    this.#store.tenure.checkOpen()
    return this.#inner.mark(queueId)
  }

  async queueIds(): Promise<readonly number[]> {
    this.#store.tenure.checkOpen()
    return this.#inner.queueIds()
  }

  async dropQueue(lease: Lease, queueId: number): Promise<void> {
    this.#store.tenure.checkWrite(lease)
    await this.#inFlight.catch(() => {})
    await this.#inner.dropQueue(this.#store.innerLease, queueId)
  }
}

/** The key under which the highest revision is kept in the store inside. */
const REV = '\u0000rev'

/**
 * Meta commits are ordered here and come to the store inside as one transaction per group. It gives revisions of its
 * own, so ours are kept in front of the values.
 */
class FaultStore implements FaultyStore {
  readonly meta: FaultyMeta
  readonly messages: FaultyMessages
  readonly tenure = new Tenure()
  innerLease: Lease = { epoch: 0 }
  readonly #inner: Store
  #epoch = 0

  constructor(inner: Store) {
    this.#inner = inner
    const orders = new Orders()
    this.meta = new FaultyMeta(this.tenure, orders, (writes, rev) =>
      orders.obey(
        () => this.#write(writes, rev),
        () => this.fence(),
      ),
    )
    this.messages = new FaultyMessages(this, inner.messages)
  }

  async open(): Promise<Lease> {
    this.innerLease = await this.#inner.open()
    const entries: MetaEntry[] = []
    let rev = 0
    for (const { key, value } of await this.#inner.meta.load()) {
      if (key === REV) rev = Number(value)
      else entries.push({ key, value: value.slice(value.indexOf(' ') + 1), rev: Number.parseInt(value, 10) })
    }
    this.meta.reset({ entries, rev })
    this.#epoch = this.innerLease.epoch
    return this.tenure.begin(this.#epoch)
  }

  async close(): Promise<void> {
    await this.tenure.end()
    this.meta.end()
    await this.#inner.close()
  }

  fence(): void {
    this.#epoch += 1
    this.tenure.begin(this.#epoch)
  }

  async #write(writes: readonly DurableWrite[], rev: number): Promise<void> {
    const marked = writes.map(({ key, value, rev }) => durable(key, value === null ? null : `${rev} ${value}`))
    await this.#inner.meta.commit(this.innerLease, { expect: [], writes: [...marked, durable(REV, `${rev}`)] })
  }
}

function durable(key: string, value: string | null): MetaWrite {
  return { key, value, ephemeral: false }
}

function copyOf({ queueId, firstSeq, bytes }: ChunkWrite): ChunkWrite {
  return { queueId, firstSeq, bytes: Buffer.from(bytes) }
}
