// Makes live queues and exchanges from their entries, each with what it needs of the broker around it. Knows when all is
// recovered: before, nothing that was made does anything by itself.

import type { Clock } from './clock.ts'
import { tellConsumer } from './consumer-events.ts'
import { DeadLetters } from './dead-letters.ts'
import { queueEntry } from './entries.ts'
import type { Events } from './events.ts'
import type { Exchange } from './exchange/exchange.ts'
import { attachLog } from './exchange-logs.ts'
import type { Logger } from './logger.ts'
import { ClassicQueue } from './queue/classic.ts'
import type { Committer } from './queue/committer.ts'
import type { LocalQueue } from './queue/local-queue.ts'
import type { Owner, Queue } from './queue/queue.ts'
import type { QueueHost } from './queue/queue-host.ts'
import type { SegmentMemory } from './queue/segment-memory.ts'
import { queueTypeOf } from './queue/settings.ts'
import { StreamQueue } from './queue/stream.ts'
import type { MessageStore } from './store.ts'
import type { Trace } from './trace.ts'
import type { Vhost } from './vhost.ts'

/** What queues and exchanges are made with. */
export interface MakerHost {
  readonly clock: Clock
  readonly logger: Logger
  readonly committer: Committer
  readonly memory: SegmentMemory
  readonly messages: Pick<MessageStore, 'read'>
  readonly events: Pick<Events, 'tell'>
  /** Who watches messages; nobody but in tests. */
  readonly trace?: Trace | null | undefined
  /** The connection that an exclusive queue belongs to. */
  owner(id: number): Owner | undefined
  /** Deletes a queue that nobody uses any more. */
  remove(queue: Queue): Promise<void>
}

/** Makes what one broker consists of. */
export class Maker {
  readonly #host: MakerHost
  readonly #deadLetters = new WeakMap<Vhost, DeadLetters>()
  /** All that was stored is there: until then no message goes from one queue or exchange to another. */
  #recovered = false

  constructor(host: MakerHost) {
    this.#host = host
  }

  /** Whether all that was stored is there. */
  get recovered(): boolean {
    return this.#recovered
  }

  /** The queue of that entry. */
  queue(vhost: Vhost, name: string, value: string): LocalQueue {
    const { owner, ...entry } = queueEntry.read(value)
    const spec = { ...entry, name, vhost: vhost.name, owner: this.#host.owner(owner) ?? null }
    const host = this.#hostOf(vhost)
    return queueTypeOf(spec.arguments) === 'stream' ? new StreamQueue(spec, host) : new ClassicQueue(spec, host)
  }

  /** Gives an exchange the log that its type needs, if it does. */
  furnish(vhost: Vhost, exchange: Exchange): void {
    const names = { exchange: exchange.name, vhost: vhost.name }
    const log = attachLog(exchange, vhost, {
      ...this.#hostOf(vhost),
      committer: this.#host.committer,
      chunkLost: ({ firstSeq }, messages, why) =>
        this.#host.logger.error({ ...names, firstSeq, messages }, `a stored chunk is set aside: ${why}`),
    })
    if (this.#recovered) log?.open()
  }

  /** All queues are recovered: messages may go from one to the other. */
  begin(vhosts: Iterable<Vhost>): void {
    this.#recovered = true
    for (const vhost of vhosts) {
      this.#deadLettersOf(vhost).open()
      for (const queue of vhost.localQueues()) queue.begin()
      for (const { log } of vhost.exchanges.values()) log?.open()
    }
  }

  #hostOf(vhost: Vhost): QueueHost {
    const { clock, logger, committer, memory, messages, events, trace } = this.#host
    return {
      clock,
      dialect: vhost.dialect,
      committer,
      memory,
      trace,
      consuming: (consumer, began) => {
        trace?.consuming(consumer, began)
        tellConsumer(events, consumer, began)
      },
      deadLetters: this.#deadLettersOf(vhost),
      readChunk: (key) => messages.read(key),
      chunkLost: ({ name, vhost }, { firstSeq }, messages, why) =>
        logger.error({ queue: name, vhost, firstSeq, messages }, `a stored chunk is set aside: ${why}`),
      unused: (queue) => {
        // Nobody could use it yet: its time begins anew with `begin`.
        if (!this.#recovered) return
        this.#host
          .remove(queue)
          .catch((error: unknown) =>
            logger.error({ err: error, queue: queue.name }, 'unused queue could not be deleted'),
          )
      },
    }
  }

  #deadLettersOf(vhost: Vhost): DeadLetters {
    let letters = this.#deadLetters.get(vhost)
    if (!letters) {
      letters = new DeadLetters(vhost, this.#host.clock, this.#host.trace ?? null, vhost.dialect)
      if (this.#recovered) letters.open()
      this.#deadLetters.set(vhost, letters)
    }
    return letters
  }
}
