// A classic queue with everything around it: a store with faults, reads that end when they are told to, a clock,
// consumers that are one mailbox, and a publisher that notes what it is told.

import type { Consumer, ConsumerOptions } from '../../../../src/broker/consumer.ts'
import { ClassicQueue } from '../../../../src/broker/queue/classic.ts'
import { Committer } from '../../../../src/broker/queue/committer.ts'
import type { Outcome } from '../../../../src/broker/queue/publisher.ts'
import type { Got, Queue, QueueSpec } from '../../../../src/broker/queue/queue.ts'
import type { QueueHost } from '../../../../src/broker/queue/queue-host.ts'
import { SegmentMemory } from '../../../../src/broker/queue/segment-memory.ts'
import { createMemoryStore } from '../../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../../../support/fault-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { deadEnd } from './dead-end.ts'
import { HeldReads } from './held-reads.ts'
import { Mailbox } from './mailbox.ts'
import { idOf, type Kind, makeMessage } from './messages.ts'

/** What the queue of a scene is, unless it is made anew: durable, neither exclusive nor auto-delete. */
export const plainQueue: QueueSpec = {
  ...{ id: 9, name: 'work', vhost: 'v', durable: true, autoDelete: false, owner: null },
  arguments: new Map(),
}

/** One queue and what happens to it. */
export class Scene {
  readonly store: FaultyStore
  readonly clock: ManualClock
  readonly mailbox = new Mailbox()
  readonly memory: SegmentMemory
  readonly reads: HeldReads
  /** Chunks of which the host was told that they cannot be read. */
  readonly lost: [firstSeq: number, messages: number, why: string][] = []
  /** Queues of which the host was told that they are unused. */
  readonly unused: Queue[] = []
  /** What publishers were told, after their publish. */
  readonly told: [tag: number, outcome: Outcome][] = []
  queue: ClassicQueue
  readonly #host: QueueHost

  private constructor(store: FaultyStore, clock: ManualClock, committer: Committer, memory: SegmentMemory) {
    this.store = store
    this.clock = clock
    this.memory = memory
    this.reads = new HeldReads(store.messages)
    this.#host = {
      ...{ clock, committer, memory },
      deadLetters: deadEnd(clock),
      readChunk: (key) => this.reads.read(key),
      chunkLost: (_queue, { firstSeq }, messages, why) => this.lost.push([firstSeq, messages, why]),
      unused: (queue) => this.unused.push(queue),
    }
    this.queue = new ClassicQueue(plainQueue, this.#host)
  }

  /**
   * @param budget octets that messages may occupy before those that are stored leave memory
   * @param pressure the same for all others
   */
  static async begin(budget = 0, pressure = Number.POSITIVE_INFINITY): Promise<Scene> {
    const store = faultyStore(createMemoryStore())
    const clock = new ManualClock()
    const listener = { failed: () => {}, succeeded: () => {} }
    const committer = new Committer(store.messages, await store.open(), clock, listener)
    return new Scene(store, clock, committer, new SegmentMemory(budget, pressure))
  }

  /** Another queue takes the place of the one that was there. */
  remake(changes: Partial<QueueSpec> = {}): ClassicQueue {
    this.queue = new ClassicQueue({ ...plainQueue, ...changes }, this.#host)
    return this.queue
  }

  /** A consumer that is delivered to from now on. */
  consume(options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = this.mailbox.consumer(this.queue, options)
    this.queue.consume(consumer)
    this.clock.endTurn()
    return consumer
  }

  /** Publishes messages with these numbers, transient, and nobody waits for them. */
  publish(...ids: readonly number[]): void {
    for (const id of ids) this.queue.publish(makeMessage(id, 'tiny'), null, 0)
  }

  /** Publishes a persistent message that somebody waits for. */
  publishConfirmed(id: number, kind: Kind = 'tiny'): Outcome | 'pending' {
    const publisher = { settle: (tag: number, outcome: Outcome) => this.told.push([tag, outcome]) }
    return this.queue.publish(makeMessage(id, kind, true), publisher, id)
  }

  /** basic.get where nothing has to be read back: the message's number and whether it is redelivered. */
  get(): readonly [id: number, redelivered: boolean] | null {
    const got = this.gotten()
    return got && [idOf(got.message), got.redelivered]
  }

  /** basic.get where nothing has to be read back. */
  gotten(): Got | null {
    const got = this.queue.get()
    if (got instanceof Promise) throw new Error('the message has to be read back')
    return got
  }

  /** Takes so many by basic.get; returns their sequence numbers. */
  take(count: number): readonly number[] {
    return Array.from({ length: count }, () => this.gotten()?.seq as number)
  }

  /** What consumers were given since the last time. */
  given(): readonly string[] {
    return this.mailbox.given.splice(0).map(({ consumer, id }) => `${id} to ${consumer.tag}`)
  }
}
