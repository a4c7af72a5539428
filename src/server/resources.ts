// Memory and disk: looks at both once a second and raises or clears the broker's alarms. How they are measured is given;
// what an alarm does to publishers is the sessions' concern.

import type { Alarms, Resource } from '../broker/alarms.ts'
import type { Clock, Timer } from '../broker/clock.ts'
import type { Logger } from '../broker/logger.ts'

/** Milliseconds between two looks. */
const INTERVAL_MS = 1000
/** An alarm ends once the reading is this much on the right side of its limit: it would flutter otherwise. */
const HYSTERESIS = 0.05

/** What there is, in octets. */
export interface Reading {
  /** Memory that this process occupies. */
  readonly memoryUsed: number
  /** Room left where the data is; Infinity where nothing is stored. */
  readonly diskFree: number
}

/** Where alarms begin, in octets. */
export interface Watermarks {
  readonly memoryLimit: number
  readonly diskFreeLimit: number
}

/** Watches the resources of one broker. */
export class Resources {
  readonly #alarms: Alarms
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #watermarks: Watermarks
  readonly #read: () => Promise<Reading>
  #timer: Timer | null = null
  #stopped = false

  /** @param read takes a reading; when it fails, the alarms stay as they are */
  constructor(alarms: Alarms, clock: Clock, logger: Logger, watermarks: Watermarks, read: () => Promise<Reading>) {
    this.#alarms = alarms
    this.#clock = clock
    this.#logger = logger
    this.#watermarks = watermarks
    this.#read = read
  }

  /** Looks now, and from now on. Resolves after the first look. */
  async start(): Promise<void> {
    try {
      this.#judge(await this.#read())
    } catch (error) {
      this.#logger.warn({ err: error }, 'memory and disk could not be measured')
    }
    if (!this.#stopped) this.#timer = this.#clock.after(INTERVAL_MS, () => void this.start())
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  #judge({ memoryUsed, diskFree }: Reading): void {
    const { memoryLimit, diskFreeLimit } = this.#watermarks
    this.#set('memory', memoryUsed > memoryLimit, memoryUsed < memoryLimit * (1 - HYSTERESIS), {
      memoryUsed,
      memoryLimit,
    })
    this.#set('disk', diskFree < diskFreeLimit, diskFree > diskFreeLimit * (1 + HYSTERESIS), {
      diskFree,
      diskFreeLimit,
    })
  }

  #set(resource: Resource, low: boolean, enough: boolean, reading: object): void {
    if (low && this.#alarms.raise(resource)) {
      this.#logger.warn(reading, `low on ${resource}: publishers are blocked`)
    } else if (enough && this.#alarms.clear(resource)) {
      this.#logger.info(reading, `enough ${resource} again`)
    }
  }
}
