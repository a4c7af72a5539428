// A client on trial: what it says it also writes down, so that it knows what each of its channels holds and has room for.

import { table } from '../../../src/protocol/field-table.ts'
import { type Arrival, method, methodBytes, type Peer, publishBytes } from '../../support/peer.ts'
import type { World } from '../../support/world.ts'

/** A subscription as the client knows it. */
export interface Subscription {
  readonly tag: string
  readonly queue: string
  readonly noAck: boolean
  readonly prefetch: number
  unacked: number
  /** All that it was given. */
  given: number
}

/** A delivery that is out. */
interface Held {
  readonly queue: string
  /** Who was given it; null: basic.get. */
  readonly subscription: Subscription | null
  /** Settled in a transaction that has not ended. */
  settled: 'ack' | 'reject' | 'requeue' | null
}

/** What happened to messages, which has to add up. */
export interface Account {
  published: number
  /** Ended by a client: acked, given without asking for an ack, purged, rejected by a queue without dead letters. */
  ended: number
  /** Published to the stream, where they stay. */
  streamed: number
}

/** The channel that has a transaction, and the only one that may share a limit among its consumers. */
const TRANSACTED = 2
const SHARING = 1
/** The channel whose publishes are confirmed. */
const CONFIRMED = 3
/** Messages that are rejected here go nowhere. */
const FINAL = 'q'
/** The queue that keeps its messages; those who read it begin at the first. */
export const STREAM = 'stream'

/** One channel of the client. */
class Line {
  prefetch = 0
  shared = 0
  /** What consumers may hold together, at most, of what was given since it was last looked at. */
  ceiling = Number.POSITIVE_INFINITY
  readonly subscriptions = new Map<string, Subscription>()
  /** Subscriptions that were ended, whose deliveries may still be on their way or out. */
  readonly former = new Map<string, Subscription>()
  readonly held = new Map<number, Held>()
  /** Queues that were asked for a message and have not answered. */
  readonly gets: string[] = []
  /** Tags of publishes that are not confirmed, and the last that was given. */
  readonly unconfirmed = new Set<number>()
  lastPublish = 0
  /** Publishes of the transaction at hand. */
  published = 0
  streamed = 0

  get consumed(): number {
    return [...this.held.values()].filter(({ subscription }) => subscription !== null).length
  }

  /** Throws where more was given than could be shared at any time since the last look. */
  checkShared(): void {
    if (this.consumed > this.ceiling) throw new Error(`${this.consumed} are held, more than ${this.ceiling}`)
    this.ceiling = Math.max(this.shared === 0 ? Number.POSITIVE_INFINITY : this.shared, this.consumed)
  }

  hasRoom({ noAck, prefetch, unacked }: Subscription): boolean {
    return (noAck || prefetch === 0 || unacked < prefetch) && (this.shared === 0 || this.consumed < this.shared)
  }
}

/** One connection with three channels. */
export class Client {
  stalled = false
  readonly #world: World
  readonly #account: Account
  #peer: Peer
  #lines = new Map<number, Line>()
  /** Octets that leave together. */
  #chunk: Buffer[] = []
  #tags = 0

  private constructor(world: World, account: Account, peer: Peer) {
    this.#world = world
    this.#account = account
    this.#peer = peer
  }

  static async connect(world: World, account: Account): Promise<Client> {
    const client = new Client(world, account, await world.open())
    await client.#open(1, 2, 3)
    return client
  }

  /** Subscriptions to `queue`, each with whether it has room. */
  *subscribers(queue: string): Iterable<{ readonly room: boolean; readonly given: number }> {
    for (const line of this.#lines.values()) {
      for (const subscription of line.subscriptions.values()) {
        if (subscription.queue !== queue) continue
        // Nobody knows what a client has room for that does not read.
        yield { room: !this.stalled && line.hasRoom(subscription), given: subscription.given }
      }
    }
  }

  /** Deliveries of `queue` that are out. */
  held(queue: string): number {
    return [...this.#lines.values()].flatMap(({ held }) => [...held.values()].filter((each) => each.queue === queue))
      .length
  }

  /** Publishes that wait for their confirm. */
  get unconfirmed(): number {
    return [...this.#lines.values()].reduce((sum, { unconfirmed }) => sum + unconfirmed.size, 0)
  }

  // --- what it says -----------------------------------------------------------------------------------------------

  publish(number: number, queue: string, bytes: number, persistent: boolean): void {
    const line = this.#line(number)
    const account = number === TRANSACTED ? line : this.#account
    if (queue === STREAM) account.streamed++
    else account.published++
    if (number === CONFIRMED) line.unconfirmed.add(++line.lastPublish)
    const properties = { deliveryMode: persistent ? 2 : 1, priority: bytes % 4 }
    this.#chunk.push(publishBytes(number, { routingKey: queue, properties, body: Buffer.alloc(bytes, 'b') }))
  }

  qos(number: number, prefetchCount: number, global: boolean): void {
    const line = this.#line(number)
    const shared = global && number === SHARING
    line.shared = shared ? prefetchCount : 0
    line.ceiling = Math.max(line.ceiling, line.shared === 0 ? Number.POSITIVE_INFINITY : line.shared)
    if (!shared) line.prefetch = prefetchCount
    this.#say(number, 'basic.qos', { prefetchCount, global: shared })
  }

  /** Says basic.consume, but for what would end the channel or the connection. */
  consume(number: number, queue: string, options: { noAck: boolean; priority: number; shares: boolean }): void {
    const line = this.#line(number)
    if (number === SHARING && !options.shares) return
    if (queue === STREAM && line.prefetch === 0) return
    const consumerTag = `c${++this.#tags}`
    const noAck = options.noAck && queue !== STREAM
    line.subscriptions.set(consumerTag, {
      tag: consumerTag,
      queue,
      noAck,
      prefetch: line.prefetch,
      unacked: 0,
      given: 0,
    })
    const args = queue === STREAM ? { 'x-stream-offset': 'first' } : { 'x-priority': options.priority }
    this.#say(number, 'basic.consume', { queue, consumerTag, noAck, arguments: table(args) })
  }

  cancel(number: number, which: number): void {
    const line = this.#line(number)
    const subscription = nth([...line.subscriptions.values()], which)
    if (!subscription) return
    line.subscriptions.delete(subscription.tag)
    line.former.set(subscription.tag, subscription)
    this.#say(number, 'basic.cancel', { consumerTag: subscription.tag })
  }

  get(number: number, queue: string): void {
    this.#say(number, 'basic.get', { queue })
    this.#line(number).gets.push(queue)
  }

  settle(number: number, which: number, how: 'ack' | 'reject' | 'requeue', multiple: boolean): void {
    const line = this.#line(number)
    const open = [...line.held].filter(([, { settled }]) => settled === null)
    const chosen = nth(open, which)
    if (!chosen) return
    const [deliveryTag] = chosen
    for (const [tag, held] of multiple ? open : [chosen]) {
      if (tag > deliveryTag) continue
      if (number === TRANSACTED) held.settled = how
      else this.#end(line, tag, held, how)
    }
    if (how === 'ack') this.#say(number, 'basic.ack', { deliveryTag, multiple })
    else this.#say(number, 'basic.nack', { deliveryTag, multiple, requeue: how === 'requeue' })
  }

  endTransaction(commit: boolean): void {
    const line = this.#line(TRANSACTED)
    if (commit) {
      this.#account.published += line.published
      this.#account.streamed += line.streamed
    }
    line.published = line.streamed = 0
    for (const [tag, held] of [...line.held]) {
      if (held.settled === null) continue
      if (commit) this.#end(line, tag, held, held.settled)
      else held.settled = null
    }
    this.#say(TRANSACTED, commit ? 'tx.commit' : 'tx.rollback', {})
  }

  purge(queue: string): void {
    this.#say(3, 'queue.purge', { queue })
  }

  /** All that was said leaves in one piece. */
  flush(): void {
    if (this.#chunk.length > 0) this.#peer.write(Buffer.concat(this.#chunk))
    this.#chunk = []
  }

  stall(stalled: boolean): void {
    this.stalled = stalled
    this.#peer.transport.stall(stalled)
  }

  // --- what it does while nothing moves ---------------------------------------------------------------------------

  /** All that is out on a channel without a transaction returns. */
  async recover(number: number): Promise<void> {
    if (number === TRANSACTED || this.stalled) return
    const line = this.#line(number)
    for (const [tag, held] of [...line.held]) this.#end(line, tag, held, 'requeue')
    this.#say(number, 'basic.recover', { requeue: true })
    this.flush()
    await this.hear()
  }

  async reopen(number: number): Promise<void> {
    this.stall(false)
    await this.hear()
    this.#lines.delete(number)
    this.#say(number, 'channel.close', {})
    this.flush()
    await this.hear()
    await this.#open(number)
  }

  async reconnect(): Promise<void> {
    this.stall(false)
    await this.hear()
    this.#lines = new Map()
    await this.#peer.drop()
    this.#peer = await this.#world.open()
    await this.#open(1, 2, 3)
  }

  /** Writes down what has come once nothing moves. Throws for what may not have come. */
  async hear(): Promise<void> {
    for (const arrival of await this.#peer.heard()) this.#note(arrival)
    // What was given to one that does not read is seen later.
    if (!this.stalled) for (const line of this.#lines.values()) line.checkShared()
  }

  // --- what it hears ----------------------------------------------------------------------------------------------

  #note(arrival: Arrival): void {
    const line = this.#lines.get(arrival.channel)
    if (arrival.name === 'basic.deliver' && line) {
      this.#delivered(line, arrival.consumerTag, arrival.deliveryTag)
    } else if (arrival.name === 'basic.get-ok' && line) {
      const held = { queue: line.gets.shift() as string, subscription: null, settled: null }
      line.held.set(arrival.deliveryTag, held)
    } else if (arrival.name === 'basic.get-empty' && line) {
      line.gets.shift()
    } else if (arrival.name === 'basic.ack' && line) {
      confirm(line.unconfirmed, arrival.deliveryTag, arrival.multiple)
    } else if (arrival.name === 'queue.purge-ok') {
      this.#account.ended += arrival.messageCount
    } else if (arrival.name === 'basic.nack' || arrival.name.endsWith('.close')) {
      throw new Error(JSON.stringify(arrival))
    }
  }

  #delivered(line: Line, tag: string, deliveryTag: number): void {
    const subscription = line.subscriptions.get(tag) ?? line.former.get(tag)
    if (!subscription) throw new Error(`delivered to ${tag}, whom nobody knows`)
    if (subscription.noAck) {
      this.#account.ended++
      return
    }
    line.held.set(deliveryTag, { queue: subscription.queue, subscription, settled: null })
    subscription.unacked++
    subscription.given++
    const { unacked, prefetch } = subscription
    if (prefetch > 0 && unacked > prefetch) throw new Error(`${tag} holds ${unacked}, more than ${prefetch}`)
  }

  #end(line: Line, tag: number, { queue, subscription }: Held, how: 'ack' | 'reject' | 'requeue'): void {
    line.held.delete(tag)
    if (subscription) subscription.unacked--
    if (queue === STREAM) return
    if (how === 'ack' || (how === 'reject' && queue === FINAL)) this.#account.ended++
  }

  async #open(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      this.#lines.set(number, new Line())
      this.#say(number, 'channel.open', {})
      if (number === TRANSACTED) this.#say(number, 'tx.select', {})
      if (number === CONFIRMED) this.#say(number, 'confirm.select', {})
    }
    this.flush()
    await this.hear()
  }

  #say(number: number, ...[name, fields]: Parameters<typeof method>): void {
    this.#chunk.push(methodBytes(number, method(name, fields)))
  }

  #line(number: number): Line {
    return this.#lines.get(number) as Line
  }
}

/** Throws for a publish that was confirmed before, or never made. */
function confirm(unconfirmed: Set<number>, last: number, multiple: boolean): void {
  if (!unconfirmed.has(last)) throw new Error(`publish ${last} is confirmed, and does not wait for it`)
  for (const tag of unconfirmed) if (tag === last || (multiple && tag < last)) unconfirmed.delete(tag)
}

function nth<T>(things: readonly T[], which: number): T | undefined {
  return things[which % things.length]
}
