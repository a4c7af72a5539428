// Publishes with confirms, so many at once that the way to the broker is full but not more: every message's outcome is
// known, also that no queue wanted it. Knows no command.

import type { ConfirmChannel, Message, Options } from '../amqp.ts'

/** What became of a message: a queue has it, none wanted it, or the broker refused it. */
export type Outcome = 'confirmed' | 'returned' | 'refused'

/** A message to publish. */
export interface Outgoing {
  readonly exchange: string
  readonly key: string
  readonly content: Buffer
  readonly options: Options.Publish
}

interface Pending extends Outgoing {
  isReturned: boolean
}

/** Messages that may wait for their confirms at once, and their octets. */
const MOST_MESSAGES = 1000
const MOST_OCTETS = 16 * 1024 * 1024

/** Publishes on one channel. */
export class Publisher {
  readonly #channel: Pick<ConfirmChannel, 'publish'>
  readonly #pending = new Set<Pending>()
  #octets = 0
  #waiting: (() => void)[] = []

  constructor(channel: Pick<ConfirmChannel, 'publish' | 'on'>) {
    this.#channel = channel
    channel.on('return', (message: Message) => this.#onReturn(message))
  }

  /** Publishes; resolves with what became of the message. Ask for `room` before. */
  send(message: Outgoing): Promise<Outcome> {
    const { exchange, key, content, options } = message
    const pending: Pending = { ...message, isReturned: false }
    this.#pending.add(pending)
    this.#octets += content.length
    return new Promise((resolve) => {
      this.#channel.publish(exchange, key, content, options, (error) => {
        this.#pending.delete(pending)
        this.#octets -= content.length
        resolve(error ? 'refused' : pending.isReturned ? 'returned' : 'confirmed')
        this.#wake()
      })
    })
  }

  /** Resolves when there is room for another message. */
  async room(): Promise<void> {
    while (this.#pending.size >= MOST_MESSAGES || this.#octets >= MOST_OCTETS) await this.#change()
  }

  /** Resolves when the outcome of every message is known. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  // A return carries no delivery tag. It comes before the confirm of its message, and equal messages have equal fates, so
  // that the oldest that looks the same may stand for it.
  #onReturn({ fields, content }: Message): void {
    for (const pending of this.#pending) {
      if (pending.isReturned || pending.exchange !== fields.exchange || pending.key !== fields.routingKey) continue
      if (!pending.content.equals(content)) continue
      pending.isReturned = true
      return
    }
  }
}
