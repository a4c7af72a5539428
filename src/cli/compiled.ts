// Loads a CommonJS file together with what V8 has made of it before: most of a large file's loading is compiling it. Knows
// files and the engine; not what they are for.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'

/** A file that is loaded. */
export interface Loaded {
  readonly exports: unknown
  /** What V8 has compiled of it by now: the contents of `<path>.cache`. */
  compiled(): Buffer
}

/**
 * Loads the file `path` (absolute) with `<path>.cache`, where that is there: of another version of V8 it is left aside, and
 * the file compiled as always. Throws what the file throws.
 */
export function loadCompiled(path: string): Loaded {
  const cachedData = contents(`${path}.cache`)
  const script = new Script(wrapped(readFileSync(path, 'utf8')), {
    filename: path,
    ...(cachedData ? { cachedData } : {}),
  })
  const module: { exports: unknown } = { exports: {} }
  script.runInThisContext().call(module.exports, module.exports, createRequire(path), module, path, dirname(path))
  return { exports: module.exports, compiled: () => script.createCachedData() }
}

/** The function that CommonJS makes of a file. Its first line stays the first, for stacks. */
function wrapped(text: string): string {
  return `(function (exports, require, module, __filename, __dirname) {${text}\n})`
}

function contents(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
