// A note in the data directory that names the process which holds it, for people and for error messages. The lock
// itself is LevelDB's: a note that lies there without a holder only says that the last one did not say goodbye.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The name of the note within the data directory. */
export const OWNER_NOTE = 'leveret.pid'

/** Writes this process's id. Call it with the lock in hand. */
export async function writeOwnerNote(directory: string): Promise<void> {
  await writeFile(join(directory, OWNER_NOTE), `${process.pid}\n`)
}

/** The process id in the note, or null when there is none to be read. */
export async function readOwnerNote(directory: string): Promise<number | null> {
  const text = await readFile(join(directory, OWNER_NOTE), 'utf8').catch(() => '')
  return /^\d{1,10}\n?$/.test(text) ? Number.parseInt(text, 10) : null
}

/** Call it with the lock still in hand, or the note of the next holder is taken away. */
export async function removeOwnerNote(directory: string): Promise<void> {
  await rm(join(directory, OWNER_NOTE), { force: true })
}
