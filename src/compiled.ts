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
 * What the file `path` (absolute) exports: as `require` has it, once for a process, but with `<path>.cache`. Where that is of
 * another V8, or of one with other flags, Node loads the file as always, with the cache of its own that it may have. So
 * it does where a test runner gives each test a world of its own, which is where it is loaded. Throws what the file throws.
 */
export function requireCompiled(path: string): unknown {
  const require = createRequire(path)
  if (runInThisContext('Object') !== Object) return require(path)
  const known = require.cache[path]
  if (known) return known.exports
  const script = scriptOf(path)
  return script.cachedDataRejected ? require(path) : run(script, path)
}

/**
 * Loads the file `path` (absolute) with `<path>.cache`, where that is there and fits. From then on `require` knows it. Throws
 * what the file throws.
 */
export function loadCompiled(path: string): Loaded {
  const script = scriptOf(path)
  return { exports: run(script, path), compiled: () => script.createCachedData() }
}

function scriptOf(path: string): Script {
  const cachedData = contents(`${path}.cache`)
  return new Script(wrapped(readFileSync(path, 'utf8')), {
    filename: nameInStacks(path),
    ...(cachedData ? { cachedData } : {}),
  })
}

function run(script: Script, path: string): unknown {
  const module = new Module(path)
  module.filename = path
  const require = createRequire(path)
  script.runInThisContext().call(module.exports, module.exports, require, module, path, dirname(path))
  module.loaded = true
  require.cache[path] = module
  return module.exports
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
