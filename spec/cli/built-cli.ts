// A runnable copy of the command line in a folder of its own, so that specs can start the real process, signal it and
// read its exit code. The broker behind it is whatever module text the spec gives as leveret.js.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { transformSync } from '@swc/core'

const root = join(__dirname, '..', '..')

/** A folder that holds the compiled command line. */
export interface BuiltCli {
  readonly folder: string
  /** Starts `leveret` with these arguments and an environment of nothing but PATH, HOME and what is given. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCli
  remove(): void
}

/** What a process said and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of the command line. */
export interface RunningCli {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves as soon as standard output contains the text; fails if the process ends without it. */
  said(text: string): Promise<void>
}

/** Compiles src/cli and src/config beside the given broker module. */
export function buildCli(leveretModule: string): BuiltCli {
  const folder = mkdtempSync(join(tmpdir(), 'leveret-cli-'))
  for (const ring of ['cli', 'config']) {
    for (const file of readdirSync(join(root, 'src', ring), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      const target = join(folder, 'dist', ring, file.replace(/\.ts$/, '.js'))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, compiled(readFileSync(join(root, 'src', ring, file), 'utf8')))
    }
  }
  writeFileSync(join(folder, 'dist', 'version.js'), compiled(readFileSync(join(root, 'src', 'version.ts'), 'utf8')))
  writeFileSync(join(folder, 'dist', 'leveret.js'), leveretModule)
  writeFileSync(join(folder, 'package.json'), readFileSync(join(root, 'package.json')))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    folder,
    start: (args, env = {}) => start(join(folder, 'dist', 'cli', 'main.js'), args, env, folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

// Apart from the call, since the compiler's own types do not know the last of these yet.
const compiler = {
  parser: { syntax: 'typescript' },
  target: 'es2022',
  rewriteRelativeImportExtensions: true,
} as const

function compiled(source: string): string {
  return transformSync(source, { jsc: compiler, module: { type: 'es6' }, swcrc: false }).code
}

function start(main: string, args: readonly string[], env: Readonly<Record<string, string>>, cwd: string): RunningCli {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { PATH, HOME: cwd, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stdout.includes(text)) resolve()
      }
      child.stdout.on('data', look)
      child.once('close', () => reject(new Error(`never said ${text}; stderr: ${stderr}`)))
      look()
    })
  return { child, ended, said }
}
