// The ports that a store implements (house rule: the broker owns them, an adapter serves them). What lives here is
// types and the one error class that crosses the border; no adapter, no file, no engine may be named here.
//
// Two stores stand behind one lease. `MetaStore` holds what is declared (vhosts, users, exchanges, queues, bindings);
// `MessageStore` holds queues' logs, in chunks. Everything is addressed by numbers that are never reused, so that a key
// has the same shape on any engine.

/**
 * The right to write, granted once per start. `epoch` grows by one with every start of the broker on the same data;
 * a store refuses a write that carries an older epoch.
 */
export interface Lease {
  readonly epoch: number
}

/** One declared thing. `rev` is positive and grows with every change of the key; 0 stands for "absent". */
export interface MetaEntry {
  readonly key: string
  readonly value: string
  readonly rev: number
}

/** What a commit did to a key, as told to watchers: `value` is null where the key is gone. */
export interface MetaChange {
  readonly key: string
  readonly value: string | null
  readonly rev: number
}

/** One write of a transaction; `value` null deletes. An `ephemeral` entry lives in the store's memory only. */
export interface MetaWrite {
  readonly key: string
  readonly value: string | null
  readonly ephemeral: boolean
}

/**
 * Writes that happen together or not at all, if every key of `expect` has the revision named (0 = absent). Expectations
 * are checked against all commits accepted earlier, durable yet or not.
 */
export interface MetaTransaction {
  readonly expect: readonly (readonly [key: string, rev: number])[]
  readonly writes: readonly MetaWrite[]
}

/** Declared things: load them, change them, hear of changes. Values are JSON texts; the store does not read them. */
export interface MetaStore {
  /** All entries, in key order. Called once per opening, before the first commit; a second call rejects. */
  load(): Promise<readonly MetaEntry[]>
  /**
   * Resolves true once the writes are durable and the watchers have been told, false when an expectation failed (then
   * nothing was written, and the commits that it lost against have been told to the watchers). A transaction whose
   * writes are all ephemeral tells the watchers before this call returns, unless it touches a key with a durable write
   * on its way. Rejects with `StoreError`; also when it lost against a commit that then failed.
   */
  commit(lease: Lease, transaction: MetaTransaction): Promise<boolean>
  /** Calls `listener` with every commit's changes, in commit order, before the commit's promise resolves. */
  watch(listener: (changes: readonly MetaChange[]) => void): void
}

/** The address of a chunk: the queue's number and the sequence number of the chunk's first message. */
export interface ChunkKey {
  readonly queueId: number
  readonly firstSeq: number
}

/** Bytes for one key. They may change after `commit` has returned its promise: a store copies them before that. */
export interface ChunkWrite extends ChunkKey {
  readonly bytes: Buffer
}

/** How far a queue has come: the next sequence number to give, and the first that was never delivered. */
export interface QueueMark {
  readonly queueId: number
  readonly nextSeq: number
  readonly headSeq: number
}

/** One group commit, over any number of queues: all of it becomes durable, or none. */
export interface MessageBatch {
  /** Chunks, new or grown: a chunk written again replaces the former. */
  readonly chunks: ChunkWrite[]
  /** What chunks hold, in short; every chunk of `chunks` has one here, others replace the former. */
  readonly summaries: ChunkWrite[]
  /** Chunks that are gone, with their summaries; wins over a chunk of the same key in the same batch. */
  readonly dropped: ChunkKey[]
  readonly marks: QueueMark[]
}

/** A chunk that lies in the store, by its summary: its own bytes are read when they are needed. */
export interface StoredChunk {
  readonly firstSeq: number
  readonly summary: Buffer
}

/** The queues' logs. The caller keeps at most one commit in flight and gathers the next one meanwhile. */
export interface MessageStore {
  /** Resolves when the batch is durable. Rejects with `StoreError`; then no message of it may be confirmed. */
  commit(lease: Lease, batch: MessageBatch): Promise<void>
  /** The bytes of one chunk, or null when there is none under that key. */
  read(key: ChunkKey): Promise<Buffer | null>
  /** The chunks of a queue in order of their sequences. */
  recover(queueId: number): AsyncIterable<StoredChunk>
  /** The mark of a queue, or null when none was ever written. */
  mark(queueId: number): Promise<QueueMark | null>
  /** The numbers of all queues that have a chunk or a mark, in order. */
  queueIds(): Promise<readonly number[]>
  /** Forgets all chunks, summaries and the mark of a queue. */
  dropQueue(lease: Lease, queueId: number): Promise<void>
}

/** Both stores and their life. `open` comes first and grants the lease; `close` waits for what is in flight. */
export interface Store {
  readonly meta: MetaStore
  readonly messages: MessageStore
  /** Rejects with `StoreError` kind `locked` when another process holds the same data. */
  open(): Promise<Lease>
  close(): Promise<void>
}

/**
 * Why a store did not do it. `failed`: nothing was written. `unknown`: it may or may not have been. `fenced`: the lease
 * is no longer the newest; final. `locked`: another process holds the data. `damaged`: what is stored cannot be read.
 */
export type StoreErrorKind = 'failed' | 'unknown' | 'fenced' | 'locked' | 'damaged'

/** The only error that a store's methods reject with. */
export class StoreError extends Error {
  readonly kind: StoreErrorKind

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.kind = kind
  }
}
