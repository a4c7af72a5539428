// A broker as a process of its own, on free ports of this machine, for the scripts that need one. Knows the command line and
// the log of `leveret serve`, and nothing of clients.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const mainPath = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js')
/** What a broker has open, unless further flags say otherwise: AMQP, and nothing beside it. */
const doors = ['--host', '127.0.0.1', '--port', '0', '--http-port', 'off', '--metrics-port', 'off']
/** The longest it may take until it is up; a folder with a large backlog has its time. */
const START_MS = 120_000

/**
 * @typedef {object} ServedBroker
 * @property {import('node:child_process').ChildProcess} child what was started: the broker, or the command before it
 * @property {(scheme?: string) => string} url where it is reached by that scheme, `amqp` where none is named
 * @property {() => string} log all that it has said so far
 * @property {() => boolean} alive
 * @property {Promise<{ code: number | null, signal: string | null }>} ended
 * @property {(signal?: string) => Promise<{ code: number | null, signal: string | null }>} end
 */

/**
 * @param {object} options
 * @param {readonly string[]} options.args further flags of `leveret serve`; of one that stands twice, the last holds
 * @param {string} [options.main] the program, if it is not the one that was built
 * @param {readonly string[]} [options.node] flags of Node
 * @param {readonly string[]} [options.through] a command that runs the one that follows it
 * @param {import('node:child_process').SpawnOptions} [options.spawning]
 * @param {(line: string) => void} [options.said] told each line of the log
 * @returns {Promise<ServedBroker>} once it is up
 * @throws Error with all that it said when it ends before that, or takes more than two minutes
 */
export const serveBroker = async ({ args, main = mainPath, node = [], through = [], spawning, said = () => {} }) => {
  const serve = [...node, main, 'serve', ...doors, '--log-format', 'json', ...args]
  const [command, ...rest] = [...through, process.execPath, ...serve]
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], ...spawning })
  const lines = []
  child.stderr?.setEncoding('utf8').on('data', (text) => lines.push(text.trimEnd()))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  const up = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      said(line)
      if (line.includes('Server startup complete')) resolve(JSON.parse(line))
    })
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const first = await Promise.race([up, ended]).finally(() => clearTimeout(limit))
  if (first.urls === undefined)
    throw new Error(`the broker did not start (${JSON.stringify(first)}):\n${lines.join('\n')}`)
  const alive = () => child.exitCode === null && child.signalCode === null
  return {
    child,
    url: (scheme = 'amqp') => first.urls.find((url) => url.startsWith(`${scheme}://`)),
    log: () => lines.join('\n'),
    alive,
    ended,
    end: (signal = 'SIGTERM') => {
      if (alive()) child.kill(signal)
      return ended
    },
  }
}
