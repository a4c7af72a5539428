// `npm start`: compiles the broker when its sources are newer than the last build, then becomes `leveret` with the
// arguments given. It is one process, so that a signal sent to npm reaches the broker and not a shell in between.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const main = join(root, 'dist', 'cli', 'main.js')

if (isStale()) build()
process.argv[1] = main
await import('../dist/cli/main.js')

/** The folders count as well as the files: a file that was deleted leaves its mark only there. */
function isStale() {
  if (!existsSync(main)) return true
  const builtMs = statSync(main).mtimeMs
  const folder = join(root, 'src')
  const sources = readdirSync(folder, { recursive: true }).map((name) => join(folder, name))
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package.json'].map((name) => join(root, name))
  return [folder, ...sources, ...settings].some((path) => statSync(path).mtimeMs > builtMs)
}

function build() {
  const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
