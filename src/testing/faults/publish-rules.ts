// What faults do to publishes: refuse them, never confirm them, or have them lead nowhere; the next few, or some by chance.
// Knows publishes; what becomes of them is the session's.

import type { Fate } from '../../session/watch.ts'
import { checkNames, type Known } from '../known.ts'
import { checkText, fits, type TextMatch } from '../match.ts'
import { seeded } from './chance.ts'

/** Which publishes are meant. */
export interface PublishFault {
  readonly vhost?: string
  /** Those that are routed to such a queue. */
  readonly queue?: TextMatch
  readonly exchange?: TextMatch
  readonly key?: TextMatch
  /** How many; all, where it is not said. */
  readonly next?: number
  /** Out of how many each: 0.1 is one in ten, by chance. */
  readonly probability?: number
  /** What chance goes by: the same seed makes the same choices. */
  readonly seed?: number
}

const names: Known<Required<PublishFault>> = {
  vhost: true,
  queue: true,
  exchange: true,
  key: true,
  next: true,
  probability: true,
  seed: true,
}

/** A publish, as far as rules look at it. */
export interface Publish {
  readonly vhost: string
  readonly exchange: string
  readonly routingKey: string
  readonly queues: readonly string[]
}

/** One rule. */
export class PublishRule {
  readonly fate: Fate
  readonly #fault: PublishFault
  readonly #random: () => number
  readonly #spent: () => void
  #left: number

  /** @param spent called when it has taken as many as it was to */
  constructor(fate: Fate, fault: PublishFault, spent: () => void = () => {}) {
    checkNames('a fault of publishes', fault, names)
    for (const name of ['exchange', 'key', 'queue'] as const) checkText(fault[name], `${name} of a fault`)
    const { probability = 1, next = Number.POSITIVE_INFINITY, seed = 1 } = fault
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`probability is ${probability}, expected a number from 0 to 1`)
    }
    if (!(next >= 1)) throw new RangeError(`next is ${next}, expected a number of publishes from 1 on`)
    this.fate = fate
    this.#fault = fault
    this.#left = next
    this.#random = seeded(seed)
    this.#spent = spent
  }

  /** Whether it is for this publish. */
  takes({ vhost, exchange, routingKey, queues }: Publish): boolean {
    const { vhost: inVhost, exchange: from, key, queue, probability = 1 } = this.#fault
    if (this.#left === 0 || (inVhost !== undefined && inVhost !== vhost)) return false
    if (from !== undefined && !fits(from, exchange)) return false
    if (key !== undefined && !fits(key, routingKey)) return false
    if (queue !== undefined && !queues.some((name) => fits(queue, name))) return false
    if (this.#random() >= probability) return false
    if (--this.#left === 0) this.#spent()
    return true
  }
}
