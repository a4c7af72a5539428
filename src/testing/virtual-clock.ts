// A clock that stands still until a test moves it: time to live, expiry of queues, delays, retries and consumer timeouts
// come due when the test says so, each at its own time. Turns of the loop are real. Knows tasks and their times; not what
// they do.

import type { Clock, Timer } from '../broker/clock.ts'
import { type Duration, millisecondsOf } from './duration.ts'

/** Tasks that `runAll` runs before it takes what happens for endless. */
const MOST_TASKS = 10_000

interface Task {
  readonly at: number
  readonly run: () => void
  /** It comes again and again by itself, and is nothing that a test waits for. */
  readonly background: boolean
}

/** Time by hand. */
export class VirtualClock implements Clock {
  /** The same time for what comes by at intervals for ever: it is not something that is due. */
  readonly background: Clock = {
    now: () => this.now(),
    after: (ms, run) => this.#add(ms, run, true),
    soon: (task) => this.soon(task),
  }
  readonly #settle: () => Promise<void>
  /** By time; of several at the same time, the one asked for first. */
  #tasks: Task[] = []
  #now: number
  #moving: Promise<unknown> = Promise.resolve()

  /**
   * @param now milliseconds since 1970 to begin with
   * @param settle resolves when all that can happen without time is done
   */
  constructor(now: number, settle: () => Promise<void>) {
    this.#now = now
    this.#settle = settle
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): Timer {
    return this.#add(ms, run, false)
  }

  soon(task: () => void): void {
    setImmediate(task)
  }

  /** When something is due that a test may wait for, milliseconds since 1970, in order. */
  get due(): readonly number[] {
    return this.#tasks.filter(({ background }) => !background).map(({ at }) => at)
  }

  /** Moves time by so much; all that comes due on the way happens at its time. */
  advance(duration: Duration): Promise<void> {
    const ms = millisecondsOf(duration)
    return this.#inTurn(async () => {
      await this.#settle()
      const end = this.#now + ms
      for (let next = this.#tasks[0]; next !== undefined && next.at <= end; next = this.#tasks[0]) await this.#run(next)
      this.#now = end
      await this.#settle()
    })
  }

  /** Moves time to what is due next and does it; null where nothing is due. */
  runNext(): Promise<number | null> {
    return this.#inTurn(() => this.#runNext())
  }

  /** Does all that is due. Rejects where that has no end. */
  runAll(): Promise<number> {
    return this.#inTurn(async () => {
      for (let count = 0; count < MOST_TASKS; count++) if ((await this.#runNext()) === null) return count
      throw new Error(`${MOST_TASKS} things came due one after the other, and there is no end of it`)
    })
  }

  /** Forgets all that is due: the broker that waited for it is gone. */
  clear(): void {
    this.#tasks = []
  }

  async #runNext(): Promise<number | null> {
    await this.#settle()
    const wanted = this.#tasks.find(({ background }) => !background)
    if (wanted === undefined) return null
    while (this.#tasks.includes(wanted)) await this.#run(this.#tasks[0] as Task)
    return wanted.at
  }

  async #run(task: Task): Promise<void> {
    this.#tasks = this.#tasks.filter((other) => other !== task)
    this.#now = Math.max(this.#now, task.at)
    task.run()
    await this.#settle()
  }

  /** One movement of time after the other, however many are asked for at once. */
  #inTurn<T>(move: () => Promise<T>): Promise<T> {
    const moved = this.#moving.then(move)
    this.#moving = moved.catch(() => {})
    return moved
  }

  #add(ms: number, run: () => void, background: boolean): Timer {
    const task = { at: this.#now + ms, run, background }
    const after = this.#tasks.findIndex(({ at }) => at > task.at)
    this.#tasks.splice(after < 0 ? this.#tasks.length : after, 0, task)
    return {
      cancel: () => {
        this.#tasks = this.#tasks.filter((other) => other !== task)
      },
    }
  }
}
