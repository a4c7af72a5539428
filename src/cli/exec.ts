// `leveret exec -- <command>`: runs a program with a broker of its own, whatever language it is written in. The broker is
// in this process, in memory, and gone with it; the program finds it by its environment. It is given the start function, as
// serve is; commander is not loaded for it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest.ts'
import { exitCode } from './exit-codes.ts'

/** A broker that was started for a program. */
export interface TestBroker {
  env(): Record<string, string>
  /** The last events, a line each. */
  tail(count: number): readonly string[]
  /** All events, a JSON document a line. */
  trace(): string
  /** Bad practice that it saw, a line each. */
  lints(): readonly string[]
  stop(): Promise<void>
}

const COMPAT = ['leveret', 'rabbitmq-3.13', 'rabbitmq-4.3'] as const

/** How the broker is to be. */
export interface ExecOptions {
  readonly host: string
  readonly port: number
  readonly clock: 'real' | 'virtual'
  readonly compat: (typeof COMPAT)[number]
}

/** The process around the command. */
export interface ExecWorld {
  readonly env: NodeJS.ProcessEnv
  readonly stderr: { write(text: string): unknown }
  readonly signals: NodeJS.EventEmitter
  readonly start: (options: ExecOptions) => Promise<TestBroker>
  readonly writeFile: (path: string, text: string) => Promise<void>
}

/** Signals that are passed on. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const
const USUAL_LINES = '30'

const HELP = `Usage: leveret exec [options] -- <command> [arguments]

Runs a command with a message broker of its own: in memory, on a free port, ready before the command starts and gone
after it. The command finds it by AMQP_URL, RABBITMQ_URL and LEVERET_URL; LEVERET_HTTP_URL is the address of the HTTP
API with the routes of a test broker (/api/leveret/test), LEVERET_VHOST the vhost. Its exit code is passed on.

Options:
  --host <address>      address for AMQP; :: is every interface (default: 127.0.0.1)
  --port <number>       port for AMQP (default: any free one)
  --clock <kind>        real, or virtual: time of messages stands still until it is moved (default: real)
  --compat <name>       rabbitmq-3.13 or rabbitmq-4.3: which RabbitMQ it is where versions differ (default: leveret)
  --trace <lines>       what happened last, printed when the command fails (default: ${USUAL_LINES}; 0: nothing)
  --save-trace <file>   the last 10,000 things that happened, a JSON document a line, whether the command fails or not
  --strict              exit code 1 where the command goes well and the broker saw bad practice, which is printed
  -h, --help            this text

Example: leveret exec -- pytest -q
`

interface Asked {
  readonly options: ExecOptions
  readonly lines: number
  readonly saveTrace: string | undefined
  readonly strict: boolean
  readonly command: string
  readonly args: readonly string[]
}

/** Runs it; resolves with the exit code. */
export async function exec(argv: readonly string[], world: ExecWorld): Promise<number> {
  let asked: Asked | null
  try {
    asked = read(argv)
  } catch (error) {
    world.stderr.write(`leveret exec: ${messageOf(error)}\nSee leveret exec --help\n`)
    return exitCode.usage
  }
  if (asked === null) {
    world.stderr.write(HELP)
    return exitCode.ok
  }
  let broker: TestBroker
  try {
    broker = await world.start(asked.options)
  } catch (error) {
    world.stderr.write(`leveret exec: the broker did not start: ${messageOf(error)}\n`)
    return exitCode.unavailable
  }
  try {
    const code = await runWith({ ...world.env, ...broker.env() }, asked, world)
    if (code !== 0 && asked.lines > 0) tell(broker.tail(asked.lines), world)
    const lints = asked.strict && code === 0 ? broker.lints() : []
    if (lints.length > 0) tellLints(lints, world)
    const saved = await save(asked.saveTrace, broker, world)
    return code === 0 ? (saved ?? (lints.length > 0 ? exitCode.failedCheck : exitCode.ok)) : code
  } finally {
    await broker.stop()
  }
}

/** Null: it is where it was wanted, or was not wanted; else the exit code of a command that went well. */
async function save(path: string | undefined, broker: TestBroker, world: ExecWorld): Promise<number | null> {
  if (path === undefined) return null
  try {
    await world.writeFile(path, broker.trace())
    return null
  } catch (error) {
    world.stderr.write(`leveret exec: the trace cannot be saved: ${messageOf(error)}\n`)
    return exitCode.io
  }
}

/** Null: help is asked for. */
function read(argv: readonly string[]): Asked | null {
  const end = argv.indexOf('--')
  const [own, words] = end < 0 ? [argv, []] : [argv.slice(0, end), argv.slice(end + 1)]
  const { values, positionals } = parsed(own)
  if (values.help) return null
  const [command, ...args] = [...positionals, ...words]
  if (command === undefined) throw new Error('there is no command to run: leveret exec -- <command>')
  const { clock } = values
  if (clock !== 'real' && clock !== 'virtual') throw new Error(`--clock is '${clock}', expected real or virtual`)
  const compat = COMPAT.find((name) => name === values.compat)
  if (!compat) throw new Error(`--compat is '${values.compat}', expected ${COMPAT.join(', ')}`)
  const options = { host: values.host, port: numberOf('--port', values.port, 65_535), clock, compat } as const
  const lines = numberOf('--trace', values.trace, Number.MAX_SAFE_INTEGER)
  return { options, lines, saveTrace: values['save-trace'], strict: values.strict, command, args }
}

const FLAGS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' },
  clock: { type: 'string', default: 'real' },
  compat: { type: 'string', default: 'leveret' },
  trace: { type: 'string', default: USUAL_LINES },
  'save-trace': { type: 'string' },
  strict: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: FLAGS })
  } catch (error) {
    const [, flag] = /Unknown option '(-[^']+)'/.exec(messageOf(error)) ?? []
    if (flag === undefined) throw error
    const meant = nearest(flag, Object.keys(FLAGS))
    throw new Error(`there is no option ${flag}${meant === undefined ? '' : ` (did you mean --${meant}?)`}`)
  }
}

function numberOf(flag: string, text: string, most: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= most) return number
  throw new Error(`${flag} is '${text}', expected a whole number${most < 100_000 ? ` up to ${most}` : ''}`)
}

const NOTHING_TO_TELL = 'the broker has nothing to tell: it was not used, or the vhosts of the tests have gone'

async function runWith(env: NodeJS.ProcessEnv, { command, args }: Asked, world: ExecWorld): Promise<number> {
  const child = spawn(command, args, { env, stdio: 'inherit' })
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal)
  for (const signal of SIGNALS) world.signals.on(signal, passOn)
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return code ?? 128 + constants.signals[signal ?? 'SIGTERM']
  } catch (error) {
    // As shells have it: 127 for a command that is not there, 126 for one that cannot be run.
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    world.stderr.write(`leveret exec: ${command}: ${missing ? 'no such command' : String(error)}\n`)
    return missing ? 127 : 126
  } finally {
    for (const signal of SIGNALS) world.signals.off(signal, passOn)
  }
}

function tell(lines: readonly string[], { stderr }: ExecWorld): void {
  if (lines.length === 0) return void stderr.write(`leveret exec: ${NOTHING_TO_TELL}\n`)
  stderr.write(`leveret exec: what the broker saw last:\n${lines.map((line) => `  ${line}\n`).join('')}`)
}

function tellLints(lints: readonly string[], { stderr }: ExecWorld): void {
  stderr.write(`leveret exec: the broker saw bad practice:\n${lints.map((lint) => `  ${lint}\n`).join('')}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
