// Messages of a queue, one after the other, as somebody asks for them. Knows no command.

import type { Amqp, Channel, ConsumeMessage } from '../amqp.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'

/** How to consume. */
export interface ConsumeOptions {
  readonly queue: string
  /** Deliveries without an ack at once; 0 is no limit. */
  readonly prefetch: number
  readonly noAck?: boolean
  readonly arguments?: Readonly<Record<string, unknown>>
  readonly consumerTag?: string | undefined
  /** Ends the waiting. */
  readonly signal?: AbortSignal
}

/** A consumer whose deliveries are asked for. */
export class Deliveries {
  readonly #channel: Channel
  readonly #amqp: Amqp
  readonly #arrived: ConsumeMessage[] = []
  #waiting: (() => void) | undefined
  #isCancelled = false
  #tag = ''

  private constructor(amqp: Amqp, channel: Channel) {
    this.#amqp = amqp
    this.#channel = channel
  }

  /** Begins to consume. */
  static async open(amqp: Amqp, channel: Channel, options: ConsumeOptions): Promise<Deliveries> {
    const deliveries = new Deliveries(amqp, channel)
    await deliveries.#consume(options)
    return deliveries
  }

  async #consume({
    queue,
    prefetch,
    noAck = false,
    arguments: table,
    consumerTag,
    signal,
  }: ConsumeOptions): Promise<void> {
    if (prefetch > 0) await this.#amqp.while(this.#channel.prefetch(prefetch))
    signal?.addEventListener('abort', () => this.#wake())
    const onMessage = (message: ConsumeMessage | null): void => {
      if (message === null) this.#isCancelled = true
      else this.#arrived.push(message)
      this.#wake()
    }
    const options = {
      noAck,
      ...(table ? { arguments: table } : {}),
      ...(consumerTag === undefined ? {} : { consumerTag }),
    }
    const { consumerTag: tag } = await this.#amqp.while(this.#channel.consume(queue, onMessage, options))
    this.#tag = tag
  }

  /**
   * The next message; undefined when none comes in this time, or when it is waited for no longer.
   * @throws CommandError when the broker ends the consumer, since its queue has gone
   */
  async next(
    signal: AbortSignal | undefined,
    withinMs = Number.POSITIVE_INFINITY,
  ): Promise<ConsumeMessage | undefined> {
    if (this.#arrived.length === 0 && !this.#isCancelled && !signal?.aborted) {
      await this.#amqp.while(this.#change(withinMs))
    }
    if (signal?.aborted) return undefined
    const message = this.#arrived.shift()
    if (message === undefined && this.#isCancelled) {
      throw new CommandError('the queue has been deleted, or the consumer was cancelled', exitCode.unavailable)
    }
    return message
  }

  /** Ends the consumer; messages without an ack stay so until the channel is closed. */
  async cancel(): Promise<void> {
    if (!this.#isCancelled) await this.#amqp.while(this.#channel.cancel(this.#tag))
  }

  #change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(withinMs) ? setTimeout(() => this.#wake(), withinMs) : undefined
      this.#waiting = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #wake(): void {
    this.#waiting?.()
    this.#waiting = undefined
  }
}
