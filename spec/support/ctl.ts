// Runs the command lines of RabbitMQ's tools against an API that answers what a spec says, and keeps what was asked.

import type { AdminOptions } from '../../src/cli/compat/admin/options.ts'
import { runAdmin } from '../../src/cli/compat/admin/tool.ts'
import type { ToolName } from '../../src/cli/compat/ctl/command.ts'
import { runTool } from '../../src/cli/compat/ctl/tool.ts'
import type { Answer, Asked } from '../../src/cli/http.ts'

/** Answers by `METHOD /path`; what is not there is not found. */
export type Answers = Readonly<Record<string, unknown>>

/** A request as a spec compares it. */
export type Request = readonly [request: string, body?: unknown]

/** An API that answers what it is told. A bare value is a body with 200; `{ status, body }` is both. */
export class FakeApi {
  readonly received: Request[] = []
  readonly #answers: Answers

  constructor(answers: Answers) {
    this.#answers = { 'GET /api/overview': { node: 'rabbit@here', rabbitmq_version: '3.13.0' }, ...answers }
  }

  async ask(method: string, path: string, { body, query, headers }: Asked = {}): Promise<Answer> {
    const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
    const search = pairs.map(([key, value]) => `${key}=${value}`).join('&')
    const request = `${method} ${path}${search === '' ? '' : `?${search}`}`
    const more = body ?? headers
    if (path !== '/api/overview') this.received.push(more === undefined ? [request] : [request, more])
    const answer = this.#answers[request]
    if (answer instanceof Error) throw answer
    if (answer === undefined) {
      return method === 'GET'
        ? { status: 404, headers: {}, body: { error: 'Object Not Found', reason: 'Not Found' } }
        : { status: 204, headers: {}, body: undefined }
    }
    const { status, body: inner } = answer as { readonly status?: number; readonly body?: unknown }
    return typeof status === 'number'
      ? { status, headers: {}, body: inner }
      : { status: 200, headers: {}, body: answer }
  }
}

/** How a command line ended. */
export interface CtlOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly received: readonly Request[]
  readonly written: Readonly<Record<string, string>>
}

/** What surrounds a command line. */
export interface Surroundings {
  readonly tool?: ToolName
  readonly input?: string
  readonly files?: Readonly<Record<string, string>>
  /** Ports on which nothing listens. */
  readonly closed?: readonly number[]
}

/** Runs a command line of rabbitmqctl or its kin; words are split at spaces unless they come as a list. */
export async function ctl(
  line: string | readonly string[],
  answers: Answers = {},
  { tool = 'rabbitmqctl', input = '', files = {}, closed = [] }: Surroundings = {},
): Promise<CtlOutcome> {
  const api = new FakeApi(answers)
  const said = { stdout: '', stderr: '' }
  const written: Record<string, string> = {}
  let now = 0
  const code = await runTool(typeof line === 'string' ? line.split(' ') : line, {
    name: tool,
    version: '1.2.3',
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
    readInput: async () => input,
    readFile: async (path) => Buffer.from(fileOf(files, path)),
    writeFile: async (path, text) => {
      written[path] = text
    },
    pause: async (ms) => {
      now += ms
    },
    now: () => now,
    dial: async (_host, port) => {
      if (closed.includes(port)) throw new Error('ECONNREFUSED')
    },
    random: (count) => Buffer.from('908DC60A', 'hex').subarray(0, count),
    connect: async () => api,
  })
  return { code, ...said, received: api.received, written }
}

/** Runs a command line of rabbitmqadmin. */
export async function admin(
  line: string | readonly string[],
  answers: Answers = {},
  { input = '', files = {} }: Surroundings = {},
): Promise<CtlOutcome & { readonly options: AdminOptions | undefined }> {
  const api = new FakeApi(answers)
  const said = { stdout: '', stderr: '' }
  const written: Record<string, string> = {}
  let options: AdminOptions | undefined
  const code = await runAdmin(typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line, {
    version: '1.2.3',
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
    home: '/home/me',
    readInput: async () => Buffer.from(input),
    readFile: async (path) => Buffer.from(fileOf(files, path)),
    writeFile: async (path, contents) => {
      written[path] = contents.toString()
    },
    connect: async (given) => {
      options = given
      return api
    },
  })
  return { code, ...said, received: api.received, written, options }
}

function fileOf(files: Readonly<Record<string, string>>, path: string): string {
  const text = files[path]
  if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' })
  return text
}
