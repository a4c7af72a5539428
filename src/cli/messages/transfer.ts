// Moves and copies messages from a queue to other places over AMQP, with any broker: each is published, confirmed, and
// only then acknowledged, so that none is lost whatever fails. At worst the last few are there twice. Knows no command.

import type { Amqp, Channel, ConsumeMessage, Message, Options } from '../amqp.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { Deliveries } from './deliveries.ts'
import { Publisher } from './publisher.ts'
import type { Pacer, Place } from './session.ts'

/** What to move, and where. */
export interface Transfer {
  readonly from: string
  /** Where a message goes; null is nowhere: it is deleted. undefined leaves it in the queue. */
  readonly target: (message: Message) => Place | null | undefined
  /** Whether the messages stay in the queue too. */
  readonly isCopy: boolean
  /** Whether `target` leaves some: then those have to be held until the end. */
  readonly picks: boolean
  readonly most: number | undefined
  readonly pacer: Pacer
  /** The user that publishes: no other name can stand in a message's user_id. */
  readonly user: string
  readonly signal: AbortSignal
  /** Told how many have been moved. */
  readonly moved: (count: number) => void
}

/** What became of the messages of the queue. */
export interface Transferred {
  readonly moved: number
  readonly left: number
  /** No queue wanted them; they are where they were. */
  readonly unroutable: number
  /** The broker did not take them; they are where they were. */
  readonly refused: number
}

/** How many deliveries are under way when none is held back. */
const AT_ONCE = 1000

/** How long a queue that should have more is waited for before its count is looked at again, and how often. */
const IDLE_MS = 500
const PATIENCE = 20

/** Moves what is in the queue now; what arrives meanwhile is not awaited. */
export async function transfer(amqp: Amqp, plan: Transfer): Promise<Transferred> {
  const source = await amqp.channel()
  const { messageCount } = await amqp.while(source.checkQueue(plan.from))
  return new Run(amqp, plan, source, messageCount).run()
}

class Run {
  readonly #amqp: Amqp
  readonly #plan: Transfer
  readonly #source: Channel
  readonly #there: number
  #publisher: Publisher | undefined
  #moved = 0
  #sent = 0
  #left = 0
  #unroutable = 0
  #refused = 0

  constructor(amqp: Amqp, plan: Transfer, source: Channel, there: number) {
    this.#amqp = amqp
    this.#plan = plan
    this.#source = source
    this.#there = there
  }

  async run(): Promise<Transferred> {
    const { from, picks, isCopy, signal } = this.#plan
    if (this.#there > 0) {
      this.#publisher = new Publisher(await this.#amqp.confirmChannel())
      const prefetch = picks || isCopy ? 0 : AT_ONCE
      const deliveries = await Deliveries.open(this.#amqp, this.#source, { queue: from, prefetch, signal })
      await this.#pass(deliveries, this.#publisher)
      await deliveries.cancel()
    }
    // What has no ack goes back to its place in the queue.
    await this.#amqp.while(this.#source.close())
    return { moved: this.#moved, left: this.#left, unroutable: this.#unroutable, refused: this.#refused }
  }

  async #pass(deliveries: Deliveries, publisher: Publisher): Promise<void> {
    const { target, most = Number.POSITIVE_INFINITY, pacer, signal } = this.#plan
    let seen = 0
    let idle = 0
    while (seen < this.#there && this.#sent < most && !signal.aborted) {
      const message = await deliveries.next(signal, IDLE_MS)
      if (!message) {
        if (signal.aborted || (await this.#isEmpty())) break
        if (++idle > PATIENCE)
          throw new CommandError(
            `queue "${this.#plan.from}" gives its messages to another consumer`,
            exitCode.unavailable,
          )
        continue
      }
      seen++
      idle = 0
      const place = target(message)
      if (place === undefined) {
        this.#left++
        continue
      }
      await pacer.turn()
      await this.#amqp.while(publisher.room())
      this.#sent++
      if (place === null) this.#take(message)
      else void this.#send(publisher, message, place)
    }
    await this.#amqp.while(publisher.settled())
  }

  async #send(publisher: Publisher, message: ConsumeMessage, place: Place): Promise<void> {
    const { user } = this.#plan
    const options = { ...sameProperties(message, place, user), mandatory: true }
    const outcome = await publisher.send({ ...place, content: message.content, options })
    if (outcome === 'returned') this.#unroutable++
    else if (outcome === 'refused') this.#refused++
    else this.#take(message)
  }

  #take(message: ConsumeMessage): void {
    if (!this.#plan.isCopy) this.#source.ack(message)
    this.#moved++
    this.#plan.moved(this.#moved)
  }

  // Somebody else may have taken what was counted.
  async #isEmpty(): Promise<boolean> {
    const { messageCount } = await this.#amqp.while(this.#source.checkQueue(this.#plan.from))
    return messageCount === 0
  }
}

/** The options that publish a message as it arrived. */
export function sameProperties(message: Message, place: Place, user: string): Options.Publish {
  const { properties } = message
  const options: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(properties)) if (value !== undefined) options[name] = value
  // A name that is not ours would be refused: https://www.rabbitmq.com/docs/validated-user-id
  if (options['userId'] !== user) options['userId'] = undefined
  // To one queue means to no other: these keys would route it there again.
  if (place.exchange === '' && properties.headers) {
    const { CC: _cc, BCC: _bcc, ...headers } = properties.headers as Record<string, unknown>
    options['headers'] = headers
  }
  return options as Options.Publish
}
