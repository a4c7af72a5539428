// The note that says which process holds a data directory.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OWNER_NOTE, readOwnerNote, removeOwnerNote, writeOwnerNote } from '../../../src/store/level/owner-note.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'

describe('the owner note', () => {
  let directory: string

  beforeEach(async () => {
    directory = await createTemporaryDirectory()
  })

  afterEach(() => removeTemporaryDirectory(directory))

  it('names this process until it is removed', async () => {
    expect(await readOwnerNote(directory)).toBeNull()
    await writeOwnerNote(directory)
    expect(await readFile(join(directory, OWNER_NOTE), 'utf8')).toBe(`${process.pid}\n`)
    expect(await readOwnerNote(directory)).toBe(process.pid)
    await removeOwnerNote(directory)
    await removeOwnerNote(directory)
    expect(await readOwnerNote(directory)).toBeNull()
  })

  it('is nobody’s when it holds no process id', async () => {
    for (const text of ['', 'hare', '-4', '12 34', '1'.repeat(40)]) {
      await writeFile(join(directory, OWNER_NOTE), text)
      expect(await readOwnerNote(directory)).toBeNull()
    }
  })
})
