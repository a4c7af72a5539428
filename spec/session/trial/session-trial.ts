// Sessions on trial: clients say anything to queues of all kinds, and whenever nothing moves any more, no message may wait
// for whom there is room, no limit may be exceeded, and all messages have to be somewhere.

import { table } from '../../../src/protocol/field-table.ts'
import { World } from '../../support/world.ts'
import { type Account, Client, STREAM } from './client.ts'

/** What a queue is declared with. Whatever dies goes to `q`, from where it may come again. */
interface Kind {
  readonly arguments: { readonly [name: string]: unknown }
  readonly durable?: boolean
}

const mortal = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'q' }
const kinds: { readonly [name: string]: Kind } = {
  q: { arguments: {}, durable: true },
  priority: { arguments: { ...mortal, 'x-max-priority': 3 } },
  single: { arguments: { ...mortal, 'x-single-active-consumer': true } },
  circle: { arguments: { ...mortal, 'x-dead-letter-routing-key': 'circle' } },
  short: { arguments: { ...mortal, 'x-max-length': 3 } },
  brief: { arguments: { ...mortal, 'x-message-ttl': 50 } },
  quorum: { arguments: { ...mortal, 'x-queue-type': 'quorum', 'x-delivery-limit': 2 }, durable: true },
  sure: {
    arguments: {
      ...mortal,
      'x-queue-type': 'quorum',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
      'x-delivery-limit': 1,
    },
    durable: true,
  },
  chosen: {
    arguments: { ...mortal, 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
    durable: true,
  },
}

/** The queues there are, but for the stream. */
export const queues: readonly string[] = Object.keys(kinds)

/** Whether consumers of a queue may take part in a limit that others share. */
export const shares = (queue: string): boolean => queue !== STREAM && !kinds[queue]?.arguments['x-queue-type']
const hasOneActive = (queue: string): boolean => kinds[queue]?.arguments['x-single-active-consumer'] === true

/** One broker, its queues and two clients. */
export class SessionTrial {
  readonly clients: readonly Client[]
  readonly #world: World
  readonly #account: Account

  private constructor(world: World, account: Account, clients: readonly Client[]) {
    this.#world = world
    this.#account = account
    this.clients = clients
  }

  static async begin(): Promise<SessionTrial> {
    const world = await World.create()
    const peer = await world.open({}, 1)
    for (const [queue, { arguments: args, durable = false }] of Object.entries(kinds)) {
      await peer.ask(1, 'queue.declare', { queue, durable, arguments: table(args as Parameters<typeof table>[0]) })
    }
    await peer.ask(1, 'queue.declare', { queue: STREAM, durable: true, arguments: table({ 'x-queue-type': 'stream' }) })
    const account: Account = { published: 0, ended: 0, streamed: 0 }
    return new SessionTrial(world, account, [
      await Client.connect(world, account),
      await Client.connect(world, account),
    ])
  }

  pass(ms: number): Promise<void> {
    return this.#world.pass(ms)
  }

  /** Throws where something is not as it has to be once nothing moves. */
  async check(): Promise<void> {
    for (const client of this.clients) client.flush()
    for (const client of this.clients) await client.hear()
    for (const queue of queues) this.#checkThirst(queue)
    this.#checkReaders()
    if (this.clients.some(({ stalled }) => stalled)) return
    const unconfirmed = this.clients.reduce((sum, client) => sum + client.unconfirmed, 0)
    if (unconfirmed > 0) throw new Error(`${unconfirmed} publishes wait for their confirm`)
    let left = 0
    for (const queue of queues) {
      const { ready, unacked } = this.#stats(queue)
      const held = this.#held(queue)
      if (held !== unacked) throw new Error(`${queue} says that ${unacked} are out, and ${held} are`)
      left += ready + unacked
    }
    const { published, ended } = this.#account
    if (published !== ended + left) throw new Error(`of ${published} published, ${ended} ended and ${left} are there`)
  }

  /** The broker has found nothing wrong with itself. */
  async end(): Promise<void> {
    for (const client of this.clients) client.stall(false)
    await this.check()
    const [defect] = this.#world.log.defects
    if (defect) throw new Error(JSON.stringify(defect))
  }

  #checkThirst(queue: string): void {
    const { ready } = this.#stats(queue)
    if (ready === 0) return
    const subscribers = this.#subscribers(queue)
    const thirsty = subscribers.filter(({ room }) => room).length
    // Of those of whom one is active, that one has to be full; or it finishes before a better one takes over.
    const wrong = hasOneActive(queue) ? thirsty === subscribers.length && this.#held(queue) === 0 : thirsty > 0
    if (wrong && thirsty > 0) throw new Error(`${ready} wait in ${queue}, where ${thirsty} consumers have room`)
  }

  #checkReaders(): void {
    const { streamed } = this.#account
    const late = this.#subscribers(STREAM).find(({ room, given }) => room && given !== streamed)
    if (late) throw new Error(`of ${streamed} messages in the stream, ${late.given} were given to one who has room`)
  }

  #subscribers(queue: string) {
    return this.clients.flatMap((client) => [...client.subscribers(queue)])
  }

  #held(queue: string): number {
    return this.clients.reduce((sum, client) => sum + client.held(queue), 0)
  }

  #stats(queue: string) {
    const stats = this.#world.stats(queue)
    if (!stats || stats instanceof Promise) throw new Error(`${queue} is gone`)
    return stats
  }
}
