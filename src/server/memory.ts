// How much memory this process occupies that nobody else could use: on Linux without the files that are mapped into it,
// which the engine of the store reads its tables through. Those pages are a cache that the kernel takes back at will, and
// counting them would block publishers whenever somebody reads a long stream.

import { readFile } from 'node:fs/promises'

/** Where Linux tells what a process occupies, line by line, in kB. */
const STATUS = '/proc/self/status'

/** Octets that this process occupies. `read` gives a file's text; where it cannot, everything resident counts. */
export async function memoryUsed(read: (path: string) => Promise<string> = readText): Promise<number> {
  try {
    return anonymousBytes(await read(STATUS)) ?? process.memoryUsage.rss()
  } catch {
    return process.memoryUsage.rss()
  }
}

function readText(path: string): Promise<string> {
  return readFile(path, 'latin1')
}

/** Memory that is no file's, from the text of STATUS; null where it does not say. */
function anonymousBytes(status: string): number | null {
  const own = /^RssAnon:\s*(\d+) kB$/m.exec(status)
  const shared = /^RssShmem:\s*(\d+) kB$/m.exec(status)
  return own === null ? null : (Number(own[1]) + Number(shared?.[1] ?? 0)) * 1024
}
