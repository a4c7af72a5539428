// Heartbeats of one connection (§4.2.7 of the specification, behaviour.md §2.9): says when one is due, and when the peer
// has been silent for too long. Knows time; the connection knows what was sent and received.

import type { Clock, Timer } from '../broker/clock.ts'
import { stoodStill } from './standstill.ts'

/** What a heartbeat asks of its connection, and tells it. */
export interface HeartbeatListener {
  /** Counts that grow with every write to and every read from the peer. */
  sent(): number
  received(): number
  /** The peer is not being read from: its silence means nothing. */
  paused(): boolean
  sendHeartbeat(): void
  /** Nothing came for two intervals. */
  silent(): void
}

/** Watches one connection. */
export class Heartbeat {
  readonly #clock: Clock
  readonly #listener: HeartbeatListener
  readonly #halfMs: number
  #timer: Timer | null = null
  /** When the timer's time is up, milliseconds since 1970. */
  #dueAt = 0
  #halves = 0
  #sent = -1
  #received = -1
  #missed = 0

  /** @param seconds the negotiated interval; 0: no heartbeats in either direction */
  constructor(clock: Clock, seconds: number, listener: HeartbeatListener) {
    this.#clock = clock
    this.#listener = listener
    this.#halfMs = seconds * 500
    if (seconds > 0) this.#arm()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #arm(): void {
    this.#dueAt = this.#clock.now() + this.#halfMs
    this.#timer = this.#clock.after(this.#halfMs, this.#half)
  }

  readonly #half = (): void => {
    const late = stoodStill(this.#clock, this.#dueAt)
    this.#arm()
    this.#halves++
    // The first one is sent whatever else was (behaviour.md §2.9).
    const due = this.#halves === 1 || this.#sent === this.#listener.sent()
    if (due) this.#listener.sendHeartbeat()
    // The heartbeat itself is yet to be counted, and must not stand for anything else that was sent.
    this.#sent = this.#listener.sent() + (due ? 1 : 0)
    if (this.#halves % 2 === 0) this.#check(late)
  }

  /** Once per interval: two in a row without traffic are too many. What has come while this process stood still is unread. */
  #check(late: boolean): void {
    if (late) return
    const received = this.#listener.received()
    this.#missed = received === this.#received && !this.#listener.paused() ? this.#missed + 1 : 0
    this.#received = received
    if (this.#missed === 2) this.#listener.silent()
  }
}
