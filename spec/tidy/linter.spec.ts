// The rings as the linter keeps them: each rule in biome.json is shown to complain about a small bad sample.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(__dirname, '..', '..')

/** Lints files in a folder of their own; answers with `path:line rule`, sorted. */
function lint(files: Readonly<Record<string, string>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'leveret-lint-'))
  try {
    cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const biome = join(root, 'node_modules', '.bin', 'biome')
    const flags = ['--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json', '--diagnostic-level=error']
    const { stdout, stderr } = spawnSync(biome, ['lint', ...flags, '.'], { cwd: folder, encoding: 'utf8' })
    return complaints(stdout, stderr)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Report {
  readonly diagnostics: readonly {
    readonly category: string
    readonly location: { readonly path: string; readonly start: { readonly line: number } }
  }[]
}

function complaints(stdout: string, stderr: string): readonly string[] {
  if (!stdout.startsWith('{')) throw new Error(`the linter did not report: ${stderr}`)
  const { diagnostics } = JSON.parse(stdout) as Report
  return diagnostics
    .map(({ category, location }) => `${location.path}:${location.start.line} ${category.split('/').at(-1)}`)
    .sort()
}

describe('the linter', () => {
  it('keeps every ring', () => {
    const bad = {
      'src/protocol/a.ts': "export * from '../broker/b.ts'\nexport * from 'node:net'\nexport * from 'node:fs'",
      'src/broker/x/a.ts':
        "export * from '../../session/b.ts'\nexport * from '../../store/level/b.ts'\nexport * from 'level'",
      'src/broker/x/b.ts': "export { randomBytes } from 'node:crypto'\nexport * from '../../leveret.ts'",
      'src/session/a.ts': "export * from '../server/b.ts'\nexport * from 'node:tls'\nexport * from '../config/b.ts'",
      'src/store/level/a.ts': "export * from '../../broker/vhost.ts'\nexport * from '../../session/b.ts'",
      'src/server/a.ts': "export * from '../store/b.ts'\nexport * from 'level'",
      'src/config/a.ts': "export * from '../protocol/b.ts'",
      'src/cli/a.ts': "export * from '../broker/b.ts'\nexport const b = import('../leveret.ts')",
      'src/cli/b.ts': "export * from '../check.ts'",
      'src/check.ts': "export * from './cli/c.ts'\nexport * from 'level'",
      'src/leveret.ts': "export * from './cli/b.ts'\nexport * from 'level'",
      'conformance/a.spec.ts': "import '../src/leveret.ts'\nimport '../dist/leveret.js'",
    }
    const everyLine = Object.entries(bad).flatMap(([path, text]) =>
      text.split('\n').map((_, index) => `${path}:${index + 1} noRestrictedImports`),
    )
    expect(lint(bad)).toEqual(everyLine.sort())
  })

  it('lets each ring import what lies below it', () => {
    const good = {
      'src/broker/x/a.ts': "export * from '../../protocol/b.ts'\nexport { createHash } from 'node:crypto'",
      'src/session/a.ts': "export * from '../broker/b.ts'",
      'src/store/level/a.ts': "export * from 'level'\nexport * from '../../broker/store.ts'",
      'src/server/a.ts': "export * from 'node:net'\nexport * from '../session/b.ts'",
      'src/leveret.ts': "export * from './store/level/b.ts'\nexport * from './server/b.ts'\nexport * from 'node:net'",
      'src/check.ts': "export * from './store/level/b.ts'\nexport * from './broker/queue/b.ts'",
      'src/cli/a.ts': "export * from '../config/b.ts'",
    }
    expect(lint(good)).toEqual([])
  })

  it('keeps clocks, timers and the process out of the lower rings', () => {
    const text = 'export const a = Date.now()\nsetTimeout(() => a, 1)\nexport const b = process.pid'
    const bad = { 'src/protocol/a.ts': text, 'src/broker/a.ts': text, 'src/session/a.ts': text }
    expect(lint(bad)).toEqual(
      Object.keys(bad)
        .flatMap((path) => [1, 2, 3].map((line) => `${path}:${line} noRestrictedGlobals`))
        .sort(),
    )
    expect(lint({ 'src/server/a.ts': text })).toEqual([])
  })

  it('finds import cycles', () => {
    const bad = {
      'src/broker/a.ts': "import { b } from './b.ts'\nexport const a = () => b",
      'src/broker/b.ts': "import { a } from './a.ts'\nexport const b = () => a",
    }
    expect(lint(bad)).toEqual(['src/broker/a.ts:1 noImportCycles', 'src/broker/b.ts:1 noImportCycles'])
  })

  it('keeps the manners of the language', () => {
    const text = 'export default 1\nexport enum A {}\nexport const b: any = 1\nexport const c = ([] as number[])[0]!'
    expect(lint({ 'src/server/a.ts': text })).toEqual([
      'src/server/a.ts:1 noDefaultExport',
      'src/server/a.ts:2 noEnum',
      'src/server/a.ts:3 noExplicitAny',
      'src/server/a.ts:4 noNonNullAssertion',
    ])
  })
})
