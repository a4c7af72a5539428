// Brokers to measure: those that run already, given by address, and a Leveret that is started here and ended again.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { within } from './generator/clock.js'

const START_MS = 120_000
const STOP_MS = 15_000
const launcher = join(import.meta.dirname, '..', 'start.js')
const FORM = /^([^=]+)=(\[[^\]]+\]|[^:]+):(\d+)(?::(\d+))?$/

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {() => Promise<import('./generator/peer.js').Address & { pid?: number }>} address started if need be
 * @property {() => Promise<void>} stop ends what `address` started
 */

/**
 * @param {string} text `NAME=HOST:PORT`, `NAME=HOST:PORT:PID`, or a name alone for a Leveret of our own
 * @param {{ user: string, password: string, vhost: string }} login
 * @param {{ dataDir?: string, verbose?: boolean }} own settings of a broker that is started here
 * @returns {Target}
 * @throws Error that says what is wrong with the text
 */
export const readTarget = (text, login, own) => {
  if (!text.includes('=')) return new OwnLeveret(text, login, own)
  const [, name, host, port, pid] = FORM.exec(text) ?? []
  if (name === undefined) throw new Error(`a target is NAME=HOST:PORT or NAME=HOST:PORT:PID, not '${text}'`)
  const bare = host.replace(/^\[|\]$/g, '')
  const address = { ...login, host: bare, port: Number(port), ...(Number(pid) > 0 && { pid: Number(pid) }) }
  return { name, address: async () => address, stop: async () => undefined }
}

/** A Leveret with a data directory of its own, both gone after `stop`. */
class OwnLeveret {
  #login
  #own
  #child
  #folder
  #address

  constructor(name, login, own) {
    this.name = name
    this.#login = login
    this.#own = own
  }

  async address() {
    this.#address ??= await this.#start()
    return this.#address
  }

  async stop() {
    const child = this.#child
    this.#child = undefined
    this.#address = undefined
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await within(STOP_MS, exited, 'ending the broker').catch(() => child.kill('SIGKILL'))
    }
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  async #start() {
    this.#folder = mkdtempSync(join(this.#own.dataDir ?? tmpdir(), 'leveret-bench-'))
    const where = [
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--http-port',
      'off',
      '--metrics-port',
      'off',
      '--data-dir',
      this.#folder,
      '--log-format',
      'json',
    ]
    this.#child = spawn(process.execPath, [launcher, 'serve', ...where], { stdio: ['ignore', 'pipe', 'inherit'] })
    const child = this.#child
    try {
      const url = await within(START_MS, firstUrl(child), 'starting the broker')
      return { ...this.#login, host: url.hostname, port: Number(url.port), pid: child.pid }
    } catch (error) {
      await this.stop()
      throw error
    }
  }
}

/** Reads the broker's log: resolves with the URL it can be reached at; what goes wrong, then or later, goes to stderr. */
const firstUrl = (child) =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`the broker ended at once (${signal ?? code})`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = entryOf(line)
      if (entry?.urls?.[0]) resolve(new URL(entry.urls[0]))
      if (entry?.level !== 'info') process.stderr.write(`broker: ${entry?.msg ?? line}\n`)
    })
  })

/** @returns a line of the log; undefined when it is something else, such as a complaint of the compiler */
const entryOf = (line) => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The smallest thing that looks like a broker, for measuring the generator; see bare-peer.js. */
export class BarePeer {
  #child

  /** @param {'flood' | 'relay'} mode @param {number} bodyBytes of the messages that it makes up */
  async start(mode, bodyBytes, login) {
    const program = join(import.meta.dirname, 'bare-peer.js')
    this.#child = spawn(process.execPath, [program, mode, String(bodyBytes)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await within(START_MS, once(createInterface({ input: this.#child.stdout }), 'line'), 'the bare peer')
    return { ...login, host: '127.0.0.1', port: Number(line), pid: this.#child.pid }
  }

  stop() {
    this.#child?.kill('SIGKILL')
  }
}
