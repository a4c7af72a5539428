// Rates, and what numbers were a while ago: samples the broker's counts every five seconds, from the first time that
// somebody asks. What numbers are now is always read from the broker, and never from here.

import type { Broker } from '../../broker/broker.ts'
import { countsByVhost } from '../../broker/census.ts'
import type { Clock, Timer } from '../../broker/clock.ts'
import { History, TICKS } from './history.ts'
import { type Probe, probes } from './probes.ts'
import type { Window } from './windows.ts'

const INTERVAL_MS = 5000
/** Objects that are sampled in one turn. */
const OBJECTS_PER_TURN = 500
/** The longest stretch of samples that is answered with. */
const MOST_SAMPLES = 1000

/** How a number changes, in RabbitMQ's words. */
export interface Details {
  readonly rate: number
  readonly avg?: number
  readonly avg_rate?: number
  readonly samples?: readonly { readonly sample: number; readonly timestamp: number }[]
}

/** The statistics of one broker. */
export class Statistics {
  readonly #broker: Broker
  readonly #clock: Clock
  readonly #histories = new WeakMap<object, History>()
  readonly #times = new Float64Array(TICKS)
  /** The tick that is next. */
  #tick = 0
  #timer: Timer | null = null
  #stopped = false
  /** All that was there at first has been sampled: what has no history yet is new. */
  #begun = false

  constructor(broker: Broker, clock: Clock) {
    this.#broker = broker
    this.#clock = clock
  }

  /** Samples now, and from now on. */
  start(): void {
    this.#sample()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /** How value `place` of `subject` changes, which is `now` at this moment; with samples where a window is asked for. */
  details(subject: object, place: number, now: number, window: Window | null = null): Details {
    const history = this.#histories.get(subject)
    const unknown = this.#begun ? 0 : now
    const at = (tick: number): number => history?.at(tick, place) ?? unknown
    return window === null ? { rate: this.#rate(at, now) } : this.#window(at, now, window)
  }

  /**
   * Since when nothing that is counted of `subject` has changed, milliseconds since 1970; null where something has within
   * the last interval, or nobody knows yet. `values` are those of now.
   */
  idleSince(subject: object, values: readonly number[]): number | null {
    const history = this.#histories.get(subject)
    if (!history || history.differs(this.#tick - 1, values)) return null
    return this.#clock.now() - history.changedAt < INTERVAL_MS ? null : history.changedAt
  }

  /** The change since the last tick that is an interval ago or more; since the first one where none is. */
  #rate(at: (tick: number) => number, now: number): number {
    if (this.#tick === 0) return 0
    const time = this.#clock.now()
    const tick = this.#before(time - INTERVAL_MS)
    const passed = Math.max(time - this.#timeOf(tick), INTERVAL_MS)
    return ((now - at(tick)) * 1000) / passed
  }

  #window(at: (tick: number) => number, now: number, { ageMs, incrementMs }: Window): Details {
    const time = this.#clock.now()
    const newest = Math.floor(time / incrementMs) * incrementMs
    const count = Math.min(Math.floor(ageMs / incrementMs), MOST_SAMPLES)
    const samples = Array.from({ length: count + 1 }, (_, index) => {
      const timestamp = newest - index * incrementMs
      return { sample: index === 0 || this.#tick === 0 ? now : at(this.#before(timestamp)), timestamp }
    })
    const [first, second, last] = [samples[0], samples[1], samples.at(-1)]
    const sum = samples.reduce((total, { sample }) => total + sample, 0)
    const over = (from: { sample: number } | undefined, ms: number): number =>
      from === undefined || ms === 0 ? 0 : ((now - from.sample) * 1000) / ms
    return {
      avg: sum / samples.length,
      avg_rate: over(last, count * incrementMs),
      rate: first === undefined ? 0 : over(second, incrementMs),
      samples,
    }
  }

  /** The last tick at `time` or before; the first that is known where all are later. */
  #before(time: number): number {
    const oldest = Math.max(this.#tick - TICKS, 0)
    let tick = this.#tick - 1
    while (tick > oldest && this.#timeOf(tick) > time) tick--
    return tick
  }

  #timeOf(tick: number): number {
    return this.#times[tick % TICKS] as number
  }

  #sample(): void {
    const tick = this.#tick++
    this.#times[tick % TICKS] = this.#clock.now()
    const counts = countsByVhost(this.#broker.vhosts.values(), this.#broker.connections)
    this.#sampleSome(probes(this.#broker, counts), tick)
    this.#timer = this.#clock.after(INTERVAL_MS, () => {
      if (!this.#stopped) this.#sample()
    })
  }

  /** Samples as many as one turn may take; the others wait for the next. */
  #sampleSome(from: Iterator<Probe>, tick: number): void {
    for (let sampled = 0; sampled < OBJECTS_PER_TURN; sampled++) {
      const { value: probe, done } = from.next()
      if (done) {
        this.#begun = true
        return
      }
      const history = this.#histories.get(probe.subject)
      const now = this.#timeOf(tick)
      if (history) history.record(tick, probe.values, now)
      else this.#histories.set(probe.subject, new History(tick, probe.values, now))
    }
    this.#clock.soon(() => {
      if (!this.#stopped) this.#sampleSome(from, tick)
    })
  }
}
