// What ends by itself, from one start of a broker to the next: times of expiry, limits, priorities and unused queues
// (behaviour.md §6.3, §9.1 to §9.3, §15), over both stores.

import { Broker } from '../../src/broker/broker.ts'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { checkStore, type Finding } from '../../src/check.ts'
import { type FieldValue, table } from '../../src/protocol/field-table.ts'
import { createLevelStore } from '../../src/store/level/level-store.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { KeptStore, storeKinds } from '../support/kept-store.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { defaults, drained, published, Site, seededRandom } from '../support/site.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'
import { turnsUntil } from '../support/turns.ts'
import { LogBook } from '../support/world.ts'

type Plain = { readonly [name: string]: string | number | boolean | FieldValue }

describe.each(storeKinds)('over a restart on a store of the kind %s', (kind) => {
  let kept: KeptStore
  let site: Site

  beforeEach(async () => {
    kept = await KeptStore.create(kind)
    site = await Site.start(kept.store)
  })

  afterEach(async () => {
    await site.broker.stop()
    await kept.remove()
  })

  const queue = (name = 'q') => site.vhost.queues.get(name) as Queue
  const declare = (args: Plain, name = 'q') => site.declareQueue(name, { arguments: table(args as never) })
  const publish = (body: string, properties = {}) => site.publish('', 'q', body, { deliveryMode: 2, ...properties })
  const counts = async () => {
    const { ready, unacked } = await queue().stats()
    return [ready, unacked]
  }

  /** The broker stops, or crashes, and is started again after so long. */
  async function restart(how: 'stop' | 'crash', ms = 0): Promise<void> {
    await site.allStored()
    await (how === 'stop' ? site.broker.stop() : site.crash())
    site = await Site.start(site.store, {}, site.clock.now() + ms)
  }

  it('a message that has moved on is not confirmed before it is stored there, whatever else moved on because of it', async () => {
    await declare({ 'x-max-length': 0, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'next' })
    await declare({ 'x-max-length': 1, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'q' }, 'next')
    site.publish('', 'next', 'before')
    await site.clock.pass()
    const told: string[] = []
    const message = published('', 'q', 'm', { deliveryMode: 2 })
    expect(queue().publish(message, { settle: (_, outcome) => told.push(outcome) }, 1)).toBe('pending')
    for (let turn = 0; turn < 20_000 && told.length === 0; turn++) await site.clock.pass()
    expect(told).toEqual(['stored'])
  })

  describe.each(['stop', 'crash'] as const)('by a %s', (how) => {
    it('a message expires when it would have without', async () => {
      await declare({ 'x-message-ttl': 1000 })
      publish('one')
      site.clock.advance(500)
      publish('two')
      publish('three', { expiration: '100' })
      await restart(how, 400)
      expect(await counts()).toEqual([3, 0])
      await turnsUntil(() => site.clock.timers > 0)
      site.clock.advance(99)
      expect(await counts()).toEqual([3, 0])
      site.clock.advance(1)
      expect(await counts()).toEqual([2, 0])
      site.clock.advance(500)
      expect(await counts()).toEqual([0, 0])
    })

    it('what has expired meanwhile is never delivered', async () => {
      await declare({})
      publish('one', { expiration: '50' })
      publish('two')
      await restart(how, 50)
      expect((await drained(queue())).map((text) => text.replace(' again', ''))).toEqual(['two'])
    })

    it('priorities are kept, and order within each', async () => {
      await declare({ 'x-max-priority': 5 })
      for (const [body, priority] of [
        ['a', 1],
        ['b', 5],
        ['c', 1],
        ['d', 9],
        ['e', 0],
      ] as const) {
        publish(body, { priority })
      }
      const got = await queue().get()
      expect(`${got?.message.copyBody()}`).toBe('b')
      await restart(how)
      expect((await drained(queue())).map((text) => text.replace(' again', ''))).toEqual(['b', 'd', 'a', 'c', 'e'])
      expect(site.log.lines).toEqual([])
    })

    it('a limit in octets counts what is in the store only', async () => {
      await declare({ 'x-max-length-bytes': 10, 'x-overflow': 'reject-publish' })
      publish('12345')
      publish('678')
      await restart(how)
      expect(await site.confirmed(queue(), '901')).toBe('rejected')
      expect(await site.confirmed(queue(), '90')).toBe('stored')
      expect(await counts()).toEqual([3, 0])
    })

    it('the time that a queue may be unused begins anew', async () => {
      await declare({ 'x-expires': 1000 })
      site.clock.advance(900)
      await restart(how, 5000)
      site.clock.advance(999)
      await site.clock.settle()
      expect(queue()).toBeDefined()
      site.clock.advance(1)
      await turnsUntil(() => queue() === undefined)
    })
  })

  it('numbers of a queue with priorities are no other queue’s', async () => {
    const { id } = await declare({ 'x-max-priority': 255 }, 'many')
    const next = await declare({ 'x-queue-type': 'quorum' }, 'quorum')
    const plain = await declare({}, 'plain')
    expect([next.id - id, plain.id - next.id]).toEqual([256, 32])
  })

  it('declaring an unused queue again, and getting from it, is a use', async () => {
    await declare({ 'x-expires': 100 })
    site.clock.advance(90)
    queue().used()
    site.clock.advance(90)
    await queue().get()
    site.clock.advance(99)
    await site.clock.settle()
    expect(queue()).toBeDefined()
    site.clock.advance(1)
    await turnsUntil(() => queue() === undefined)
  })
})

it('the time that a queue may be unused does not count while the broker recovers', async () => {
  const [store, clock] = [createMemoryStore(), new ManualClock()]
  const site = await Site.start(store)
  await site.declareQueue('q', { arguments: table({ 'x-expires': 1000 }) })
  site.publish('', 'q', 'm')
  await site.clock.pass()
  await site.broker.stop()
  const { queueIds } = store.messages
  jest.spyOn(store.messages, 'queueIds').mockImplementation(async () => {
    clock.advance(1200)
    await clock.settle()
    return queueIds.call(store.messages)
  })
  const broker = await Broker.start(store, defaults, { clock, logger: new LogBook(), random: seededRandom() })
  const queue = () => broker.vhost('/')?.queues.get('q')
  clock.advance(999)
  await clock.settle()
  expect(queue()?.stats()).toMatchObject({ ready: 1 })
  clock.advance(1)
  await clock.settle()
  expect(queue()).toBeUndefined()
  await broker.stop()
})

it('what has expired meanwhile does not end all at once, however long the recovery takes', async () => {
  const [store, clock, messages] = [createMemoryStore(), new ManualClock(), 5000]
  const site = await Site.start(store)
  const toDead = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
  await site.declareQueue('a', { arguments: table({ ...toDead, 'x-message-ttl': 10_000 }) })
  const { id: last } = await site.declareQueue('dead')
  for (let i = 0; i < messages; i++) site.publish('', 'a', 'm')
  site.publish('', 'dead', 'm')
  await site.clock.pass()
  await site.broker.stop()
  clock.advance(20_000)
  const recover = store.messages.recover.bind(store.messages)
  jest.spyOn(store.messages, 'recover').mockImplementation(async function* (id) {
    for (let turn = 0; id === last && turn < 10; turn++) await clock.pass()
    yield* recover(id)
  })
  const broker = await Broker.start(store, defaults, { clock, logger: new LogBook(), random: seededRandom() })
  const dead = async () => (await broker.vhost('/')?.queues.get('dead')?.stats())?.ready ?? 0
  expect(await dead()).toBeLessThanOrEqual(2001)
  for (let turn = 0; turn < 20; turn++) await clock.pass()
  expect(await dead()).toBe(messages + 1)
  await broker.stop()
})

it('a check of the store knows the logs of a queue with priorities', async () => {
  const directory = await createTemporaryDirectory()
  const site = await Site.start(createLevelStore(directory, { sync: false }))
  await site.declareQueue('q', { arguments: table({ 'x-max-priority': 5 }) })
  for (const priority of [0, 3, 5]) site.publish('', 'q', 'm', { deliveryMode: 2, priority })
  await site.clock.pass()
  await site.broker.stop()
  const findings: Finding[] = []
  expect(await checkStore(directory, (finding) => findings.push(finding))).toMatchObject({ queues: 1, messages: 3 })
  expect(findings).toEqual([])
  await removeTemporaryDirectory(directory)
})
