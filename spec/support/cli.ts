// Runs a command line in this process, against a scripted API and a terminal that is none.

import { run } from '../../src/cli/program.ts'
import { type ScriptedApi, scriptedApi } from './scripted-api.ts'
import { type FakeTerminal, type FakeTerminalOptions, fakeTerminal } from './terminal.ts'

/** How a command ended and what it wrote. */
export interface Ran {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly terminal: FakeTerminal
}

/** Runs `leveret` with these words. */
export async function leveret(words: readonly string[], options: FakeTerminalOptions = {}): Promise<Ran> {
  const terminal = fakeTerminal(options)
  const never = async () => {
    throw new Error('no broker is started here')
  }
  const code = await run(words, { terminal, serve: never, check: never })
  return { code, stdout: terminal.out(), stderr: terminal.err(), terminal }
}

/** A command line and the API that it asks. */
export interface CliPeer {
  /** The API of the test that runs. */
  readonly api: ScriptedApi
  readonly run: (words: readonly string[], options?: FakeTerminalOptions) => Promise<Ran>
  /** Has these lists and objects answered, by path below /api. */
  readonly holds: (answers: Readonly<Record<string, unknown>>) => void
  /** Has these requests taken with 204. */
  readonly takes: (...requests: readonly string[]) => void
  /** What changed something, with the bodies. */
  readonly changes: () => readonly unknown[]
}

/** Starts an API before each test of this file and closes it after. */
export function cliPeer(): CliPeer {
  let api: ScriptedApi
  beforeEach(async () => {
    api = await scriptedApi()
  })
  afterEach(() => api.close())
  return {
    get api() {
      return api
    },
    run: (words, options) => leveret([...words, '--url', api.url], options),
    holds: (answers) => {
      for (const [path, body] of Object.entries(answers)) api.answer(`GET /api/${path}`, { status: 200, body })
    },
    takes: (...requests) => {
      for (const request of requests) api.answer(request, { status: 204 })
    },
    changes: () =>
      api.received
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path, body }) => (body === undefined ? `${method} ${path}` : [`${method} ${path}`, body])),
  }
}
