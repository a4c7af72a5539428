// What the parts of the store contract and the specs of stores have in common: a store under test with its restarts,
// and short words for transactions, batches and outcomes.

import {
  type ChunkWrite,
  type Lease,
  type MessageBatch,
  type MetaChange,
  type MetaTransaction,
  type MetaWrite,
  type Store,
  StoreError,
  type StoreErrorKind,
} from '../../../src/broker/store.ts'

/** A store under test and its surroundings. */
export interface Subject {
  readonly store: Store
  /** The store as the next process would create it, not yet open. The former one is closed. */
  reopen(): Store
  /** Removes what the store left behind, once it is closed. */
  clean(): Promise<void>
}

/** A subject between `beforeEach` and `afterEach`: its store, open, and the lease of the newest opening. */
export class Trial {
  readonly #create: () => Promise<Subject>
  #subject: Subject | undefined
  #store: Store | undefined
  lease: Lease = { epoch: 0 }

  constructor(create: () => Promise<Subject>) {
    this.#create = create
  }

  get store(): Store {
    return this.#store as Store
  }

  async begin(): Promise<void> {
    this.#subject = await this.#create()
    this.#store = this.#subject.store
    this.lease = await this.store.open()
  }

  async end(): Promise<void> {
    await this.store.close()
    await this.#subject?.clean()
  }

  /** The store as the next process would create it, not yet open. */
  reopen(): Store {
    return (this.#subject as Subject).reopen()
  }

  async restart(): Promise<void> {
    await this.store.close()
    this.#store = this.reopen()
    this.lease = await this.store.open()
  }

  /** What is declared, as texts like `a=1`. Once after each opening. */
  async entries(): Promise<string[]> {
    return (await this.store.meta.load()).map(({ key, value }) => `${key}=${value}`)
  }

  async revsByKey(): Promise<Map<string, number>> {
    return new Map((await this.store.meta.load()).map(({ key, rev }) => [key, rev]))
  }
}

export const LARGEST = Number.MAX_SAFE_INTEGER

export function put(key: string, value: string): MetaWrite {
  return { key, value, ephemeral: false }
}

export function putEphemeral(key: string, value: string): MetaWrite {
  return { key, value, ephemeral: true }
}

export function del(key: string, ephemeral = false): MetaWrite {
  return { key, value: null, ephemeral }
}

export function transaction(writes: readonly MetaWrite[], expect: MetaTransaction['expect'] = []): MetaTransaction {
  return { expect, writes }
}

export function bytes(queueId: number, firstSeq: number, text = ''): ChunkWrite {
  return { queueId, firstSeq, bytes: Buffer.from(text) }
}

/** A batch in which every chunk has a summary: an empty one where `parts` has none for it. */
export function batch(parts: Partial<MessageBatch>): MessageBatch {
  const { chunks = [], summaries = [], dropped = [], marks = [] } = parts
  const summarised = new Set(summaries.map(({ queueId, firstSeq }) => `${queueId}/${firstSeq}`))
  const others = chunks.filter(({ queueId, firstSeq }) => !summarised.has(`${queueId}/${firstSeq}`))
  return {
    chunks,
    summaries: [...summaries, ...others.map((chunk) => ({ ...chunk, bytes: Buffer.alloc(0) }))],
    dropped,
    marks,
  }
}

/** The kind of the `StoreError` that the promise rejects with; fails when it does anything else. */
export async function kindOf(promise: Promise<unknown>): Promise<StoreErrorKind> {
  const outcome = await promise.then(
    () => 'resolved',
    (error) => error,
  )
  expect(outcome).toBeInstanceOf(StoreError)
  return outcome.kind
}

/** The changes that a store tells, as short texts like `a=1` or `a gone`. */
export function listen(store: Store): string[] {
  const told: string[] = []
  store.meta.watch((changes) => {
    told.push(changes.map(textOf).join(' '))
  })
  return told
}

export function textOf({ key, value }: MetaChange): string {
  return value === null ? `${key} gone` : `${key}=${value}`
}

/** What a queue's summaries say is there, with the chunks themselves: `1:chunk/summary`. */
export async function chunksOf(store: Store, queueId: number): Promise<string[]> {
  const chunks: string[] = []
  for await (const { firstSeq, summary } of store.messages.recover(queueId)) {
    const chunk = (await store.messages.read({ queueId, firstSeq }))?.toString() ?? 'nothing'
    chunks.push(summary.length === 0 ? `${firstSeq}:${chunk}` : `${firstSeq}:${chunk}/${summary}`)
  }
  return chunks
}
