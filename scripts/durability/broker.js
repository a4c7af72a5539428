// A broker as a process of its own, on a data folder, and what the scripts beside this file do with its clients. Knows the
// command line and the log of `leveret serve`, and amqplib.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { connect } from 'amqplib'

const mainPath = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** @typedef {{ url: string, pid: number, log: () => string, alive: () => boolean, end: (signal: string) => Promise<object> }} Broker */

/**
 * @param {object} options
 * @param {string} options.dataDir
 * @param {readonly string[]} [options.args] further flags of `leveret serve`
 * @param {readonly string[]} [options.through] a command that runs the one that follows it
 * @returns {Promise<Broker>}
 * @throws Error with the broker's log when it ends before it is up
 */
export const startBroker = async ({ dataDir, args = [], through = [] }) => {
  const serve = [
    mainPath,
    'serve',
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--http-port',
    'off',
    '--metrics-port',
    'off',
    '--data-dir',
    dataDir,
    '--log-format',
    'json',
  ]
  const [command, ...rest] = [...through, process.execPath, ...serve, ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines = []
  child.stderr.setEncoding('utf8').on('data', (text) => lines.push(text.trimEnd()))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  const up = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      if (line.includes('Server startup complete')) resolve(JSON.parse(line))
    })
  })
  const first = await Promise.race([up, ended])
  if (first.urls === undefined)
    throw new Error(`the broker did not start (${JSON.stringify(first)}):\n${lines.join('\n')}`)
  const pid = through.length > 0 ? (childOf(child.pid) ?? child.pid) : child.pid
  return {
    url: first.urls.find((url) => url.startsWith('amqp://127.0.0.1:')),
    pid,
    log: () => lines.join('\n'),
    alive: () => child.exitCode === null && child.signalCode === null,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal)
      return ended
    },
  }
}

/** The broker's own id where the command before it stays its parent. */
const childOf = (pid) => {
  const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ')
  return first ? Number(first) : undefined
}

/** A connection whose end is an event and not an error. `blocked` tells whether the broker holds its publishes back. */
export const openPeer = async (url) => {
  const connection = await connect(url, { noDelay: true })
  const peer = { connection, blocked: false, wasBlocked: false, lost: false }
  connection.on('error', () => undefined)
  connection.on('blocked', () => {
    peer.blocked = peer.wasBlocked = true
  })
  connection.on('unblocked', () => {
    peer.blocked = false
  })
  connection.on('close', () => {
    peer.lost = true
  })
  return peer
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Resolves to whether `condition` came true in time. */
export const eventually = async (condition, withinMs) => {
  const until = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > until) return false
    await sleep(20)
  }
  return true
}
