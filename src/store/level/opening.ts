// From a directory to an open engine that is ours: the checks before LevelDB is let near it, the lock, the layout's
// number and the boot counter. What fails here is read by a person who wants to know what to do.

import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from '../../broker/store.ts'
import { codeOf, type Database, type Engine, isDamage, readError, reasonOf } from './database.ts'
import { decodeNumber, encodeNumber, FORMAT, versionKey } from './layout.ts'
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
export function checkFiles(directory: string, files: readonly string[]): void {
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
    const epoch = (former === undefined ? 0 : decodeNumber(versionKey.boots, former)) + 1
    const writes = engine.batch().put(versionKey.boots, encodeNumber(epoch))
    await writes.put(versionKey.format, encodeNumber(FORMAT)).write({ sync: true })
    return epoch
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    throw new StoreError('failed', `cannot write to the data directory ${directory}: ${reasonOf(cause)}`, { cause })
  }
}

/**
 * What the engine left out of its log because checksums did not hold, a line for each place. It says so nowhere but in
 * its own notes, which begin anew with every opening.
 */
export async function readDrops(directory: string): Promise<readonly string[]> {
  const notes = await readFile(join(directory, 'LOG'), 'utf8').catch(() => '')
  const drops: string[] = []
  for (const [, file, reason] of notes.matchAll(/([^/\n]+\.log): (dropping \d+ bytes; .*)$/gm))
    drops.push(`${file}: ${reason}`)
  return drops
}

/** Rejects with `StoreError` kind `damaged` when the database is another program's, or of a newer layout. */
export async function checkFormat(engine: Engine, directory: string): Promise<void> {
  const format = await engine.get(versionKey.format)
  if (format === undefined) {
    for await (const _ of engine.keys({ limit: 1 })) {
      throw new StoreError('damaged', `${directory} holds a LevelDB database of another program. ${CHOOSE}`)
    }
    return
  }
  const number = decodeNumber(versionKey.format, format)
  if (number > FORMAT) {
    const message = `the data directory ${directory} has format ${number}, this version knows formats up to ${FORMAT}`
    throw new StoreError('damaged', `${message}. Start the version of Leveret that wrote it, or a newer one.`)
  }
}

async function openingError(cause: unknown, directory: string): Promise<StoreError> {
  if (codeOf(cause) === 'LEVEL_LOCKED') {
    const message = `the data directory ${directory} is in use by ${await ownerOf(directory)}. Stop that one first, or`
    return new StoreError('locked', `${message} give this one a data directory of its own.`, { cause })
  }
  if (isDamage(cause)) {
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
