// One broker as each of the RabbitMQs that it can be, and one peer of it: what they do differently is a scenario with three
// answers.

import { type Compat, dialects } from '../../src/broker/dialect.ts'
import type { Store } from '../../src/broker/store.ts'
import { table } from '../../src/protocol/field-table.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import type { Arrival, Peer } from './peer.ts'
import { World } from './world.ts'

const names = ['leveret', 'rabbitmq-3.13', 'rabbitmq-4.3'] as const satisfies readonly Compat[]

export const quorum = { 'x-queue-type': 'quorum' }
export const stream = { 'x-queue-type': 'stream' }

/** What is done and seen, and what is seen with each of `names`. */
export type Scenario = readonly [string, (here: Site) => Promise<unknown>, readonly [unknown, unknown, unknown]]

/** A broker and a peer with the channels 1 and 2. */
export class Site {
  readonly world: World
  peer: Peer

  private constructor(world: World, peer: Peer) {
    this.world = world
    this.peer = peer
  }

  static async begin(compat: Compat, store: Store = createMemoryStore()): Promise<Site> {
    const world = await World.create({ store, dialect: dialects[compat] })
    return new Site(world, await world.open({}, 1, 2))
  }

  declare(queue: string, args: Parameters<typeof table>[0] = {}): Promise<Arrival[]> {
    return this.peer.ask(1, 'queue.declare', { queue, durable: true, arguments: table(args) })
  }

  /** Gets the next message of a queue, on channel 2. */
  async next(queue: string): Promise<Arrival & { name: 'basic.get-ok' }> {
    const [got] = await this.peer.ask(2, 'basic.get', { queue })
    if (got?.name !== 'basic.get-ok') throw new Error(`${queue} has nothing: ${got?.name}`)
    return got
  }

  /** A user who may do nothing but what `permission` says. */
  async addWorker(permission: { configure: string; write: string; read: string }): Promise<void> {
    const { administration } = this.world.broker
    await administration.putUser('worker', { password: 'worker' })
    await administration.setPermission('worker', '/', permission)
  }
}

/** What a server said last, in short. */
export function said(arrivals: readonly Arrival[]): unknown {
  const last = arrivals.at(-1)
  if (last?.name !== 'channel.close' && last?.name !== 'connection.close') return last?.name
  return `${last.replyCode} ${last.replyText.split('\n')[0]}`
}

/** Holds that each scenario goes as it says, with all of them. */
export function hold(scenarios: readonly Scenario[]): void {
  describe.each(scenarios)('%s', (_, act, answers) => {
    it.each(names.map((name, at) => [name, answers[at]] as const))('with %s: %j', async (name, answer) => {
      const here = await Site.begin(name)
      expect(await act(here)).toEqual(answer)
      expect(here.world.log.defects).toEqual([])
    })
  })
}
