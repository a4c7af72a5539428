// A process of the generator, seen from the parent: what it is asked, and what it answers.

import { fork } from 'node:child_process'
import { within } from './generator/clock.js'

const program = new URL('generator/main.js', import.meta.url)

export class Generator {
  #child
  #asked = new Map()
  #number = 0

  /** @param {string} role one of generator/roles.js */
  static async start(role) {
    const generator = new Generator()
    generator.#child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    generator.#child.on('message', (message) => generator.#answered(message))
    generator.#child.on('exit', (code, signal) => generator.#gone(`the generator ended early (${signal ?? code})`))
    await generator.ask('become', { name: role })
    return generator
  }

  /** @throws Error when the process says so, is gone, or takes longer than `ms` */
  ask(what, argument, ms = 60_000) {
    const number = ++this.#number
    const answer = new Promise((resolve, reject) => {
      this.#asked.set(number, { resolve, reject })
      this.#child.send({ number, ask: what, argument }, (error) => error && reject(error))
    })
    return within(ms, answer, `the generator: '${what}'`)
  }

  end() {
    this.#child.removeAllListeners('exit')
    this.#child.kill('SIGKILL')
    this.#gone('the generator was ended')
  }

  #answered({ number, answer, error }) {
    const asked = this.#asked.get(number)
    this.#asked.delete(number)
    if (error === undefined) asked?.resolve(answer)
    else asked?.reject(new Error(error))
  }

  #gone(why) {
    for (const { reject } of this.#asked.values()) reject(new Error(why))
    this.#asked.clear()
  }
}
