// The store on LevelDB: one database in one directory holds what is declared and the queues' logs. Here lies its life,
// open to close, and the disk side of declared things.

import { type Lease, type Store, StoreError } from '../../broker/store.ts'
import { MetaCommits, type MetaContents } from '../meta-commits.ts'
import type { DurableWrite } from '../meta-table.ts'
import { Tenure } from '../tenure.ts'
import { Database, type Engine, readError } from './database.ts'
import {
  decodeMeta,
  decodeNumber,
  encodeMeta,
  encodeNumber,
  metaKey,
  namespace,
  namespaceRange,
  versionKey,
} from './layout.ts'
import { LevelLog } from './level-log.ts'
import { countBoot, openDatabase, prepareDirectory, readDrops } from './opening.ts'
import { readOwnerNote, removeOwnerNote, writeOwnerNote } from './owner-note.ts'

/** Where the store says what a person should know. */
export interface StoreLogger {
  warn(message: string): void
}

/** How a store on disk is to work. */
export interface LevelStoreOptions {
  /** Whether a commit waits until the disk has it. Without, it survives the end of the process but not of the machine. */
  readonly sync: boolean
  readonly log?: StoreLogger
}

/**
 * Creates a store on the directory, which `open` creates where there is none. `open` rejects with `StoreError`: kind
 * `locked` when another store holds the directory, `damaged` when what is there cannot be read or is not ours, `failed`
 * when the directory cannot be used. A write that the disk refuses is `unknown`; every later one `failed`, until the
 * store is closed and opened again.
 */
export function createLevelStore(directory: string, options: LevelStoreOptions): Store {
  return new LevelStore(directory, options)
}

class LevelStore implements Store {
  readonly meta: MetaCommits
  readonly messages: LevelLog
  readonly #directory: string
  readonly #log: StoreLogger | undefined
  readonly #tenure = new Tenure()
  readonly #database: Database
  #closing: Promise<void> | null = null

  constructor(directory: string, options: LevelStoreOptions) {
    this.#directory = directory
    this.#log = options.log
    this.#database = new Database(directory, options.sync, this.#tenure)
    this.meta = new MetaCommits(this.#tenure, { write: (writes, rev) => this.#write(writes, rev) })
    this.messages = new LevelLog(this.#tenure, this.#database, (message) => this.#log?.warn(message))
  }

  async open(): Promise<Lease> {
    if (this.#tenure.open) throw new StoreError('locked', `the data directory ${this.#directory} is open already`)
    await this.#closing
    await prepareDirectory(this.#directory)
    const engine = await openDatabase(this.#database, this.#directory)
    try {
      await this.#reportDrops()
      const epoch = await countBoot(engine, this.#directory)
      await this.#noteOwner()
      this.meta.reset(await readMeta(engine))
      return this.#tenure.begin(epoch)
    } catch (error) {
      await this.#database.close()
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#tenure.open) this.#closing = this.#letGo()
    await this.#closing
  }

  async #letGo(): Promise<void> {
    await this.#tenure.end()
    this.meta.end()
    await removeOwnerNote(this.#directory)
    await this.#database.close()
  }

  async #reportDrops(): Promise<void> {
    for (const drop of await readDrops(this.#directory)) this.#log?.warn(`the data directory is damaged: ${drop}`)
  }

  async #noteOwner(): Promise<void> {
    const former = await readOwnerNote(this.#directory)
    if (former !== null) this.#log?.warn(`the data directory was not closed by its last owner, process ${former}`)
    await writeOwnerNote(this.#directory).catch((cause) => {
      throw new StoreError('failed', `cannot write to the data directory ${this.#directory}`, { cause })
    })
  }

  #write(writes: readonly DurableWrite[], rev: number): Promise<void> {
    const batch = this.#database.engine.batch()
    for (const { key, value, rev } of writes) {
      if (value === null) batch.del(metaKey(key))
      else batch.put(metaKey(key), encodeMeta(rev, value))
    }
    batch.put(versionKey.rev, encodeNumber(rev))
    return this.#database.write(batch)
  }
}

async function readMeta(engine: Engine): Promise<MetaContents> {
  try {
    const rev = await engine.get(versionKey.rev)
    const entries = []
    const records = engine.iterator({ ...namespaceRange(namespace.meta), highWaterMarkBytes: 2 ** 20 })
    for await (const [key, value] of records) entries.push(decodeMeta(key, value))
    return { entries, rev: rev === undefined ? 0 : decodeNumber(versionKey.rev, rev) }
  } catch (cause) {
    throw readError(cause)
  }
}
