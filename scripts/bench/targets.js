// Brokers to measure: those that run already, given by address, and a Leveret that is started here and ended again.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { serveBroker } from '../served-broker.js'
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
  #broker
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
    const broker = this.#broker
    this.#broker = undefined
    this.#address = undefined
    if (broker) await within(STOP_MS, broker.end(), 'ending the broker').catch(() => broker.end('SIGKILL'))
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  async #start() {
    this.#folder = mkdtempSync(join(this.#own.dataDir ?? tmpdir(), 'leveret-bench-'))
    try {
      this.#broker = await serveBroker({ args: ['--data-dir', this.#folder], main: launcher, said: complain })
    } catch (error) {
      await this.stop()
      throw error
    }
    const url = new URL(this.#broker.url())
    return { ...this.#login, host: url.hostname, port: Number(url.port), pid: this.#broker.child.pid }
  }
}

/** What goes wrong in the broker, at its start or later, goes to stderr. */
const complain = (line) => {
  const entry = entryOf(line)
  if (entry?.level !== 'info') process.stderr.write(`broker: ${entry?.msg ?? line}\n`)
}

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
