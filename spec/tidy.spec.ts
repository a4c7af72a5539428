// Keeps the house: twins, rings, sizes, docstrings, opening paragraphs, injected clocks, tests that do not sleep. Every rule
// is first shown to complain about a small bad sample, then held against the whole tree.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import {
  docstrings,
  fileSizes,
  functionSizes,
  injected,
  LONGEST_FILE,
  LONGEST_FUNCTION,
  openings,
  ringImports,
  sleepless,
  twins,
} from './tidy/rules.ts'
import { readSource, type Source } from './tidy/source.ts'

const root = join(__dirname, '..')

/** Source files that need no spec of their own: they hold types, and nothing of them runs. */
const withoutTwin: ReadonlyMap<string, string> = new Map(
  [
    'src/broker/adoption/definitions.ts',
    'src/broker/clock.ts',
    'src/broker/logger.ts',
    'src/broker/peers.ts',
    'src/broker/queue/backlog.ts',
    'src/broker/queue/local-queue.ts',
    'src/broker/queue/publisher.ts',
    'src/broker/queue/queue-host.ts',
    'src/broker/queue/queue.ts',
    'src/broker/surroundings.ts',
    'src/broker/trace.ts',
    'src/management/context.ts',
    'src/management/route.ts',
    'src/session/context.ts',
    'src/session/transport.ts',
    'src/session/watch.ts',
    'src/testing/events.ts',
  ].map((path) => [path, 'types only']),
)

/** Tests and what they stand on that have a timer, and what it is for. */
const timers: ReadonlyMap<string, string> = new Map([
  ...[
    'conformance/crash/consuming.ts',
    'conformance/support/administration.ts',
    'conformance/support/program.ts',
    'conformance/support/rabbitmq.ts',
  ].map((path) => [path, 'a limit that fails what would hang'] as const),
  ['conformance/amqplib/dispatch.spec.ts', 'a consumer that is slow at its work'],
  ['conformance/crash/rounds.ts', 'a moment to kill the broker at, left to chance'],
  ['conformance/dialect/client/peer.ts', 'how long a broker may be silent, as the scenario says'],
  ['conformance/dialect/client/standstill.ts', 'how long the loop of the player itself was held up'],
  ['conformance/testing/sample/worker.mjs', 'a client that rests between two tries to connect'],
])

function pathsUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name) && !name.split(sep).includes('node_modules'))
    .map((name) =>
      relative(root, join(root, folder, name))
        .split(sep)
        .join('/'),
    )
    .sort()
}

const paths = ['src', 'spec', 'conformance', 'scripts'].flatMap((folder) => {
  try {
    return pathsUnder(folder)
  } catch {
    return []
  }
})
const tree: readonly Source[] = paths.map((path) => readSource(path, readFileSync(join(root, path), 'utf8')))
const product = tree.filter(({ path }) => path.startsWith('src/') && !path.endsWith('.d.ts'))

function sample(path: string, ...lines: readonly string[]): readonly Source[] {
  return [readSource(path, lines.join('\n'))]
}

function many(count: number, line: string): readonly string[] {
  return Array.from({ length: count }, () => line)
}

describe('twins', () => {
  const types = sample(
    'src/a.ts',
    '/** A. */',
    'export interface A {}',
    "import type { B } from './b.ts'",
    'type C = 1',
  )

  it('misses the spec of a source file', () => {
    const paths = ['src/a/b.ts', 'spec/a/c.spec.ts', 'spec/b.spec.ts']
    const sources = paths.flatMap((path) => sample(path, 'run()'))
    expect(twins(sources, new Map())).toEqual(['src/a/b.ts:1 has no twin spec/a/b.spec.ts'])
  })

  it('takes a listed file of types without a twin, but not one that is gone or has a twin after all', () => {
    const listed = new Map([['src/a.ts', 'types only']])
    expect(twins(types, listed)).toEqual([])
    expect(twins([...types, ...sample('spec/a.spec.ts', '')], listed)).toHaveLength(1)
    expect(twins([], listed)).toHaveLength(1)
  })

  it.each(['export const a = 1', 'export class A {}', 'run()', "import './b.ts'", "export * from './b.ts'"])(
    'does not take a listed file that holds %j',
    (text) => {
      const complaints = twins(sample('src/a.ts', text), new Map([['src/a.ts', 'types only']]))
      expect(complaints).toEqual(['src/a.ts:1 is listed as a file without a twin, and has code to test'])
    },
  )

  it('exist for every source file', () => {
    expect(twins(tree, withoutTwin)).toEqual([])
  })
})

describe('sizes', () => {
  it('complain about a file that is one line too long', () => {
    expect(fileSizes(sample('src/a.ts', ...many(LONGEST_FILE, '// x'), ''))).toEqual([])
    expect(fileSizes(sample('src/a.ts', ...many(LONGEST_FILE + 1, '// x'), ''))).toHaveLength(1)
    const excuse = '// long: it cannot be parted'
    expect(fileSizes(sample('spec/a.ts', excuse, ...many(LONGEST_FILE, '// x')))).toEqual([])
    expect(fileSizes(sample('src/a.ts', excuse, ...many(LONGEST_FILE, '// x')))).toHaveLength(1)
  })

  it.each([
    ['function', 'function long() {', '}'],
    ['arrow function', 'export const long = () => {', '}'],
    ['method', 'class A { long() {', '} }'],
    ['private method', 'class A { #long() {', '} }'],
    ['method of an object', 'const a = { long() {', '} }'],
    ['constructor', 'class A { constructor() {', '} }'],
    ['callback', 'run(1, function long() {', '})'],
  ])('complain about a %s that is one line too long', (_, first, last) => {
    expect(functionSizes(sample('src/a.ts', first, ...many(LONGEST_FUNCTION - 2, '// é'), last))).toEqual([])
    expect(functionSizes(sample('src/a.ts', '', first, ...many(LONGEST_FUNCTION - 1, '// é'), last))).toEqual([
      expect.stringMatching(/^src\/a\.ts:2 .* is 61 lines long/),
    ])
  })

  it('let a function be long that says why', () => {
    const body = [...many(LONGEST_FUNCTION, '// x'), '}']
    expect(functionSizes(sample('src/a.ts', '// long: a flat switch', 'function a() {', ...body))).toEqual([])
    expect(functionSizes(sample('src/a.ts', 'function a() {', '// long: a flat switch', ...body))).toEqual([])
    expect(functionSizes(sample('src/a.ts', '// long:', 'function a() {', ...body))).toHaveLength(1)
  })

  it('let a chapter of tests be long, but not a test', () => {
    const tests = many(LONGEST_FUNCTION, "it('works', () => {})")
    expect(functionSizes(sample('spec/a.spec.ts', "describe('a', () => {", ...tests, '})'))).toEqual([])
    const steps = many(LONGEST_FUNCTION, 'step()')
    expect(functionSizes(sample('spec/a.spec.ts', "it('works', () => {", ...steps, '})'))).toHaveLength(1)
  })

  it('are kept by every file', () => {
    expect(fileSizes(tree)).toEqual([])
  })

  it('are kept by every function', () => {
    expect(functionSizes(tree)).toEqual([])
  })
})

describe('docstrings', () => {
  it.each([
    'export function a() {}',
    'export async function a() {}',
    'export class a {}',
    'export abstract class a {}',
    'export interface a {}',
    'export type a = 1',
    'export const a = () => 1',
    'function a() {}\nexport { a }',
    '/** About something else. */\nconst b = 1\nexport function a() {}',
    '/* No docstring. */\nexport function a() {}',
    '/** */\nexport function a() {}',
  ])('are missed in %j', (text) => {
    expect(docstrings(sample('src/a.ts', text))).toEqual([expect.stringContaining('a is exported without a docstring')])
  })

  it.each([
    '/** Says it. */\nexport function a() {}',
    '/** Says it. */\n// biome-ignore lint: why\nexport class a {}',
    '/**\n * Says it.\n */\n\nexport type a = 1',
    '/** Says it. */\nexport function a(b: 1): void\nexport function a(b: 2): void\nexport function a() {}',
    'function a() {}',
    "export { a } from './a.ts'",
    'export const a = 1',
  ])('are not missed in %j', (text) => {
    expect(docstrings(sample('src/a.ts', text))).toEqual([])
  })

  it('stand at everything that the product exports', () => {
    expect(docstrings(product)).toEqual([])
  })
})

describe('opening paragraphs', () => {
  it.each([
    "import { a } from './a.ts'",
    '// Too short to tell\nconst a = 1',
    '/** The docstring of the first function is no paragraph. */\nexport function a() {}',
    '// biome-ignore-all lint/style/useConst: this is for the linter only\nconst a = 1',
  ])('are missed in %j', (text) => {
    expect(openings(sample('src/a.ts', text))).toHaveLength(1)
  })

  it.each([
    '// What lives here, and what it may not know.\n\nconst a = 1',
    '#!/usr/bin/env node\n// What lives here, and what it may not know.\nconst a = 1',
    '/*\n * What lives here, and what it may not know.\n */\n\nconst a = 1',
    "/** What lives here, and what it may not know. */\nimport { a } from './a.ts'",
  ])('are not missed in %j', (text) => {
    expect(openings(sample('src/a.ts', text))).toEqual([])
  })

  it('open every file', () => {
    expect(openings(tree)).toEqual([])
  })
})

describe('rings', () => {
  it.each([
    ['src/protocol/a.ts', "import { b } from '../broker/b.ts'", 'protocol may not import broker/b.ts'],
    ['src/protocol/a.ts', "import type { B } from '../broker/b.ts'", 'protocol may not import broker/b.ts'],
    ['src/protocol/a.ts', "export * from '../session/b.ts'", 'protocol may not import session/b.ts'],
    ['src/broker/x/a.ts', "import '../../session/b.ts'", 'broker may not import session/b.ts'],
    ['src/broker/a.ts', "import '../store/level/b.ts'", 'broker may not import store/level/b.ts'],
    ['src/broker/a.ts', "import { Level } from 'level'", 'broker may not import level'],
    ['src/broker/a.ts', "import { readFileSync } from 'node:fs'", 'broker may not import node:fs'],
    ['src/session/a.ts', "import net from 'node:net'", 'session may not import node:net'],
    ['src/session/a.ts', "type S = import('../server/tcp.ts').S", 'session may not import server/tcp.ts'],
    ['src/store/a.ts', "import '../broker/vhost.ts'", 'store may not import broker/vhost.ts'],
    ['src/store/a.ts', "import 'node:net'", 'store may not import node:net'],
    ['src/server/a.ts', "import '../store/memory/b.ts'", 'server may not import store/memory/b.ts'],
    ['src/server/a.ts', "import '../leveret.ts'", 'server may not import leveret.ts'],
    ['src/config/a.ts', "import '../protocol/b.ts'", 'config may not import protocol/b.ts'],
    ['src/cli/a.ts', "const b = await import('../leveret.ts')", 'cli may not import leveret.ts'],
    ['src/cli/a.ts', "import '../broker/b.ts'", 'cli may not import broker/b.ts'],
    ['src/cli/a.ts', "import '../check.ts'", 'cli may not import check.ts'],
    ['src/check.ts', "import './session/b.ts'", 'check.ts may not import session/b.ts'],
    ['src/check.ts', "import 'level'", 'check.ts may not import level'],
    ['src/leveret.ts', "import './cli/b.ts'", 'leveret.ts may not import cli/b.ts'],
    ['src/leveret.ts', "import 'level'", 'leveret.ts may not import level'],
    ['src/broker/a.ts', "import '../../spec/support/b.ts'", 'src imports nothing outside itself'],
    ['src/helpers/a.ts', "import './b.ts'", 'no ring is known for helpers'],
    ['conformance/a.spec.ts', "import '../src/leveret.ts'", 'a black box imports nothing of ours'],
    ['conformance/x/a.ts', "require('../../dist/leveret.js')", 'a black box imports nothing of ours'],
  ])('complain that in %s stands %s', (path, text, complaint) => {
    expect(ringImports(sample(path, '// first', text))).toEqual([`${path}:2 ${complaint}${tail(complaint, text)}`])
  })

  it.each([
    ['src/broker/a.ts', "import '../protocol/b.ts'\nimport './queue/c.ts'\nimport { createHash } from 'node:crypto'"],
    ['src/store/level/a.ts', "import 'level'\nimport type { B } from '../../broker/store.ts'\nimport '../lock.ts'"],
    ['src/server/a.ts', "import 'node:net'\nimport '../session/b.ts'"],
    ['src/cli/main.ts', "import('../leveret.ts')\nimport '../config/config.ts'"],
    ['src/cli/main.ts', "import('../check.ts')"],
    ['src/check.ts', "import './store/level/a.ts'\nimport './broker/queue/b.ts'"],
    ['src/leveret.ts', "import './store/level/a.ts'\nimport './server/tcp.ts'\nimport 'node:net'"],
    ['conformance/a/b.spec.ts', "import '../support/c.ts'\nimport 'amqplib'"],
  ])('let stand in %s: %j', (path, text) => {
    expect(ringImports(sample(path, text))).toEqual([])
  })

  it('are kept by every file', () => {
    expect(ringImports(tree.filter(({ path }) => /^(src|conformance)\//.test(path)))).toEqual([])
  })
})

// These two complaints end in the module that is named.
function tail(complaint: string, text: string): string {
  return /nothing/.test(complaint) ? `: ${/'([^']+)'/.exec(text)?.[1]}` : ''
}

describe('clock and chance', () => {
  it.each([
    ['src/broker/a.ts', 'const a = Date.now()'],
    ['src/broker/a.ts', 'const a = new Date()'],
    ['src/session/a.ts', 'const a = Math.random()'],
    ['src/session/a.ts', 'setTimeout(a, 1)'],
    ['src/session/a.ts', 'const start = setInterval'],
    ['src/broker/a.ts', 'const a = performance.now()'],
    ['src/broker/a.ts', "import { randomBytes } from 'node:crypto'"],
    ['src/protocol/a.ts', 'console.log(1)'],
    ['src/protocol/a.ts', 'process.hrtime()'],
  ])('must be passed into %s: %s', (path, text) => {
    expect(injected(sample(path, '', text))).toEqual([expect.stringContaining(`${path}:2 `)])
  })

  it.each([
    ['src/broker/a.ts', 'function a(clock: Clock) { return clock.now() + Math.max(1, 2) }'],
    ['src/session/a.ts', 'function a({ setTimeout }: Timers) { setTimeout(b, 1) }'],
    ['src/session/a.ts', '// not Date.now(), nor randomBytes\nconst at: Date | undefined = undefined'],
    ['src/server/a.ts', 'setTimeout(a, Date.now())'],
  ])('may stand in %s: %j', (path, text) => {
    expect(injected(sample(path, text))).toEqual([])
  })

  it('are passed into every lower ring', () => {
    expect(injected(product)).toEqual([])
  })
})

describe('tests', () => {
  it.each([
    ['spec/a.spec.ts', 'await new Promise((resolve) => setTimeout(resolve, 50))'],
    ['conformance/a.mjs', 'const polling = setInterval(look, 20)'],
    ['conformance/a.ts', "import { setTimeout as pause } from 'node:timers/promises'"],
  ])('do not wait for time: %s: %s', (path, text) => {
    expect(sleepless(sample(path, '', text), new Map())).toEqual([expect.stringContaining(`${path}:2 `)])
    expect(sleepless(sample(path, '', text), new Map([[path, 'a reason']]))).toEqual([])
  })

  it.each(['jest.setTimeout(60_000)', 'const script = "setTimeout(work, 5)"', 'clock.after(5, work)'])(
    'may have %j, and are not listed for nothing',
    (text) => {
      expect(sleepless(sample('spec/a.spec.ts', text), new Map())).toEqual([])
      expect(sleepless(sample('spec/a.spec.ts', text), new Map([['spec/a.spec.ts', 'none']]))).toHaveLength(1)
    },
  )

  it('wait for what happens', () => {
    expect(sleepless(tree, timers)).toEqual([])
  })
})
