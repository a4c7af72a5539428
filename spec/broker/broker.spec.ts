// A broker by itself: what it is born with, and what it does when the store fails. What comes back after a restart is in
// broker-restart.spec.ts.

import { Broker } from '../../src/broker/broker.ts'
import { Consumer } from '../../src/broker/consumer.ts'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { type Store, StoreError } from '../../src/broker/store.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../support/fault-store.ts'
import { isGarbage } from '../support/garbage.ts'
import { drained, Site } from '../support/site.ts'

function queue(site: Site, name = 'q'): Queue {
  return site.vhost.queues.get(name) as Queue
}

/** Takes a message and gives it back. */
async function deliverOnce(queue: Queue): Promise<void> {
  const got = await queue.get()
  queue.reject(got!.seq, true)
}

describe('the first start', () => {
  it('makes the vhost, the user and the permission of RabbitMQ’s defaults (§2.4)', async () => {
    const { broker, vhost } = await Site.start()
    expect(vhost.name).toBe('/')
    expect((await broker.logins.check('guest', 'guest'))?.tags).toEqual(['administrator'])
    expect(broker.users.permission('guest', '/')).toEqual({ configure: '.*', write: '.*', read: '.*' })
    await broker.stop()
  })

  it('makes others where it is told to, and only those', async () => {
    const options = { defaultUser: 'me', defaultPass: 'mine', defaultVhost: 'v' }
    const { broker } = await Site.start(createMemoryStore(), options)
    expect([broker.vhost('v')?.name, broker.vhost('/')]).toEqual(['v', undefined])
    expect(await broker.logins.check('me', 'mine')).toBeDefined()
    expect(broker.users.get('guest')).toBeUndefined()
    expect(broker.users.permission('me', 'v')).toBeDefined()
    await broker.stop()
  })

  it('makes neither where definitions say what there is instead', async () => {
    const { broker } = await Site.start(createMemoryStore(), { withoutUser: true, withoutVhost: true })
    expect([broker.vhosts.size, [...broker.users]]).toEqual([0, []])
    expect(broker.globalParameters.has('internal_cluster_id')).toBe(true)
    await broker.stop()
  })

  it('is the first only once: later ones change nothing', async () => {
    const store = createMemoryStore()
    await (await Site.start(store)).broker.stop()
    const { broker } = await Site.start(store, { defaultUser: 'me', defaultPass: 'mine', defaultVhost: 'v' })
    expect([broker.vhost('v'), broker.users.get('me')]).toEqual([undefined, undefined])
    expect(await broker.logins.check('guest', 'guest')).toBeDefined()
    await broker.stop()
  })
})

describe('a broker', () => {
  it('has one topology for a vhost', async () => {
    const { broker, vhost } = await Site.start()
    expect(broker.topology(vhost)).toBe(broker.topology(vhost))
    await broker.stop()
  })

  it('makes names of 22 characters that need no escaping', async () => {
    const { broker } = await Site.start()
    const names = Array.from({ length: 100 }, () => broker.randomName())
    expect(new Set(names).size).toBe(100)
    for (const name of names) expect(name).toMatch(/^[\w-]{22}$/)
    await broker.stop()
  })

  it('numbers its connections, none twice', async () => {
    const { broker } = await Site.start()
    const one = broker.registerOwner()
    await broker.releaseOwner(one)
    const two = broker.registerOwner()
    expect([one.gone, two.gone, one.id === two.id]).toEqual([true, false, false])
    await broker.stop()
  })

  it('holds on to nothing of a connection that has ended', async () => {
    const site = await Site.start()
    const comeAndGo = async () => {
      const owner = site.broker.registerOwner()
      await site.declareQueue('mine', { exclusive: true }, owner)
      await site.broker.releaseOwner(owner)
      return owner
    }
    expect(await isGarbage(comeAndGo)).toBe(true)
    await site.broker.stop()
  })
})

describe('a store that fails', () => {
  let inner: Store
  let store: FaultyStore
  let site: Site

  beforeEach(async () => {
    inner = createMemoryStore()
    store = faultyStore(inner)
    site = await Site.start(store)
    await site.declareQueue('q')
  })

  /** The next start finds the store closed. */
  async function again(): Promise<Site> {
    site = await Site.start(faultyStore(inner))
    return site
  }

  it('blocks publishers until it works again, and both are said', async () => {
    store.messages.failNextCommit('failed', { applied: false })
    site.publish('', 'q', 'a')
    await site.clock.pass()
    expect([site.broker.alarms.on, site.broker.alarms.reason]).toEqual([true, 'low on disk'])
    expect(site.log.lines.map(({ level }) => level)).toEqual(['error', 'warn'])
    site.clock.advance(1000)
    await site.clock.pass()
    expect(site.broker.alarms.on).toBe(false)
    expect(site.log.lines.at(-1)).toMatchObject({ level: 'info' })
    await site.broker.stop()
    expect(await drained(queue(await again()))).toEqual(['a'])
    await site.broker.stop()
  })

  it('as the broker stops does not make it forget what was delivered', async () => {
    for (const body of ['a', 'b']) site.publish('', 'q', body)
    await site.clock.pass()
    await deliverOnce(queue(site))
    store.messages.failNextCommit('failed', { applied: false })
    await site.broker.stop()
    expect((await drained(queue(await again())))[0]).toBe('a again')
    await site.broker.stop()
  })

  it('as the broker stops is closed all the same', async () => {
    store.meta.failNextCommit('failed', { applied: false })
    await expect(site.broker.stop()).rejects.toBeInstanceOf(StoreError)
    expect(await drained(queue(await again()))).toEqual([])
    await site.broker.stop()
  })

  it('as the broker starts is closed again', async () => {
    await site.broker.stop()
    const load = () => Promise.reject(new StoreError('damaged', 'as the spec wants it'))
    const { meta } = inner
    const damaged: Store = {
      meta: { load, commit: (...args) => meta.commit(...args), watch: (listener) => meta.watch(listener) },
      messages: inner.messages,
      open: () => inner.open(),
      close: () => inner.close(),
    }
    await expect(Site.start(damaged)).rejects.toMatchObject({ kind: 'damaged' })
    await (await again()).broker.stop()
  })

  it('leaves an auto-delete queue that it does not delete, and says so', async () => {
    const auto = await site.declareQueue('auto', { autoDelete: true })
    const sink = { hasRoomFor: () => true, deliver: () => {}, cancelled: () => {} }
    const options = { tag: 'c', noAck: true, exclusive: false, prefetch: 0, arguments: new Map() }
    const consumer = new Consumer(auto, sink, options)
    auto.consume(consumer)
    store.meta.failNextCommit('failed', { applied: false })
    auto.cancel(consumer)
    await site.clock.pass()
    expect(queue(site, 'auto')).toBe(auto)
    expect(site.log.lines).toMatchObject([{ level: 'error', fields: { queue: 'auto' } }])
    await site.broker.stop()
  })
})

it('a broker cannot be started twice on one store', async () => {
  const store = createMemoryStore()
  const { broker } = await Site.start(store)
  await expect(Site.start(store)).rejects.toMatchObject({ name: 'StoreError', kind: 'locked' })
  expect(broker).toBeInstanceOf(Broker)
  await broker.stop()
})
