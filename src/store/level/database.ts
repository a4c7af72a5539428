// LevelDB as the rest of this folder uses it: the options that limits of the engine suggest, one way to write, and the
// engine's errors turned into ours. It knows no keys.

import { types } from 'node:util'
import { Level } from 'level'
import { StoreError, type StoreErrorKind } from '../../broker/store.ts'
import type { Tenure } from '../tenure.ts'

/** The engine, with keys and values as Buffers. */
export type Engine = Level<Buffer, Buffer>

/** Puts and deletes that are written together. The values are copied by `put`. */
export type WriteBatch = ReturnType<Engine['batch']>

/**
 * One LevelDB database, between `open` and `close`.
 *
 * 32 MiB of writes are gathered in memory before they become a file: less, and space comes back only slowly; more, and
 * a burst of compaction holds up commits. Messages are compressed by their publishers, if at all.
 */
export class Database {
  readonly #directory: string
  readonly #sync: boolean
  readonly #tenure: Tenure
  #engine: Engine | null = null

  constructor(directory: string, sync: boolean, tenure: Tenure) {
    this.#directory = directory
    this.#sync = sync
    this.#tenure = tenure
  }

  /** The open engine. Throws `StoreError` when there is none. */
  get engine(): Engine {
    if (this.#engine === null) throw new StoreError('failed', 'the store is not open')
    return this.#engine
  }

  /** Rejects with the engine's own error. A new engine each time: one that was created opens by itself a tick later. */
  async open(): Promise<Engine> {
    const engine: Engine = new Level(this.#directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
      writeBufferSize: 32 * 2 ** 20,
      maxFileSize: 16 * 2 ** 20,
    })
    await engine.open()
    this.#engine = engine
    return engine
  }

  /** Rewrites the files between two keys without what was deleted. */
  async compact(start: Buffer, end: Buffer): Promise<void> {
    // The type of `level` is that of all its platforms; on Node it is classic-level.
    const engine = this.engine as Engine & { compactRange(start: Buffer, end: Buffer): Promise<void> }
    await engine.compactRange(start, end)
  }

  async close(): Promise<void> {
    const engine = this.#engine
    this.#engine = null
    await engine?.close()
  }

  /**
   * Writes the batch, all or nothing, and resolves when it is as durable as was asked for.
   *
   * When the engine refuses, its log may hold the whole record, a part of it, or none, and records behind a torn one
   * are lost on the next start although they were reported as written (the engine goes on counting from where the
   * record should have ended). Therefore the error is `unknown`, and nothing more is written until the store is opened
   * again, which starts a new log from what can be read of the old one.
   */
  async write(batch: WriteBatch): Promise<void> {
    try {
      await batch.write({ sync: this.#sync })
    } catch (cause) {
      throw this.halt(`the data directory did not take a write: ${reasonOf(cause)}`, cause)
    }
  }

  /** Stops all writing, for the reason given, and returns the error to throw. */
  halt(message: string, cause: unknown): StoreError {
    const error = new StoreError('unknown', message, { cause })
    this.#tenure.halt(error)
    return error
  }
}

/**
 * What a failed read means: `damaged` or `failed`. As we can use it, the engine does not verify the checksums of its
 * tables: a flipped bit within a value passes (docs/decisions/0023).
 */
export function readError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const kind: StoreErrorKind = isDamage(cause) ? 'damaged' : 'failed'
  return new StoreError(kind, `the data directory could not be read: ${reasonOf(cause)}`, { cause })
}

/**
 * Whether the engine stumbled over what is stored rather than over the disk. A file that is missing or shorter than it
 * should be it calls an I/O error, in the words of the operating system.
 */
export function isDamage(cause: unknown): boolean {
  if (codeOf(cause) === 'LEVEL_CORRUPTION') return true
  return codeOf(cause) === 'LEVEL_IO_ERROR' && /No such file|Invalid argument/.test(reasonOf(cause))
}

/** The innermost code of an error: the engine wraps the native error that tells more. */
export function codeOf(error: unknown): string | undefined {
  if (!types.isNativeError(error)) return undefined
  const inner = codeOf(error.cause)
  if (inner !== undefined) return inner
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The innermost message of an error. */
export function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error)
  return error.cause === undefined ? error.message : reasonOf(error.cause)
}
