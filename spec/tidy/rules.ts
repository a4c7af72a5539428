// The rules of the house that a linter cannot say, or that are worth saying twice. Each takes sources and answers with
// complaints, so that it can be tried on a small bad sample as well as on the whole tree.

import { posix } from 'node:path'
import type { FunctionOf, Source } from './source.ts'

/** Something that is not as it should be, as `path:line what`. */
export type Complaint = string

/** How long a file and a function may be, in lines. */
export const LONGEST_FILE = 400
export const LONGEST_FUNCTION = 60

function at(source: Source, line: number, what: string): Complaint {
  return `${source.path}:${line} ${what}`
}

/**
 * Each source file has its spec at the same path, unless it is listed as one that needs none.
 * Only a file of types can be listed: what runs is tested.
 */
export function twins(sources: readonly Source[], without: ReadonlyMap<string, string>): readonly Complaint[] {
  const paths = new Set(sources.map(({ path }) => path))
  const product = sources.filter(({ path }) => path.startsWith('src/') && !path.endsWith('.d.ts'))
  const missing = product
    .filter(({ path }) => !without.has(path) && !paths.has(twinOf(path)))
    .map((source) => at(source, 1, `has no twin ${twinOf(source.path)}`))
  const running = product
    .filter(({ path, hasCode }) => without.has(path) && hasCode)
    .map((source) => at(source, 1, 'is listed as a file without a twin, and has code to test'))
  const needless = [...without.keys()]
    .filter((path) => !paths.has(path) || paths.has(twinOf(path)))
    .map((path) => `${path}:1 is listed as a file without a twin, and is gone or has one`)
  return [...missing, ...running, ...needless]
}

function twinOf(path: string): string {
  return path.replace(/^src\//, 'spec/').replace(/\.ts$/, '.spec.ts')
}

/** Files are short enough to read in one go; one under spec/ may say at its very top why not: `// long: reason`. */
export function fileSizes(sources: readonly Source[]): readonly Complaint[] {
  return sources
    .map((source) => ({ source, lines: source.lines.length - (source.lines.at(-1) === '' ? 1 : 0) }))
    .filter(({ source, lines }) => lines > LONGEST_FILE && !excused(source))
    .map(({ source, lines }) => at(source, 1, `is ${lines} lines long; ${LONGEST_FILE} are enough`))
}

function excused({ path, lines }: Source): boolean {
  return path.startsWith('spec/') && /^\/\/ long: \S.{7,}/.test(lines[0] ?? '')
}

/**
 * Functions are short, or say beside their first line why not: `// long: reason`.
 * One that only holds tests, such as the callback of `describe`, is a chapter rather than a function.
 */
export function functionSizes(sources: readonly Source[]): readonly Complaint[] {
  return sources.flatMap((source) =>
    source.functions
      .filter(({ lines }) => lines > LONGEST_FUNCTION)
      .filter((long) => !holdsTests(source, long) && !saysWhyLong(source, long.line))
      .map(({ name, line, lines }) => at(source, line, `${name} is ${lines} lines long without \`// long: reason\``)),
  )
}

function holdsTests(source: Source, { line, lines }: FunctionOf): boolean {
  return source.globals.some(
    (global) => /^it(\.|$)/.test(global.name) && global.line > line && global.line < line + lines,
  )
}

function saysWhyLong(source: Source, line: number): boolean {
  const beside = source.lines.slice(Math.max(0, line - 3), line + 1)
  return beside.some((text) => /\/\/ long: \S.{7,}/.test(text))
}

/** Every exported function, class, interface and type has a docstring. */
export function docstrings(sources: readonly Source[]): readonly Complaint[] {
  return sources.flatMap((source) =>
    source.exports
      .filter(({ documented }) => !documented)
      .map(({ name, line }) => at(source, line, `${name} is exported without a docstring`)),
  )
}

/** Each file opens with a paragraph that says what lives there. */
export function openings(sources: readonly Source[]): readonly Complaint[] {
  return sources
    .filter((source) => !opensWithParagraph(source))
    .map((source) => at(source, 1, 'has no opening paragraph'))
}

function opensWithParagraph({ lines }: Source): boolean {
  const text = lines.slice(lines[0]?.startsWith('#!') ? 1 : 0).join('\n')
  const comment = /^(?:(?:\/\/[^\n]*\n)+|\/\*[\s\S]*?\*\/\n(?=\s*\n|import ))/.exec(text)?.[0] ?? ''
  const words = comment.replace(/^\/\/ (biome|@ts)[^\n]*\n/gm, '').match(/[\p{L}\d]+/gu) ?? []
  return words.length >= 5
}

/** What each folder or top-level file of src may import of src: folders, or single files. */
export const rings: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  broker: ['protocol'],
  session: ['broker', 'protocol'],
  server: ['session', 'broker', 'protocol'],
  management: ['session', 'broker', 'protocol'],
  store: ['protocol', 'broker/store.ts'],
  config: [],
  cli: ['config', 'version.ts', 'compiled.ts'],
  'version.ts': [],
  'compiled.ts': [],
  'leveret.ts': ['config', 'version.ts', 'protocol', 'broker', 'session', 'server', 'management', 'store'],
  'check.ts': ['broker', 'store'],
  'index.ts': ['leveret.ts', 'config', 'protocol', 'broker', 'session', 'server', 'management', 'store', 'testing'],
  testing: ['leveret.ts', 'config', 'protocol', 'broker', 'session', 'server', 'management', 'store'],
}

/** Imports across rings that are allowed by name, with the reason. */
export const bridges: ReadonlyMap<string, string> = new Map([
  ['src/cli/main.ts -> leveret.ts', 'serve holds a broker in its own process'],
  ['src/cli/main.ts -> testing/for-program.ts', 'exec holds a test broker for the program that it runs'],
  ['src/cli/main.ts -> check.ts', 'check reads what a broker wrote while none is there to be asked'],
])

const NETWORK = ['node:net', 'node:tls', 'node:http2', 'node:dgram']
const HTTP = ['node:http', 'node:https']
const FILES = ['node:fs', 'node:fs/promises']
const LEVEL = ['level', 'classic-level', 'abstract-level']

/** Packages and parts of Node that only some rings may import. */
const reserved: readonly { readonly modules: readonly string[]; readonly rings: readonly string[] }[] = [
  { modules: NETWORK, rings: ['server', 'management', 'leveret.ts'] },
  { modules: HTTP, rings: ['server', 'management', 'leveret.ts', 'cli'] },
  { modules: FILES, rings: ['store', 'config', 'cli', 'server', 'management', 'leveret.ts', 'testing', 'compiled.ts'] },
  { modules: LEVEL, rings: ['store'] },
  { modules: ['commander', 'pino-pretty', 'cli-table3', 'cli-progress'], rings: ['cli'] },
  { modules: ['smol-toml'], rings: ['config', 'cli'] },
  { modules: ['amqplib'], rings: ['cli'] },
]

/** A ring imports only lower rings, and only the rings named for it touch sockets, files and LevelDB. */
export function ringImports(sources: readonly Source[]): readonly Complaint[] {
  return sources.flatMap((source) =>
    source.imports.flatMap(({ specifier, line }) => {
      const wrong = wrongImport(source.path, specifier)
      return wrong ? [at(source, line, wrong)] : []
    }),
  )
}

function wrongImport(path: string, specifier: string): string | undefined {
  const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
  if (path.startsWith('conformance/')) {
    return target && !target.startsWith('conformance/')
      ? `a black box imports nothing of ours: ${specifier}`
      : undefined
  }
  const from = ringOf(path)
  const allowed = rings[from]
  if (!allowed) return `no ring is known for ${from}`
  if (target === undefined) {
    const rule = reserved.find(({ modules }) =>
      modules.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
    )
    return rule && !rule.rings.includes(from) ? `${from} may not import ${specifier}` : undefined
  }
  if (!target.startsWith('src/')) return `src imports nothing outside itself: ${specifier}`
  const inner = target.slice('src/'.length)
  const to = ringOf(target)
  const fine = to === from || allowed.includes(to) || allowed.includes(inner) || bridges.has(`${path} -> ${inner}`)
  return fine ? undefined : `${from} may not import ${inner}`
}

function ringOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** Tests wait for what happens, not for time; those that need a timer are listed with the reason. */
export function sleepless(sources: readonly Source[], reasons: ReadonlyMap<string, string>): readonly Complaint[] {
  const timed = sources
    .filter(({ path }) => /^(spec|conformance)\//.test(path))
    .flatMap((source) => {
      const calls = source.globals.filter(({ name }) => /^set(Timeout|Interval)$/.test(name))
      const imports = source.imports.filter(({ specifier }) => /^(node:)?timers\b/.test(specifier))
      return [...calls, ...imports].map(({ line }) => ({ path: source.path, line }))
    })
  const sleeping = timed
    .filter(({ path }) => !reasons.has(path))
    .map(({ path, line }) => `${path}:${line} waits for time: wait for what happens, or pass a clock in`)
  const needless = [...reasons.keys()]
    .filter((path) => !timed.some((each) => each.path === path))
    .map((path) => `${path}:1 is listed as a test with a timer, and has none`)
  return [...sleeping, ...needless]
}

const CLOCK_AND_CHANCE = /^(Date|setTimeout|setInterval|performance|crypto|process|console)(\.|$)|^Math\.random$/
const CHANCE = /\b(randomBytes|randomInt|randomUUID|randomFillSync|getRandomValues)\b/

/** Protocol, broker and session take clock, timers, chance and logger from outside. */
export function injected(sources: readonly Source[]): readonly Complaint[] {
  return sources
    .filter(({ path }) => ['protocol', 'broker', 'session'].includes(ringOf(path)))
    .flatMap((source) => [
      ...source.globals
        .filter(({ name }) => CLOCK_AND_CHANCE.test(name))
        .map(({ name, line }) => at(source, line, `${name} must be passed in`)),
      ...source.lines.flatMap((text, index) =>
        CHANCE.test(text.replace(/\/\/.*|^\s*\/?\*.*/, '')) ? [at(source, index + 1, 'chance must be passed in')] : [],
      ),
    ])
}
