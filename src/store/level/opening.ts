// From a directory to an open engine that is ours: the checks before LevelDB is let near it, the lock, the layout's
// number and the boot counter. What fails here is read by a person who wants to know what to do.

import { mkdir, readdir } from 'node:fs/promises'
import { StoreError } from '../../broker/store.ts'
import { codeOf, type Database, type Engine, readError, reasonOf } from './database.ts'
import { encodeNumber, FORMAT, readNumber, versionKey } from './layout.ts'
import { OWNER_NOTE, readOwnerNote } from './owner-note.ts'

/** Creates the directory where there is none. Rejects with `StoreError` when it cannot hold a store. */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true })
    checkFiles(directory, await readdir(directory))
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    throw new StoreError('failed', `cannot use ${directory} as a data directory: ${explain(cause)}`, { cause })
  }
}

/**
 * LevelDB takes a directory without CURRENT for a new one, and then deletes the tables and logs that lie there. We
 * refuse instead: they are somebody's messages. (A MANIFEST alone is a first start that was cut short, and harmless.)
 */
function checkFiles(directory: string, files: readonly string[]): void {
  if (files.includes('CURRENT')) return
  const orphan = files.find((file) => /^\d+\.(ldb|sst|log)$/.test(file))
  if (orphan === undefined) return
  const message = `the data directory ${directory} is damaged: it holds ${orphan} but its file CURRENT is missing`
  throw new StoreError('damaged', `${message}. ${RESTORE}`)
}

/** Opens the database, which takes the lock. Rejects with `StoreError` kind `locked`, `damaged` or `failed`. */
export async function openDatabase(database: Database, directory: string): Promise<Engine> {
  try {
    return await database.open()
  } catch (cause) {
    throw await openingError(cause, directory)
  }
}

/**
 * Counts this opening, durably, and returns its number. Rejects with kind `damaged` when the directory was written by
 * a newer layout or by another program.
 */
export async function countBoot(engine: Engine, directory: string): Promise<number> {
  try {
    await checkFormat(engine, directory)
    const former = await engine.get(versionKey.boots)
    const epoch = (former === undefined ? 0 : readNumber(former)) + 1
    const writes = engine.batch().put(versionKey.boots, encodeNumber(epoch))
    await writes.put(versionKey.format, encodeNumber(FORMAT)).write({ sync: true })
    return epoch
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    throw new StoreError('failed', `cannot write to the data directory ${directory}: ${reasonOf(cause)}`, { cause })
  }
}

async function checkFormat(engine: Engine, directory: string): Promise<void> {
  const format = await engine.get(versionKey.format)
  if (format === undefined) {
    for await (const _ of engine.keys({ limit: 1 })) {
      throw new StoreError('damaged', `${directory} holds a LevelDB database of another program. ${CHOOSE}`)
    }
    return
  }
  const number = readNumber(format)
  if (number > FORMAT) {
    const message = `the data directory ${directory} has format ${number}, this version knows formats up to ${FORMAT}`
    throw new StoreError('damaged', `${message}. Start the version of Leveret that wrote it, or a newer one.`)
  }
}

async function openingError(cause: unknown, directory: string): Promise<StoreError> {
  const code = codeOf(cause)
  if (code === 'LEVEL_LOCKED') {
    const message = `the data directory ${directory} is in use by ${await ownerOf(directory)}. Stop that one first, or`
    return new StoreError('locked', `${message} give this one a data directory of its own.`, { cause })
  }
  // A missing or empty table, a CURRENT that leads nowhere: LevelDB calls some of it corruption, some invalid.
  if (
    code === 'LEVEL_CORRUPTION' ||
    (code === 'LEVEL_IO_ERROR' && /No such file|invalid|Invalid/.test(reasonOf(cause)))
  ) {
    return new StoreError('damaged', `the data directory ${directory} is damaged: ${reasonOf(cause)}. ${RESTORE}`, {
      cause,
    })
  }
  return readError(cause)
}

async function ownerOf(directory: string): Promise<string> {
  const pid = await readOwnerNote(directory)
  if (pid === process.pid) return 'this very process'
  return pid === null ? 'another process' : `another process (${OWNER_NOTE} there says: process ${pid})`
}

function explain(cause: unknown): string {
  switch (codeOf(cause)) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'it, or a part of the path to it, is a file and not a directory'
    case 'EACCES':
    case 'EPERM':
      return 'the permissions do not allow it'
    case 'EROFS':
      return 'the file system is read-only'
    case 'ENOSPC':
      return 'the disk is full'
    default:
      return reasonOf(cause)
  }
}

const CHOOSE = 'Choose another data directory.'
const RESTORE = 'Restore it from a backup, or move it away to start with an empty one.'
