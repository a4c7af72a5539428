// A clock that stands still until a spec moves it: time and turns of the loop, each by its own call. There is no real
// timer behind it, so nothing in a spec depends on how fast the machine is.

import type { Clock, Timer } from '../../src/broker/clock.ts'

interface Alarm {
  readonly at: number
  readonly task: () => void
}

/** Time and turns by hand. Tasks run inside `advance`, `endTurn` and `pass` only, never on their own. */
export class ManualClock implements Clock {
  #now: number
  /** In the order in which they were asked for. */
  #alarms: Alarm[] = []
  #soon: (() => void)[] = []

  /** @param now milliseconds since 1970 to begin with */
  constructor(now = 1_700_000_000_000) {
    this.#now = now
  }

  /** Timers that have not come to their time and were not cancelled. */
  get timers(): number {
    return this.#alarms.length
  }

  /** Tasks that wait for the end of the turn. */
  get tasks(): number {
    return this.#soon.length
  }

  now(): number {
    return this.#now
  }

  after(ms: number, task: () => void): Timer {
    const alarm = { at: this.#now + ms, task }
    this.#alarms.push(alarm)
    return {
      cancel: () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm)
      },
    }
  }

  soon(task: () => void): void {
    this.#soon.push(task)
  }

  /** Moves time by `ms`, and runs on the way every task that comes due, each at its own time. Ends no turn. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#nextAlarm(end); next !== null; next = this.#nextAlarm(end)) {
      const { at, task } = next
      this.#alarms = this.#alarms.filter((other) => other !== next)
      this.#now = Math.max(this.#now, at)
      task()
    }
    this.#now = end
  }

  /** Moves time by `ms` as for a process that does not run meanwhile: what came due runs at the end of it. */
  standStill(ms: number): void {
    this.#now += ms
    this.advance(0)
  }

  /** Ends the turn: runs what was put off until then. What that puts off in turn waits for the next end. */
  endTurn(): void {
    const tasks = this.#soon
    this.#soon = []
    for (const task of tasks) task()
  }

  /** Ends the turn and resolves when the promises that could settle by it have settled. */
  pass(): Promise<void> {
    this.endTurn()
    return this.settle()
  }

  /** Resolves when the promises that can settle without time or turn passing have settled. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }

  /** The first to come due until `end`; of several at the same time, the one asked for first. */
  #nextAlarm(end: number): Alarm | null {
    let first: Alarm | null = null
    for (const alarm of this.#alarms) if (alarm.at <= end && (first === null || alarm.at < first.at)) first = alarm
    return first
  }
}
