// A view of a data directory that can be opened without a change to it. LevelDB has no way to open a database for
// reading only: it replays its log into tables, begins new files and deletes old ones. Here it does that in a folder of
// its own, into which the tables are linked and the rest is copied. Knows file names, no keys.

import { access, constants, copyFile, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { StoreError } from '../../broker/store.ts'
import { Tenure } from '../tenure.ts'
import { codeOf, Database, type Engine, reasonOf } from './database.ts'
import { checkFiles, openDatabase, readDrops } from './opening.ts'

const LOCK = 'LOCK'

/** The store of a data directory as it is, open for reading. What is written to the engine is thrown away. */
export class Scratch {
  readonly #folder: string
  readonly #lock: Database
  readonly #database: Database

  private constructor(folder: string) {
    this.#folder = folder
    // The tenures guard writes, and there are none.
    this.#lock = new Database(join(folder, 'lock'), false, new Tenure())
    this.#database = new Database(join(folder, 'data'), false, new Tenure())
  }

  /**
   * Opens a view of the store in `directory`, and holds its lock until `close`. Not for a process that has the store
   * open itself: the lock is the process's. Rejects with `StoreError` kind `locked`, `damaged` or `failed`.
   */
  static async open(directory: string): Promise<Scratch> {
    const from = resolve(directory)
    await checkDirectory(from)
    const scratch = new Scratch(await mkdtemp(join(tmpdir(), 'leveret-check-')))
    try {
      await scratch.#open(from)
      return scratch
    } catch (cause) {
      await scratch.close()
      if (cause instanceof StoreError) throw cause
      throw new StoreError('failed', `${directory} could not be read: ${reasonOf(cause)}`, { cause })
    }
  }

  /** The engine on the view. */
  get engine(): Engine {
    return this.#database.engine
  }

  /** What the engine left out of the store's log because it was damaged, a line for each place. */
  async drops(): Promise<readonly string[]> {
    return readDrops(join(this.#folder, 'data'))
  }

  /** Lets go of the lock and takes the view away. */
  async close(): Promise<void> {
    await this.#database.close()
    await this.#lock.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #open(from: string): Promise<void> {
    await mkdir(join(this.#folder, 'lock'))
    await mkdir(join(this.#folder, 'data'))
    if (await isLockable(from)) await symlink(join(from, LOCK), join(this.#folder, 'lock', LOCK))
    // An empty database, whose lock is that of the store: it is held before the first file is looked at.
    await openDatabase(this.#lock, from)
    for (const file of await readdir(from)) await bring(from, file, join(this.#folder, 'data'))
    await openDatabase(this.#database, from)
  }
}

/** Throws `StoreError` where there is no store, or the ruins of one. */
async function checkDirectory(directory: string): Promise<void> {
  const files = await readdir(directory).catch((cause) => {
    throw new StoreError('failed', `${directory} cannot be read as a data directory: ${reasonOf(cause)}`, { cause })
  })
  checkFiles(directory, files)
  if (!files.includes('CURRENT')) throw new StoreError('failed', `${directory} holds no store`)
}

/**
 * Whether somebody else could hold the lock. A directory without that file was never opened where it lies (a backup),
 * and on a file system that cannot be written to nobody has it open.
 */
async function isLockable(directory: string): Promise<boolean> {
  try {
    await access(join(directory, LOCK), constants.R_OK | constants.W_OK)
    return true
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'EROFS') return false
    throw cause
  }
}

/**
 * Tables are never changed once they are written, and may be many: a link is enough. It gets the ending that LevelDB
 * used to give to tables, which it reads as before and never writes to: a new table of the same number, which follows
 * when the last process died before it had noted one that it wrote, does not overwrite what the link leads to.
 */
async function bring(from: string, file: string, to: string): Promise<void> {
  const table = /^(\d+)\.(ldb|sst)$/.exec(file)
  if (table) await symlink(join(from, file), join(to, `${table[1]}.sst`))
  else if (/^(CURRENT|MANIFEST-\d+|\d+\.log)$/.test(file)) await copyFile(join(from, file), join(to, file))
}
