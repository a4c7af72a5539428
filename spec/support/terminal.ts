// A terminal for specs of commands: what is written is kept, what is typed is given, time moves only when told.

import { PassThrough } from 'node:stream'
import type { Terminal } from '../../src/cli/terminal.ts'

/** What a terminal looks like. */
export interface FakeTerminalOptions {
  readonly tty?: boolean
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  /** What the person types. */
  readonly typed?: string
  readonly cwd?: string
}

/** A terminal, and what was written on it. */
export interface FakeTerminal extends Terminal {
  readonly out: () => string
  readonly err: () => string
  /** Presses Ctrl-C. */
  readonly interrupt: () => void
  /** The pauses that were asked for; each ends at once. */
  readonly pauses: number[]
}

/** Makes a terminal. */
export function fakeTerminal(options: FakeTerminalOptions = {}): FakeTerminal {
  const { tty = false, columns = 80, env = {}, typed = '', cwd = '/' } = options
  let out = ''
  let err = ''
  let nowMs = 0
  const controller = new AbortController()
  const pauses: number[] = []
  const stdin = Object.assign(new PassThrough(), { isTTY: tty })
  stdin.end(typed)
  return {
    stdout: { write: (text) => (out += text), isTTY: tty, columns },
    stderr: { write: (text) => (err += text), isTTY: tty, columns },
    stdin,
    env: { HOME: '/nonexistent', TERM: 'xterm', ...env },
    cwd,
    now: () => nowMs,
    pause: async (ms) => {
      pauses.push(ms)
      nowMs += ms
      if (pauses.length >= 3) controller.abort()
    },
    interrupted: () => controller.signal,
    out: () => out,
    err: () => err,
    interrupt: () => controller.abort(),
    pauses,
  }
}
