// When a connection reads and when it speaks: what slows its peer down, and what is said at the end of a turn. Knows the
// transport's tap and the outbox; nothing of frames.

import type { AlarmListener, Alarms } from '../broker/alarms.ts'
import type { ConnectionState } from '../broker/peers.ts'
import type { Channel } from './channel.ts'
import type { SessionContext } from './context.ts'
import type { Outbox } from './outbox.ts'
import { Pauses } from './pauses.ts'
import type { Transport } from './transport.ts'
import type { Turn, TurnTaker } from './turn.ts'

/** What flow makes its connection say. */
export interface FlowListener {
  /** The peer is not read from until no resource alarm is on. */
  blocked(reason: string): void
  unblocked(): void
  /** Something was thrown at the end of a turn: a defect, and this connection's alone. */
  failed(error: unknown): void
}

/** The flow of one connection. */
export class Flow implements TurnTaker, AlarmListener {
  readonly #turn: Turn
  readonly #alarms: Alarms
  readonly #pauses: Pauses
  readonly #outbox: Outbox
  readonly #listener: FlowListener
  /** Channels with confirms to say at the end of the turn. */
  #confirming: Channel[] = []
  #inTurn = false
  #pressed = false

  constructor(context: SessionContext, transport: Transport, outbox: Outbox, listener: FlowListener) {
    this.#turn = context.turn
    this.#alarms = context.broker.alarms
    this.#pauses = new Pauses(transport)
    this.#outbox = outbox
    this.#listener = listener
  }

  /** Whether the peer is not being read from. */
  get paused(): boolean {
    return this.#pauses.any
  }

  /** What slows the peer down now, as operators see it. */
  get state(): ConnectionState {
    if (this.#pauses.has('blocked')) return 'blocked'
    if (this.#alarms.on) return 'blocking'
    return this.#pauses.has('pressed') ? 'flow' : 'running'
  }

  /** A queue that was published to cannot keep up: nothing more is read in this turn, after the chunk at hand. */
  press(): void {
    this.#pressed = true
  }

  /** The chunk at hand is done. */
  chunkEnds(): void {
    if (!this.#pressed) return
    this.#pauses.add('pressed')
    this.joinTurn()
  }

  /** A channel holds frames back, more than it should: nothing is read until `unhold`. */
  hold(): void {
    this.#pauses.add('held')
  }

  unhold(): void {
    this.#pauses.remove('held')
  }

  /** A message comes in: while an alarm is on, nothing more is read after it (behaviour.md §2.10). */
  publishes(): void {
    if (!this.#alarms.on || this.#pauses.has('blocked')) return
    this.#pauses.add('blocked')
    this.#alarms.await(this)
    this.#listener.blocked(this.#alarms.reason)
  }

  alarmsEnded(): void {
    this.#listener.unblocked()
    this.#pauses.remove('blocked')
  }

  /** `channel` has confirms to say at the end of the turn. */
  confirmsWait(channel: Channel): void {
    this.#confirming.push(channel)
    this.joinTurn()
  }

  /** There is something to do at the end of the turn. */
  joinTurn(): void {
    if (this.#outbox.congested) this.#pauses.add('congested')
    if (this.#inTurn) return
    this.#inTurn = true
    this.#turn.add(this)
  }

  /** Confirms first, so that they leave in the same write. What is thrown here must not reach the others of the turn. */
  turnEnds(): void {
    try {
      this.#confirm()
    } catch (error) {
      this.#listener.failed(error)
    }
    this.#inTurn = false
    try {
      this.#outbox.flush()
    } catch (error) {
      this.#listener.failed(error)
    }
    if (!this.#pressed) return
    this.#pressed = false
    this.#pauses.remove('pressed')
  }

  #confirm(): void {
    const confirming = this.#confirming
    this.#confirming = []
    for (const channel of confirming) channel.confirms?.flush()
  }

  /** The peer takes again what it is sent. */
  relieved(): void {
    this.#pauses.remove('congested')
  }

  /** The connection is gone. */
  end(): void {
    this.#alarms.forget(this)
  }
}
