// Directories that live as long as a test.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Creates an empty directory of a name of its own. */
export function createTemporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'leveret-spec-'))
}

/** Removes the directory and all that is in it. */
export async function removeTemporaryDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
}
