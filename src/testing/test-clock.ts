// The time of a test broker: the real one, or one that the test moves. What of the broker goes by which is decided here.

import type { Clock } from '../broker/clock.ts'
import type { Stage } from '../leveret.ts'
import type { Duration } from './duration.ts'
import { VirtualClock } from './virtual-clock.ts'

/** The time of messages, as a test sees and moves it. */
export class TestClock {
  readonly #virtual: VirtualClock | null

  /** @param settle resolves when all that can happen without time is done */
  constructor(kind: 'real' | 'virtual', settle: () => Promise<void>) {
    this.#virtual = kind === 'virtual' ? new VirtualClock(Date.now(), settle) : null
  }

  /** What messages are timed by. */
  get messages(): Pick<Clock, 'now'> {
    return this.#virtual ?? { now: () => Date.now() }
  }

  /** The broker's time, as a date. */
  now(): Date {
    return new Date(this.messages.now())
  }

  /** When messages expire, retries and delays end, queues go: in order. */
  get due(): readonly Date[] {
    return this.#movable('due').due.map((at) => new Date(at))
  }

  /** Moves time; all that comes due on the way happens at its time. Resolves when what follows from it is done. */
  advance(duration: Duration): Promise<void> {
    return this.#movable('advance').advance(duration)
  }

  /** Moves time to what is due next and does it. Resolves with that time; null where nothing is due. */
  async runNext(): Promise<Date | null> {
    const at = await this.#movable('runNext').runNext()
    return at === null ? null : new Date(at)
  }

  /** Does all that is due, and what becomes due by it. Resolves with how many there were. */
  runAll(): Promise<number> {
    return this.#movable('runAll').runAll()
  }

  /** Lets so many milliseconds pass: moves time where it can be moved, or waits. */
  async pass(ms: number): Promise<void> {
    if (this.#virtual !== null) return this.#virtual.advance(ms)
    await new Promise((resolve) => setTimeout(resolve, ms))
  }

  /** Forgets what is due: the broker that waited for it is gone. */
  clear(): void {
    this.#virtual?.clear()
  }

  /** The clocks for one life of a broker; `real` is the real one, as long as it lives. */
  stage(real: Clock, virtualPeers: boolean): Pick<Stage, 'clock' | 'sweepClock' | 'peerClock'> {
    const virtual = this.#virtual
    if (virtual === null) return { clock: real, sweepClock: real, peerClock: real }
    return { clock: virtual, sweepClock: virtual.background, peerClock: virtualPeers ? virtual.background : real }
  }

  #movable(what: string): VirtualClock {
    if (this.#virtual !== null) return this.#virtual
    throw new Error(`clock.${what} needs a virtual clock: startBroker({ clock: 'virtual' })`)
  }
}
