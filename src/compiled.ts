// Loads a CommonJS file together with what V8 has made of it before: most of a large file's loading is compiling it. Knows
// files and the engine; not what they are for.

import { readFileSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { basename, dirname } from 'node:path'
import { runInThisContext, Script } from 'node:vm'

/** A file that is loaded. */
export interface Loaded {
  readonly exports: unknown
  /** What V8 has compiled of it by now: the contents of `<path>.cache`. */
  compiled(): Buffer
}

/**
 * What the file `path` (absolute) exports: as `require` has it, once for a process, but with `<path>.cache`. Where a test
 * runner gives each test a world of its own, the file is loaded there, without. Throws what the file throws.
 */
export function requireCompiled(path: string): unknown {
  const require = createRequire(path)
  if (runInThisContext('Object') !== Object) return require(path)
  return require.cache[path]?.exports ?? loadCompiled(path).exports
}

/**
 * Loads the file `path` (absolute) with `<path>.cache`, where that is there: of another version of V8 it is left aside, and
 * the file compiled as always. From then on `require` knows it. Throws what the file throws.
 */
export function loadCompiled(path: string): Loaded {
  const cachedData = contents(`${path}.cache`)
  const script = new Script(wrapped(readFileSync(path, 'utf8')), {
    filename: nameInStacks(path),
    ...(cachedData ? { cachedData } : {}),
  })
  const module = new Module(path)
  module.filename = path
  const require = createRequire(path)
  script.runInThisContext().call(module.exports, module.exports, require, module, path, dirname(path))
  module.loaded = true
  require.cache[path] = module
  return { exports: module.exports, compiled: () => script.createCachedData() }
}

/** V8 keeps the name with what it has compiled, so that it can be no path: that would be one of the machine that built. */
function nameInStacks(path: string): string {
  return `leveret/dist/${basename(path)}`
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
