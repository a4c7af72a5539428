// A process of the generator. It does what its parent asks over the channel between them, and ends when that is gone.

import { nowNs } from './clock.js'
import { roles } from './roles.js'

let role

const answers = {
  become: ({ name }) => {
    role = roles[name]()
  },
  prepare: (plan) => role.prepare(plan),
  start: (plan) => role.start(plan),
  done: () => role.done(),
  /** Counters at this moment; times are recorded from or up to now when `measuring` is given. */
  figures: ({ measuring }) => {
    if (measuring !== undefined) role.measure(measuring)
    const { user, system } = process.cpuUsage()
    return { atNs: nowNs(), cpuSeconds: (user + system) / 1e6, ...role.figures() }
  },
  stop: () => role.stop(),
  finish: () => role.finish(),
}

process.on('message', async ({ number, ask, argument }) => {
  try {
    process.send({ number, answer: await answers[ask](argument ?? {}) })
  } catch (error) {
    process.send({ number, error: error.message })
  }
})
process.on('disconnect', () => process.exit())
// Ctrl-C reaches every process of the terminal; the parent decides what comes of it.
process.on('SIGINT', () => undefined)
