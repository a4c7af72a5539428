// A broker on a data folder, maybe under a command that watches it, and what the scripts beside this file do with its
// clients. Knows processes, and amqplib.

import { readFileSync } from 'node:fs'
import { connect } from 'amqplib'
import { serveBroker } from '../served-broker.js'

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
  const spawning = { stdio: ['ignore', 'pipe', 'pipe'] }
  const broker = await serveBroker({ args: ['--data-dir', dataDir, ...args], through, spawning })
  const { child, log, alive, ended } = broker
  const pid = through.length > 0 ? (childOf(child.pid) ?? child.pid) : child.pid
  const end = async (signal) => {
    if (alive()) process.kill(pid, signal)
    return ended
  }
  return { url: broker.url(), pid, log, alive, end }
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
