#!/usr/bin/env node
// The executable. Answers --version itself, since that should cost little more than starting Node; everything else is
// loaded when it is needed.

import { fileURLToPath } from 'node:url'
import { VERSION } from '../version.ts'
import { isCompatName } from './compat/names.ts'

const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) process.stdout.write(`${VERSION}\n`)
else if (argv[0] === 'exec') process.exit(await execHere(argv.slice(1)))
// That command is not commander's, which only lists it.
else if (argv[0] === 'help' && argv[1] === 'exec') process.exit(await execHere(['--help']))
else if (isCompatName(argv[0])) await compatHere(argv[0])
else await main()

async function main(): Promise<void> {
  const { run } = await import('./program.ts')
  const { terminalOf } = await import('./terminal.ts')
  const code = await run(argv, { terminal: terminalOf(process), serve: serveHere, check: checkHere })
  if (code !== undefined) process.exitCode = code
}

async function compatHere(name: import('./compat/names.ts').CompatName): Promise<void> {
  const { hostOf, runCompat } = await import('./compat/compat.ts')
  const { terminalOf } = await import('./terminal.ts')
  process.exitCode = await runCompat(name, argv.slice(1), hostOf(terminalOf(process)))
}

async function serveHere(flags: import('./serve.ts').ServeFlags): Promise<void> {
  const { serve } = await import('./serve.ts')
  await serve(flags, {
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    events: process,
    exit: (code) => process.exit(code),
    elapsedMs: () => performance.now(),
    start: async (config, log) => {
      if (config.testMode) return (await testBrokers()).serveForTests(config, log)
      // biome-ignore lint/style/noRestrictedImports: serve is the one command that holds a broker in its own process.
      const { startLeveret } = await import('../leveret.ts')
      return startLeveret(config, log)
    },
  })
}

async function checkHere(flags: import('./check.ts').CheckFlags): Promise<void> {
  const { check } = await import('./check.ts')
  process.exitCode = await check(flags, {
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    checkStore: async (directory, report) => {
      // biome-ignore lint/style/noRestrictedImports: check reads what a broker wrote while none is there to be asked.
      const { checkStore } = await import('../check.ts')
      return checkStore(directory, report)
    },
  })
}

async function execHere(args: readonly string[]): Promise<number> {
  const { exec } = await import('./exec.ts')
  return exec(args, {
    env: process.env,
    stderr: process.stderr,
    signals: process,
    start: async (options) => (await testBrokers()).startForProgram(options),
    writeFile: async (path, text) => {
      const { writeFile } = await import('node:fs/promises')
      await writeFile(path, text)
    },
  })
}

/** All of the test broker, in one file that the build makes, and compiles as far as starting one goes (scripts/bundle.js). */
async function testBrokers(): Promise<typeof import('../testing/for-program.ts')> {
  const { enableCompileCache } = (await import('node:module')) as { readonly enableCompileCache?: () => unknown }
  // From Node 22.1 on, it remembers by itself what it has compiled once: what was compiled for another Node is of no use there.
  enableCompileCache?.()
  const { requireCompiled } = await import('../compiled.ts')
  const load = requireCompiled(fileURLToPath(new URL('../test-broker.cjs', import.meta.url)))
  return (load as (name: string) => typeof import('../testing/for-program.ts'))('testing/for-program.js')
}
