// Direct reply-to (behaviour.md §12): where the answers to a channel's requests go. To exchanges it is a queue, with a name
// that nobody can guess; but it keeps nothing: an answer is delivered at once, or there is nobody any more. It lives with
// its one consumer and is declared nowhere, so no route to it is remembered.

import type { FieldTable } from '../protocol/field-table.ts'
import type { Consumer } from './consumer.ts'
import { MessageCounts } from './counts.ts'
import { type Dialect, LEVERET } from './dialect.ts'
import type { Message } from './message.ts'
import { plainDetails } from './queue/details.ts'
import type { Outcome } from './queue/publisher.ts'
import type { Queue, QueueDetails, QueueStats, Receiver } from './queue/queue.ts'
import { settingsOf } from './queue/settings.ts'

/** What clients call it: the queue that they consume from, and the reply-to of their requests. */
export const REPLY_TO = 'amq.rabbitmq.reply-to'
/** What comes before the part of a full name that tells one from another. */
const PREFIX = `${REPLY_TO}.`

/** Whether it is, or could be, the full name of a reply queue. */
export function isReplyName(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** A full name as it is made: one that somebody once had, as far as can be told. */
const MADE = /^amq\.rabbitmq\.reply-to\.[\w-]{22}$/

/** Who waits for answers in a vhost, by full name; to exchanges, where an answer goes. */
export class Replies {
  /** What takes the answers to a name. */
  readonly #waiting = new Map<string, Receiver>()
  readonly #dialect: Pick<Dialect, 'returnsReplies'>

  constructor(dialect: Pick<Dialect, 'returnsReplies'> = LEVERET) {
    this.#dialect = dialect
  }

  /** How many there are. */
  get size(): number {
    return this.#waiting.size
  }

  has(name: string): boolean {
    return this.#waiting.has(name)
  }

  add(queue: ReplyQueue): void {
    this.#waiting.set(queue.name, this.#dialect.returnsReplies === 'all' ? new Uncounted(queue) : queue)
  }

  remove(queue: ReplyQueue): void {
    this.#waiting.delete(queue.name)
  }

  /** What takes an answer to `name`; undefined: nobody, and a mandatory one is returned (behaviour.md §12). */
  get(name: string): Receiver | undefined {
    const none = this.#dialect.returnsReplies === 'none'
    return this.#waiting.get(name) ?? (none && MADE.test(name) ? lost(name) : undefined)
  }
}

/** Takes answers that nobody waits for any more. */
function lost(name: string): Receiver {
  return { name, pressed: false, publish: () => 'stored' }
}

/** Takes answers as `queue` does; what nothing else receives is unroutable all the same. */
class Uncounted implements Receiver {
  readonly uncounted = true
  readonly #queue: ReplyQueue

  constructor(queue: ReplyQueue) {
    this.#queue = queue
  }

  get name(): string {
    return this.#queue.name
  }

  get pressed(): boolean {
    return this.#queue.pressed
  }

  publish(message: Message): Outcome {
    return this.#queue.publish(message)
  }
}

const NO_ARGUMENTS: FieldTable = new Map()
const SETTINGS = settingsOf(NO_ARGUMENTS)

/** The replies to one channel. */
export class ReplyQueue implements Queue {
  readonly id = 0
  readonly name: string
  readonly vhost: string
  readonly durable = false
  readonly autoDelete = true
  readonly owner = null
  readonly arguments = NO_ARGUMENTS
  readonly settings = SETTINGS
  readonly counts = new MessageCounts()
  readonly deaths = null
  /** Where exchanges look for it. */
  readonly #listed: Replies
  #consumer: Consumer | null = null

  /** @param unguessable tells it from others; @param listed the reply queues of the vhost */
  constructor(vhost: string, unguessable: string, listed: Replies) {
    this.name = PREFIX + unguessable
    this.vhost = vhost
    this.#listed = listed
  }

  get deleted(): boolean {
    return this.#consumer === null
  }

  /** Whether who asked does not take the answers that are on their way to it. */
  get pressed(): boolean {
    return this.#consumer?.hasRoom === false
  }

  publish(message: Message): Outcome {
    this.#consumer?.sink.deliver(this.#consumer, message, 0, false)
    return 'stored'
  }

  consume(consumer: Consumer): void {
    this.#consumer = consumer
    this.#listed.add(this)
  }

  cancel(consumer: Consumer): void {
    if (consumer !== this.#consumer) return
    this.#consumer = null
    this.#listed.remove(this)
  }

  wake(): void {}

  handOut(): void {}

  get(): null {
    return null
  }

  ack(): void {}

  reject(): void {}

  used(): void {}

  async browse(): Promise<void> {}

  async withdraw(): Promise<boolean> {
    return false
  }

  purge(): number {
    return 0
  }

  stats(): QueueStats {
    return { ready: 0, unacked: 0, consumers: 1 }
  }

  details(): QueueDetails {
    return plainDetails(this.stats(), this.#consumer === null ? [] : [this.#consumer])
  }
}
