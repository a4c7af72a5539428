// A broker without sessions, over any store: declared to, published to and restarted by the spec itself. Its clock stands
// still, its chance is the same every time.

import { createHash } from 'node:crypto'
import type { BindingSpec, DestinationType } from '../../src/broker/binding.ts'
import { Broker, type BrokerOptions } from '../../src/broker/broker.ts'
import { encodeRouting, type Message } from '../../src/broker/message.ts'
import type { Outcome } from '../../src/broker/queue/publisher.ts'
import type { Owner, Queue } from '../../src/broker/queue/queue.ts'
import type { Route } from '../../src/broker/routing.ts'
import type { Store } from '../../src/broker/store.ts'
import type { ExchangeDeclaration, QueueDeclaration, Topology } from '../../src/broker/topology.ts'
import type { Vhost } from '../../src/broker/vhost.ts'
import type { FieldTable } from '../../src/protocol/field-table.ts'
import { encodeHeader, type Properties } from '../../src/protocol/properties.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { ManualClock } from './manual-clock.ts'
import { messageFrom } from './message.ts'
import { LogBook } from './world.ts'

export const NO_ARGUMENTS: FieldTable = new Map()

/** What a broker is born with here, unless the spec says otherwise. */
export const defaults: BrokerOptions = { defaultUser: 'guest', defaultPass: 'guest', defaultVhost: '/' }

/** Octets that differ from call to call, and are the same in every run. */
export function seededRandom(): (count: number) => Buffer {
  let calls = 0
  return (count) => {
    calls += 1
    return createHash('sha512').update(`${calls}`).digest().subarray(0, count)
  }
}

/** A binding by names; to a queue unless it says otherwise. */
export function bindingSpec(
  source: string,
  destination: string,
  routingKey = '',
  args: FieldTable = NO_ARGUMENTS,
  destinationType: DestinationType = 'queue',
): BindingSpec {
  return { source, destinationType, destination, routingKey, arguments: args }
}

/** A message as a channel makes it of a publish. */
export function published(exchange: string, routingKey: string, body = '', properties: Properties = {}): Message {
  const bytes = Buffer.from(body)
  const marks = { persistent: properties.deliveryMode === 2 }
  return messageFrom(encodeRouting(exchange, routingKey), encodeHeader(properties, bytes.length), bytes, marks)
}

/** A running broker. */
export class Site {
  readonly broker: Broker
  readonly store: Store
  readonly clock: ManualClock
  readonly log: LogBook
  /** The connection that everything is asked by, unless the spec names another. */
  readonly owner: Owner

  private constructor(broker: Broker, store: Store, clock: ManualClock, log: LogBook) {
    this.broker = broker
    this.store = store
    this.clock = clock
    this.log = log
    this.owner = broker.registerOwner()
  }

  /** Starts a broker on `store`, which must not be open. */
  static async start(
    store: Store = createMemoryStore(),
    options: Partial<BrokerOptions> = {},
    now?: number,
  ): Promise<Site> {
    const [clock, log] = [new ManualClock(now), new LogBook()]
    const surroundings = { clock, logger: log, random: seededRandom() }
    return new Site(await Broker.start(store, { ...defaults, ...options }, surroundings), store, clock, log)
  }

  /** Stops it in order, and starts another on the same store. */
  async restarted(): Promise<Site> {
    await this.broker.stop()
    return Site.start(this.store)
  }

  get vhost(): Vhost {
    return this.broker.vhost('/') as Vhost
  }

  get topology(): Topology {
    return this.broker.topology(this.vhost)
  }

  /** Declares a queue, durable unless it says otherwise. */
  async declareQueue(name: string, asked: Partial<QueueDeclaration> = {}, owner = this.owner): Promise<Queue> {
    const flags = { durable: true, exclusive: false, autoDelete: false, arguments: NO_ARGUMENTS }
    const { queue } = await this.topology.declareQueue({ name, ...flags, ...asked }, owner)
    if (queue === null) throw new Error(`${name} was deleted as soon as it was declared`)
    return queue
  }

  /** Declares an exchange, durable unless it says otherwise. */
  declareExchange(name: string, type: string, asked: Partial<ExchangeDeclaration> = {}): Promise<void> {
    const flags = { durable: true, autoDelete: false, internal: false, arguments: NO_ARGUMENTS }
    return this.topology.declareExchange({ name, type, ...flags, ...asked })
  }

  /** Binds a queue to an exchange. */
  bind(source: string, queue: string, routingKey = '', args = NO_ARGUMENTS): Promise<void> {
    return this.topology.bind(bindingSpec(source, queue, routingKey, args), this.owner)
  }

  /** Binds an exchange to another. */
  bindExchange(source: string, exchange: string, routingKey = '', args = NO_ARGUMENTS): Promise<void> {
    return this.topology.bind(bindingSpec(source, exchange, routingKey, args, 'exchange'), this.owner)
  }

  /** The names of the queues that a message goes to. */
  routed(exchange: string, routingKey: string, headers = NO_ARGUMENTS): readonly string[] {
    const message = published(exchange, routingKey, '', headers.size > 0 ? { headers } : {})
    return this.#route(message)
      .queues.map(({ name }) => name ?? 'later')
      .sort()
  }

  /** Publishes a message, persistent unless it says otherwise; nobody waits for it. */
  publish(exchange: string, routingKey: string, body: string, properties: Properties = { deliveryMode: 2 }): void {
    const message = published(exchange, routingKey, body, properties)
    for (const queue of this.#route(message).queues) queue.publish(message, null, 0)
  }

  /** The route of a message, as a channel looks for it. */
  #route(message: Message): Route {
    const known = this.vhost.route(message)
    return known.byKeyOnly ? known : this.vhost.routeKeys(message.exchange, [message.routingKey], message)
  }

  /** Publishes a persistent message to one queue, ends the turn, and resolves with what became of it. */
  confirmed(queue: Queue, body: string): Promise<Outcome> {
    const message = published('', queue.name, body, { deliveryMode: 2 })
    return new Promise((resolve) => {
      const outcome = queue.publish(message, { settle: (_, outcome) => resolve(outcome) }, 1)
      if (outcome !== 'pending') resolve(outcome)
      this.clock.endTurn()
    })
  }

  /** Resolves when all that has changed until now is stored, as it is when somebody waits for what comes after it. */
  async allStored(): Promise<void> {
    const witness = await this.declareQueue('witness')
    let stored = false
    const confirmed = this.confirmed(witness, '').then(() => {
      stored = true
    })
    while (!stored) await this.clock.pass()
    await confirmed
    await this.topology.deleteQueue('witness', this.owner, false, false)
  }

  /** It dies with all that has changed until now stored; another starts on the same store. */
  async afterCrash(): Promise<Site> {
    await this.allStored()
    await this.crash()
    return Site.start(this.store)
  }

  /** What is in the store is all that is left: nothing more is written, the store is closed. */
  async crash(): Promise<void> {
    await this.store.close()
  }
}

/** Takes all messages out of a queue, as texts: those delivered before with `again` behind them. */
export async function drained(queue: Queue): Promise<readonly string[]> {
  const texts: string[] = []
  for (let got = await queue.get(); got !== null; got = await queue.get()) {
    texts.push(`${got.message.copyBody()}${got.redelivered ? ' again' : ''}`)
    queue.ack(got.seq)
  }
  return texts
}
