// Runs one of the executables that have RabbitMQ's names, compiled beside a command line that only prints what it is given.

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { transformSync } from '@swc/core'

const root = join(__dirname, '..', '..')

// Apart from the call, since the compiler's own types do not know the last of these yet.
const compiler = {
  parser: { syntax: 'typescript' },
  target: 'es2022',
  rewriteRelativeImportExtensions: true,
} as const

/** What `leveret` is called with when this executable is called with these words; package.json has to know it. */
export async function argumentsThrough(name: string, words: readonly string[]): Promise<unknown> {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> }
  const built = bin[name] ?? ''
  const source = built.replace(/^dist/, 'src').replace(/\.js$/, '.ts')
  const folder = mkdtempSync(join(tmpdir(), 'leveret-shim-'))
  try {
    mkdirSync(join(folder, 'dist/cli/shims'), { recursive: true })
    const { code } = transformSync(readFileSync(join(root, source), 'utf8'), {
      jsc: compiler,
      module: { type: 'es6' },
      swcrc: false,
    })
    writeFileSync(join(folder, built), code)
    writeFileSync(join(folder, 'dist/cli/main.js'), 'console.log(JSON.stringify(process.argv.slice(2)))\n')
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, built), ...words])
    return JSON.parse(stdout)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
