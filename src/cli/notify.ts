// What systemd is told of a server's life, where it has asked to be told (`Type=notify`): that it is ready, that it stops.
// Its own program says it, since Node has no sockets of that kind (docs/decisions/0094). Knows no broker.

import { spawn as spawnProcess } from 'node:child_process'
import type { Environment } from '../config/options.ts'

/** Part of a started program. */
export interface Started {
  once(event: 'error', listener: (error: Error) => void): unknown
  once(event: 'close', listener: (code: number | null) => void): unknown
}

/** Starts a program. */
export type Spawn = (command: string, args: readonly string[]) => Started

/** Where troubles are told of. */
export interface Troubles {
  warn(fields: object, message: string): void
}

/** Says something in systemd's words, `READY=1` for example; resolves when it was said, or could not be. */
export type Notify = (...words: readonly string[]) => Promise<void>

/** How systemd is told; nothing happens where nobody wants to know. */
export function notifier(env: Environment, troubles: Troubles, spawn: Spawn = spawnQuietly): Notify {
  if (!env['NOTIFY_SOCKET']) return async () => {}
  let said = Promise.resolve()
  return (...words) => {
    // One after the other: the last word is what counts.
    said = said.then(() => say(words, troubles, spawn))
    return said
  }
}

function say(words: readonly string[], troubles: Troubles, spawn: Spawn): Promise<void> {
  return new Promise((resolve) => {
    // A program that could not be started is told of as an error, and as one that has ended.
    let failed = false
    const fail = (why: string): void => {
      if (failed) return
      failed = true
      troubles.warn({ why }, `systemd could not be told ${words[0]}`)
      resolve()
    }
    const program = spawn('systemd-notify', words)
    program.once('error', (error) => fail(error.message))
    program.once('close', (code) => (code === 0 ? resolve() : fail(`systemd-notify has ended with ${code}`)))
  })
}

function spawnQuietly(command: string, args: readonly string[]): Started {
  return spawnProcess(command, args, { stdio: 'ignore' })
}
