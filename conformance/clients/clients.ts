/**
 * Finds the real clients of other languages and runs the programs beside this file with them. scripts/setup knows how
 * to find and install a client; this file only asks it.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Ending, type Program, type ProgramOptions, startProgram } from '../support/program.ts'

const setup = join(__dirname, '..', '..', 'scripts', 'setup')

/** The clients that specs here need, as scripts/setup calls them. */
export type ClientName =
  | 'pika'
  | 'kombu'
  | 'celery'
  | 'go'
  | 'ruby'
  | 'java'
  | 'php'
  | 'amqp-tools'
  | 'nagios'
  | 'pytest'
  | 'runners'
/** Those that are Python modules. */
export type PythonClient = Extract<ClientName, 'pika' | 'kombu' | 'celery' | 'pytest'>

/** The path of a client program, for instance `clientPath('pika', 'producer.py')`. */
export function clientPath(...names: readonly [ClientName, ...string[]]): string {
  return join(__dirname, ...names)
}

/**
 * `describe` for specs that need a client. Where it is missing, they fail in CI and are skipped elsewhere; either way the
 * reason is said.
 */
export function describeClient(client: ClientName, name: string, specs: () => void): void {
  const { status, stdout, stderr } = spawnSync(setup, ['--has', client], { encoding: 'utf8' })
  const reason = `${stdout}${stderr}`.trim()
  const { CI } = process.env
  const isCi = Boolean(CI) && CI !== 'false' && CI !== '0'
  if (status === 0) describe(name, specs)
  else if (isCi) describe(name, () => failBecause(client, reason))
  else {
    process.stderr.write(`skipped: ${name} (${reason})\n`)
    // biome-ignore lint/suspicious/noSkippedTests: only where the client is missing, and never in CI
    describe.skip(name, specs)
  }
}

function failBecause(client: ClientName, reason: string): void {
  it(`needs ${client}`, () => {
    throw new Error(reason)
  })
}

/** The interpreter that has a Python client. */
export function pythonOf(client: PythonClient): string {
  return spawnSync(setup, ['--python', client], { encoding: 'utf8' }).stdout.trim()
}

/** Starts a Python program of this folder (unbuffered, leaving no compiled files behind). */
export function startPython(
  client: PythonClient,
  args: readonly string[],
  options: Omit<ProgramOptions, 'command' | 'args'> = {},
): Program {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8', ...options.env }
  return startProgram({ ...options, command: pythonOf(client), args: ['-u', ...args], env })
}

/** Runs a Python program of this folder to its end. */
export function runPython(client: PythonClient, file: string, ...args: readonly string[]): Promise<Ending> {
  return startPython(client, [clientPath(client, file), ...args]).ended
}

/**
 * Expects a program to have ended with exit code 0 and to have printed exactly these lines. What it wrote to stderr is
 * shown when it did not.
 */
export function expectOutput(ending: Ending, lines: readonly string[]): void {
  const { code, signal, stdout, stderr } = ending
  const expected = { code: 0, signal: null, stdout: lines.map((line) => `${line}\n`).join('') }
  expect({ code, signal, stdout, ...(code === 0 ? {} : { stderr }) }).toEqual(expected)
}
