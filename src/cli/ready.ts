// The word that a broker is ready, for the program that started it: one line of JSON with all URLs, in a file or on a
// descriptor that it inherited. Knows no broker.

import { closeSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'

/** Where the word goes: as the flags `--ready-file` and `--ready-fd` say it. */
export interface ReadyPlaces {
  readonly readyFile?: string | undefined
  readonly readyFd?: string | undefined
}

/** What is said. */
export interface Ready {
  readonly urls: readonly string[]
  readonly pid: number
  readonly version: string
}

/**
 * Says it. The file appears whole or not at all, so that whoever waits for it may read it at once; a descriptor is closed
 * behind the line, so that whoever reads to the end is not kept waiting.
 * @throws Error of the file system; one about the descriptor when it is no number
 */
export function announce({ readyFile, readyFd }: ReadyPlaces, cwd: string, ready: Ready): void {
  const line = `${JSON.stringify(ready)}\n`
  if (readyFile !== undefined) {
    const path = resolve(cwd, readyFile)
    writeFileSync(`${path}.new`, line)
    renameSync(`${path}.new`, path)
  }
  if (readyFd === undefined) return
  if (!/^\d{1,5}$/.test(readyFd)) throw new Error(`--ready-fd: got "${readyFd}", expected the number of a descriptor`)
  const fd = Number(readyFd)
  writeSync(fd, line)
  // Standard output and standard error are the log's.
  if (fd > 2) closeSync(fd)
}
