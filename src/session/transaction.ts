// A channel's transaction (behaviour.md §8.3): publishes that are routed and not yet in their queues, and settlements that
// are taken and not yet told to them, until commit or rollback. Knows what is held; carrying it out is the channel's.

import type { Message } from '../broker/message.ts'
import type { Outcome } from '../broker/queue/publisher.ts'
import type { Receiver } from '../broker/queue/queue.ts'
import type { CountingPublisher } from './publishing.ts'
import type { Delivery } from './unacked.ts'

/** A publish that waits for the commit. No queues and `mandatory`: it will be returned. */
export interface HeldPublish {
  readonly message: Message
  readonly queues: readonly Receiver[]
  readonly mandatory: boolean
}

/** A settlement that waits for the commit. */
export interface HeldSettlement {
  readonly delivery: Delivery
  /** `requeue`: it comes back and nobody is to blame; `fail`: it comes back from a delivery that failed. */
  readonly how: 'ack' | 'reject' | 'requeue' | 'fail'
}

/** The open transaction of one channel. */
export class Transaction {
  publishes: HeldPublish[] = []
  settlements: HeldSettlement[] = []

  /** Holds a copy of a publish. */
  publish(message: Message, queues: readonly Receiver[], mandatory: boolean): void {
    this.publishes.push({ message: message.copy(), queues, mandatory })
  }

  settle(delivery: Delivery, how: HeldSettlement['how']): void {
    this.settlements.push({ delivery, how })
  }

  /** Empties the transaction and returns what it held. */
  take(): { readonly publishes: readonly HeldPublish[]; readonly settlements: readonly HeldSettlement[] } {
    const { publishes, settlements } = this
    this.publishes = []
    this.settlements = []
    return { publishes, settlements }
  }
}

/** Waits for the publishes of one commit. */
export class CommitOutcome implements CountingPublisher {
  #outstanding = 1
  #stored = true
  #resolve: (stored: boolean) => void = () => {}
  /** Resolves once every queue has answered: whether all of them stored what they were given. */
  readonly settled: Promise<boolean> = new Promise((resolve) => {
    this.#resolve = resolve
  })

  expect(): void {
    this.#outstanding++
  }

  settle(_tag: number, outcome: Outcome): void {
    if (outcome !== 'stored') this.#stored = false
    if (--this.#outstanding === 0) this.#resolve(this.#stored)
  }
}
