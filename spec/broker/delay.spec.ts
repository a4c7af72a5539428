// Delayed exchanges: messages that wait, by which clock and bindings they go on, and that they are there after a restart,
// over both stores (behaviour.md §5.9).

import type { Queue } from '../../src/broker/queue/queue.ts'
import type { Store } from '../../src/broker/store.ts'
import { type PlainValue, table } from '../../src/protocol/field-table.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { faultyStore } from '../support/fault-store.ts'
import { KeptStore, storeKinds } from '../support/kept-store.ts'
import { drained, published, Site } from '../support/site.ts'
import { turnsUntil } from '../support/turns.ts'

const DAY_MS = 24 * 60 * 60 * 1000

let store: Store
let site: Site

const queue = (name = 'q'): Queue => site.vhost.queues.get(name) as Queue
const delay = () => site.vhost.exchange('x').delay!

async function declare(type = 'direct', durable = true): Promise<void> {
  const args = table({ 'x-delayed-type': type })
  await site.declareExchange('x', 'x-delayed-message', { durable, arguments: args })
  await site.declareQueue('q')
}

/** Publishes a persistent message to exchange `x`, to be routed in so many milliseconds. */
function publish(body: string, ms: PlainValue, key = 'k', deliveryMode = 2): void {
  site.publish('x', key, body, { deliveryMode, headers: table({ 'x-delay': ms }) })
}

beforeEach(async () => {
  store = createMemoryStore()
  site = await Site.start(store)
})

afterEach(() => site.broker.stop())

describe('a message that is delayed', () => {
  beforeEach(async () => {
    await declare()
    await site.bind('x', 'q', 'k')
  })

  it('comes when its time has come, and not before', async () => {
    publish('later', 5000)
    site.clock.advance(4999)
    expect(await drained(queue())).toEqual([])
    site.clock.advance(1)
    expect(await drained(queue())).toEqual(['later'])
    expect([delay().size, site.clock.timers]).toEqual([0, 0])
  })

  it('comes in order of time, in order of publishing at one time', async () => {
    for (const [body, ms] of [
      ['c', 300],
      ['a', 100],
      ['d', 300],
      ['b', 200],
    ] as const)
      publish(body, ms)
    publish('at once', 0)
    expect(await drained(queue())).toEqual(['at once'])
    site.clock.advance(250)
    expect(await drained(queue())).toEqual(['a', 'b'])
    site.clock.advance(50)
    expect(await drained(queue())).toEqual(['c', 'd'])
  })

  it('is there again with its key and properties, x-delay negative, not redelivered', async () => {
    publish('body', 5000)
    site.clock.advance(5000)
    const got = await queue().get()
    const { exchange, routingKey, persistent, headers, expiresAt } = got!.message
    expect([exchange, routingKey, persistent, expiresAt, got!.redelivered]).toEqual(['x', 'k', true, 0, false])
    expect(headers).toEqual(table({ 'x-delay': -5000 }))
  })

  it('stays transient where it was published so', async () => {
    publish('body', 100, 'k', 1)
    site.clock.advance(100)
    expect((await queue().get())!.message.persistent).toBe(false)
  })

  it('waits for longer than 32 bits count', async () => {
    publish('long', 2 ** 33)
    publish('for ever', 2n ** 62n)
    site.clock.advance(2 ** 33 - 1)
    expect(await drained(queue())).toEqual([])
    site.clock.advance(1)
    expect(await drained(queue())).toEqual(['long'])
    expect(delay().size).toBe(1)
  })

  it('asks for one timer, which is never longer than timers can be', async () => {
    const after = jest.spyOn(site.clock, 'after')
    for (let i = 0; i < 100; i += 1) publish(`${i}`, 60 * DAY_MS - i)
    expect(site.clock.timers).toBe(1)
    for (let day = 0; day < 60; day++) site.clock.advance(DAY_MS)
    expect(await drained(queue())).toHaveLength(100)
    const asked = after.mock.calls.map(([ms]) => ms)
    expect([asked.length > 2, Math.max(...asked) <= 2 ** 31 - 1]).toEqual([true, true])
  })

  it('goes by the bindings of the moment when it comes', async () => {
    await site.declareQueue('late')
    publish('body', 100)
    await site.topology.unbind({
      source: 'x',
      destinationType: 'queue',
      destination: 'q',
      routingKey: 'k',
      arguments: new Map(),
    })
    await site.bind('x', 'late', 'k')
    site.clock.advance(100)
    expect([await drained(queue()), await drained(queue('late'))]).toEqual([[], ['body']])
  })

  it('goes by the keys of CC and BCC too', async () => {
    await site.bind('x', 'q', 'cc')
    const headers = table({ 'x-delay': 100, CC: ['cc'] })
    const message = published('x', 'nowhere', 'body', { headers })
    message.copies = true
    for (const receiver of site.vhost.routeKeys('x', message.routingKeys, message).queues)
      receiver.publish(message, null, 0)
    site.clock.advance(100)
    expect(await drained(queue())).toEqual(['body'])
  })

  it('is unroutable meanwhile: an alternate exchange gets it now', async () => {
    const args = table({ 'x-delayed-type': 'direct', 'alternate-exchange': 'amq.fanout' })
    await site.declareExchange('y', 'x-delayed-message', { arguments: args })
    await site.declareQueue('other')
    await site.bind('amq.fanout', 'other')
    const message = published('y', 'k', 'body', { headers: table({ 'x-delay': 100 }) })
    const { queues, byKeyOnly } = site.vhost.routeKeys('y', ['k'], message)
    expect([queues.map(({ name }) => name), byKeyOnly]).toEqual([[null, 'other'], false])
  })

  it('goes with its exchange', async () => {
    publish('body', 100)
    const { queueId } = delay()
    await site.clock.pass()
    expect(await store.messages.queueIds()).toContain(queueId)
    await site.topology.deleteExchange('x', false)
    await site.clock.pass()
    expect([site.clock.timers, await store.messages.queueIds()]).toEqual([0, []])
  })

  it('is sent on in turns where many are due', async () => {
    for (let i = 0; i < 1200; i += 1) publish(`${i}`, 100)
    const settled = jest.spyOn(site.clock, 'after')
    site.clock.advance(100)
    expect(settled.mock.calls.filter(([ms]) => ms === 0).length).toBeGreaterThanOrEqual(2)
    expect(await drained(queue())).toEqual(Array.from({ length: 1200 }, (_, i) => `${i}`))
  })
})

describe('a delayed exchange', () => {
  it.each(['topic', 'fanout', 'headers', 'x-random'])('follows the bindings of type %s', async (type) => {
    await declare(type)
    await site.bind('x', 'q', type === 'topic' ? '*.b' : '')
    publish('later', 100, 'a.b')
    site.publish('x', 'a.b', 'now')
    expect(await drained(queue())).toEqual(['now'])
    site.clock.advance(100)
    expect(await drained(queue())).toEqual(['later'])
  })

  it('checks bindings as its type does', async () => {
    await declare('x-consistent-hash')
    await expect(site.bind('x', 'q', 'no weight')).rejects.toThrow('The binding key must be an integer')
  })

  it('delays what comes from another exchange', async () => {
    await declare('fanout')
    await site.bind('x', 'q')
    await site.bindExchange('amq.fanout', 'x')
    site.publish('amq.fanout', 'k', 'body', { headers: table({ 'x-delay': 100 }) })
    site.publish('amq.fanout', 'k', 'now')
    expect(await drained(queue())).toEqual(['now'])
    site.clock.advance(100)
    expect(await drained(queue())).toEqual(['body'])
  })
})

describe('a confirm of a delayed message', () => {
  it('waits until it is stored', async () => {
    const faulty = faultyStore(createMemoryStore())
    site = await Site.start(faulty)
    await declare()
    const outcomes: string[] = []
    const hold = faulty.messages.holdNextCommit()
    const message = published('x', 'k', 'body', { headers: table({ 'x-delay': 100 }) })
    const publisher = { settle: (_: number, outcome: string) => void outcomes.push(outcome) }
    expect(delay().publish(message, publisher, 1)).toBe('pending')
    site.clock.endTurn()
    await hold.reached
    expect(outcomes).toEqual([])
    hold.release()
    await site.clock.pass()
    expect(outcomes).toEqual(['stored'])
  })

  it('waits for its arrival in queues to be stored where it has gone on before', async () => {
    await declare()
    await site.bind('x', 'q', 'k')
    const outcomes: string[] = []
    const message = published('x', 'k', 'a', { deliveryMode: 2, headers: table({ 'x-delay': 1 }) })
    delay().publish(message, { settle: (_, outcome) => void outcomes.push(outcome) }, 1)
    site.clock.advance(1)
    expect([outcomes, queue().stats()]).toMatchObject([[], { ready: 1 }])
    await site.clock.pass()
    expect(outcomes).toEqual(['stored'])
  })

  it('is at once where nothing is stored', async () => {
    await declare('direct', false)
    const message = published('x', 'k', 'body', { headers: table({ 'x-delay': 100 }) })
    expect(delay().publish(message, { settle: () => {} }, 1)).toBe('stored')
  })
})

describe.each(storeKinds)('after a restart on a store of the kind %s', (kind) => {
  let kept: KeptStore

  beforeEach(async () => {
    await site.broker.stop()
    kept = await KeptStore.create(kind)
    site = await Site.start(kept.store)
  })

  afterEach(async () => {
    await site.broker.stop()
    site = await Site.start()
    await kept.remove()
  })

  const again = async (laterMs: number) => {
    const now = site.clock.now() + laterMs
    site = await Site.start(site.store)
    site.clock.advance(now - site.clock.now())
  }
  const stop = async (laterMs = 0) => {
    await site.broker.stop()
    await again(laterMs)
  }
  const crash = async (laterMs = 0) => {
    await site.allStored()
    await site.crash()
    await again(laterMs)
  }

  it.each([
    ['an orderly stop', stop],
    ['a crash', crash],
  ])('by %s what waited waits on', async (_, restart) => {
    await declare()
    await site.bind('x', 'q', 'k')
    for (const [body, ms] of [
      ['c', 300],
      ['a', 100],
      ['b', 200],
    ] as const)
      publish(body, ms, 'k', 1)
    publish('x'.repeat(10_000), 400)
    await restart()
    expect(delay().size).toBe(4)
    site.clock.advance(99)
    await site.clock.settle()
    expect(await drained(queue())).toEqual([])
    site.clock.advance(101)
    await site.clock.settle()
    expect(await drained(queue())).toEqual(['a', 'b'])
    publish('d', 100)
    site.clock.advance(100)
    await site.clock.settle()
    expect(await drained(queue())).toEqual(['c', 'd'])
    site.clock.advance(100)
    await site.clock.settle()
    expect((await drained(queue())).map((body) => body.length)).toEqual([10_000])
    expect(site.log.lines).toEqual([])
  })

  it('what became due meanwhile comes at once, and once', async () => {
    await declare()
    await site.bind('x', 'q', 'k')
    for (const body of ['a', 'b']) publish(body, 100)
    await crash(1000)
    await site.clock.settle()
    site.clock.advance(0)
    await site.clock.settle()
    expect(await drained(queue())).toEqual(['a', 'b'])
    await crash(1000)
    expect(delay().size).toBe(0)
    expect(await drained(queue())).toEqual([])
  })

  it('nothing is sent on by a broker that stops', async () => {
    await declare()
    publish('body', 100)
    const { clock, log } = site
    await stop()
    expect(clock.timers).toBe(0)
    expect(log.lines).toEqual([])
  })

  it('what cannot be read is told, and the rest comes', async () => {
    await declare()
    await site.bind('x', 'q', 'k')
    publish('b'.repeat(20_000), 100)
    await site.clock.pass()
    publish('here', 100)
    await site.clock.pass()
    const { read } = site.store.messages
    const lost = jest.spyOn(site.store.messages, 'read').mockImplementation(async (key) => {
      return key.firstSeq === 1 && key.queueId === delay().queueId ? null : read.call(site.store.messages, key)
    })
    await crash(1000)
    lost.mockRestore()
    await turnsUntil(() => delay().size === 0)
    expect(await drained(queue())).toEqual(['here'])
    expect(site.log.lines).toHaveLength(1)
  })

  it('an exchange that is declared anew has nothing of its former self', async () => {
    await declare()
    publish('gone', 100)
    await site.topology.deleteExchange('x', false)
    await declare()
    publish('here', 100)
    await crash()
    expect(delay().size).toBe(1)
  })
})
