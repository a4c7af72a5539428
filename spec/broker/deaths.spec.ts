// Deaths and comebacks in a whole broker: which messages die and where they go, what quorum queues count, and what of it
// is there after a restart (behaviour.md §9.4, §10, §15).

import type { Got, Queue } from '../../src/broker/queue/queue.ts'
import { table, toPlain } from '../../src/protocol/field-table.ts'
import { decodeProperties } from '../../src/protocol/properties.ts'
import { KeptStore, storeKinds } from '../support/kept-store.ts'
import { drained, published, Site } from '../support/site.ts'

type PlainArguments = Parameters<typeof table>[0]

const toDead = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
const quorum = { 'x-queue-type': 'quorum' }
const sure = { ...quorum, ...toDead, 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' }

let site: Site

const queue = (name: string): Queue => site.vhost.queues.get(name) as Queue
const declare = (name: string, args: PlainArguments = {}) => site.declareQueue(name, { arguments: table(args) })
const publish = (...bodies: readonly string[]) => {
  for (const body of bodies) site.publish('', 'q', body)
}

async function take(name = 'q'): Promise<Got> {
  const got = await queue(name).get()
  if (got === null) throw new Error(`${name} is empty`)
  return got
}

/** Rejects the first message of a queue for good. */
async function reject(name = 'q'): Promise<void> {
  queue(name).reject((await take(name)).seq, false)
}

function headersOf({ message }: Got): { [name: string]: unknown } {
  return toPlain(decodeProperties(message.header, message.headerStart, message.headerEnd).headers ?? new Map())
}

/** The deaths of the first message of a queue: reason and count. */
async function deaths(name = 'dead'): Promise<unknown> {
  const got = await take(name)
  const history = headersOf(got)['x-death'] as readonly { [field: string]: unknown }[]
  queue(name).ack(got.seq)
  return history.map(({ reason, queue: where, count }) => `${reason} in ${where}, ${count}`)
}

describe('a message dies', () => {
  beforeEach(async () => {
    site = await Site.start()
    await declare('dead')
  })

  afterEach(() => site.broker.stop())

  it('when it is rejected', async () => {
    await declare('q', toDead)
    publish('a')
    await reject()
    expect(await deaths()).toEqual(['rejected in q, 1'])
    expect(queue('q').stats()).toEqual({ ready: 0, unacked: 0, consumers: 0 })
  })

  it('when it expires', async () => {
    await declare('q', { ...toDead, 'x-message-ttl': 100 })
    publish('a')
    site.clock.advance(100)
    expect(await deaths()).toEqual(['expired in q, 1'])
  })

  it('when there is no room for it', async () => {
    await declare('q', { ...toDead, 'x-max-length': 1 })
    publish('a', 'b')
    expect(await deaths()).toEqual(['maxlen in q, 1'])
    expect(await drained(queue('q'))).toEqual(['b'])
  })

  it('when it is refused, where the queue dead-letters what it refuses', async () => {
    await declare('q', { ...toDead, 'x-max-length': 1, 'x-overflow': 'reject-publish-dlx' })
    publish('a', 'b')
    expect([queue('dead').stats(), queue('q').stats()]).toMatchObject([{ ready: 1 }, { ready: 1 }])
    expect(await drained(queue('q'))).toEqual(['a'])
    expect(await deaths()).toEqual(['maxlen in q, 1'])
  })

  it('in one commit with its arrival elsewhere', async () => {
    const [{ id: from }, { id: to }] = [await declare('q', toDead), queue('dead')]
    publish('a', 'b')
    await site.clock.pass()
    const commit = jest.spyOn(site.store.messages, 'commit')
    await reject()
    await site.clock.pass()
    const batches = commit.mock.calls.map(([, { chunks, summaries }]) => [
      chunks.map(({ queueId }) => queueId),
      summaries.map(({ queueId }) => queueId).sort(),
    ])
    expect(batches).toEqual([[[to], [from, to].sort()]])
  })

  it.each<[string, PlainArguments]>([
    ['while it is stored', { 'x-message-ttl': 0 }],
    ['as it is published', { 'x-max-length': 0 }],
  ])('%s, and is confirmed when its dead letter is stored', async (_, args) => {
    const q = await declare('q', { ...toDead, ...args })
    const told: string[] = []
    const message = published('', 'q', 'a', { deliveryMode: 2 })
    expect(q.publish(message, { settle: (tag, outcome) => told.push(`${tag} ${outcome}`) }, 7)).toBe('pending')
    site.clock.advance(10)
    expect([told, queue('dead').stats()]).toMatchObject([[], { ready: 1 }])
    await site.clock.pass()
    expect(told).toEqual(['7 stored'])
  })

  it('but not when it is refused elsewhere, purged, or goes with its queue (§9.4)', async () => {
    await declare('q', { ...toDead, 'x-max-length': 2, 'x-overflow': 'reject-publish' })
    publish('a', 'b', 'c')
    await queue('q').purge()
    publish('d')
    await site.topology.removeQueue(queue('q'))
    expect(queue('dead').stats()).toMatchObject({ ready: 0 })
  })

  it('again and again on its way through other queues, and its history grows (retry by time to live)', async () => {
    const retry = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'q', 'x-message-ttl': 100 }
    await declare('q', { ...toDead, 'x-dead-letter-routing-key': 'retry' })
    await declare('retry', retry)
    publish('a')
    for (let round = 0; round < 3; round++) {
      await reject()
      site.clock.advance(100)
    }
    expect(await deaths('q')).toEqual(['expired in retry, 3', 'rejected in q, 3'])
  })

  it('once only in a circle of queues that are all full', async () => {
    await declare('q', { ...toDead, 'x-dead-letter-routing-key': 'p', 'x-max-length': 0 })
    await declare('p', { ...toDead, 'x-dead-letter-routing-key': 'q', 'x-max-length': 0 })
    publish('a', 'b')
    expect([queue('q').stats(), queue('p').stats()]).toMatchObject([{ ready: 0 }, { ready: 0 }])
  })

  it('by the dozen without nesting: each drives out the one before', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `q${i}`)
    for (const [i, name] of names.entries()) {
      await declare(name, { ...toDead, 'x-dead-letter-routing-key': `q${i + 1}`, 'x-max-length': 0 })
    }
    site.publish('', 'q0', 'a')
    await declare('q60')
    site.publish('', 'q0', 'b')
    expect(await drained(queue('q60'))).toEqual(['b'])
  })
})

describe('a quorum queue', () => {
  beforeEach(async () => {
    site = await Site.start()
    await declare('dead')
  })

  afterEach(() => site.broker.stop())

  it('counts what comes back, and gives it up when it failed too often', async () => {
    await declare('q', { ...quorum, ...toDead, 'x-delivery-limit': 1 })
    publish('a')
    const seen: unknown[] = []
    for (const failed of [false, true, true]) {
      const got = await take()
      seen.push([got.redelivered, headersOf(got)])
      queue('q').reject(got.seq, true, failed)
    }
    expect(seen).toEqual([
      [false, {}],
      [true, { 'x-acquired-count': 1 }],
      [true, { 'x-acquired-count': 2, 'x-delivery-count': 1 }],
    ])
    const dead = await take('dead')
    expect([dead.redelivered, headersOf(dead)]).toMatchObject([false, { 'x-first-death-reason': 'delivery_limit' }])
    expect(Object.keys(headersOf(dead)).filter((name) => name.endsWith('-count'))).toEqual([])
  })

  it('gives what came back to consumers first, in the order it came', async () => {
    await declare('q', quorum)
    publish('a', 'b', 'c', 'd')
    const [a, b, c] = [await take(), await take(), await take()].map(({ seq }) => seq)
    for (const seq of [c, a, b]) queue('q').reject(seq as number, true)
    expect(await drained(queue('q'))).toEqual(['c again', 'a again', 'b again', 'd'])
  })

  it('keeps what comes back away for a while, where that is asked for', async () => {
    await declare('q', { ...quorum, 'x-delayed-retry-type': 'failed', 'x-delayed-retry-min': 100 })
    publish('a', 'b')
    queue('q').reject((await take()).seq, true, true)
    expect(queue('q').stats()).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    expect(await drained(queue('q'))).toEqual(['b'])
    site.clock.advance(100)
    expect(await drained(queue('q'))).toEqual(['a again'])
  })
})

it('a broker that has stopped waits for nothing', async () => {
  site = await Site.start()
  await declare('unused', { 'x-expires': 500 })
  await declare('q', { 'x-message-ttl': 500, ...toDead })
  await declare('retried', { ...quorum, 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 500 })
  await declare('sure', sure)
  await site.declareExchange('later', 'x-delayed-message', { arguments: table({ 'x-delayed-type': 'fanout' }) })
  for (const name of ['q', 'retried', 'sure']) site.publish('', name, 'a')
  const later = published('later', '', 'a', { deliveryMode: 2, headers: table({ 'x-delay': 500 }) })
  site.vhost.exchanges.get('later')?.delay?.publish(later, null, 0)
  queue('retried').reject((await take('retried')).seq, true)
  await reject('sure')
  await site.clock.pass()
  expect(site.clock.timers).toBeGreaterThanOrEqual(5)
  await site.broker.stop()
  expect(site.clock.timers).toBe(0)
  site.clock.endTurn()
  site.clock.advance(10_000)
  await site.clock.pass()
  expect([site.clock.timers, site.log.lines]).toEqual([0, []])
})

it('a dead letter that is stored elsewhere as the broker stops is not sent again after it', async () => {
  site = await Site.start()
  await declare('dead')
  await declare('q', sure)
  publish('a')
  await site.clock.pass()
  await reject()
  site.clock.endTurn()
  site.clock.endTurn()
  await site.broker.stop()
  site = await Site.start(site.store)
  for (let turn = 0; turn < 5; turn++) await site.clock.pass()
  expect(await drained(queue('dead'))).toEqual(['a'])
  await site.broker.stop()
})

describe.each(storeKinds)('after a restart on a store of the kind %s', (kind) => {
  let kept: KeptStore

  beforeEach(async () => {
    kept = await KeptStore.create(kind)
    site = await Site.start(kept.store)
  })

  afterEach(async () => {
    await site.broker.stop()
    await kept.remove()
  })

  const stop = async () => {
    site = await site.restarted()
  }

  const crash = async () => {
    site = await site.afterCrash()
  }

  const restarts: [string, () => Promise<void>][] = [
    ['an orderly stop', stop],
    ['a crash', crash],
  ]

  it.each(restarts)('by %s a quorum queue has what is transient as well, and its counts', async (_, restart) => {
    await declare('q', quorum)
    for (const body of ['a', 'b']) site.publish('', 'q', body, { deliveryMode: 1 })
    await site.clock.pass()
    for (const failed of [true, true, false]) queue('q').reject((await take()).seq, true, failed)
    await restart()
    const got = await take()
    expect([got.message.copyBody().toString(), got.redelivered, headersOf(got)]).toEqual([
      'a',
      true,
      { 'x-acquired-count': 3, 'x-delivery-count': 2 },
    ])
  })

  it.each(restarts)('by %s dead letters are where they went, and not where they came from', async (_, restart) => {
    await declare('q', toDead)
    await declare('dead')
    publish('a', 'b')
    await site.clock.pass()
    await reject()
    await restart()
    expect((await drained(queue('q'))).map((body) => body[0])).toEqual(['b'])
    expect(await deaths()).toEqual(['rejected in q, 1'])
  })

  it.each(restarts)('by %s what waits goes on to wait', async (_, restart) => {
    await declare('q', { ...quorum, 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 1000 })
    publish('a', 'b')
    await site.clock.pass()
    queue('q').reject((await take()).seq, true)
    await restart()
    expect(queue('q').stats()).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    expect((await drained(queue('q'))).map((body) => body[0])).toEqual(['b'])
    site.clock.advance(1000)
    expect(await drained(queue('q'))).toEqual(['a again'])
  })

  it.each(restarts)('by %s a dead letter that found no place is still where it died', async (_, restart) => {
    await declare('q', sure)
    publish('a', 'b')
    await site.clock.pass()
    await reject()
    site.clock.endTurn()
    expect(queue('q').stats()).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    await restart()
    expect(queue('q').stats()).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    await declare('dead')
    for (let tries = 0; tries < 50 && (await queue('dead').stats()).ready === 0; tries++) {
      site.clock.advance(5000)
      await site.clock.pass()
    }
    expect(await deaths()).toEqual(['rejected in q, 1'])
    await stop()
    expect((await drained(queue('q'))).map((body) => body[0])).toEqual(['b'])
  })

  it.each(restarts)('by %s a purge does not take what is dying', async (_, restart) => {
    await declare('q', sure)
    publish('a', 'b')
    await site.clock.pass()
    await reject()
    site.clock.endTurn()
    await restart()
    expect(await queue('q').purge()).toBe(1)
    await declare('dead')
    for (let tries = 0; tries < 50 && (await queue('dead').stats()).ready === 0; tries++) {
      site.clock.advance(5000)
      await site.clock.pass()
    }
    expect(await deaths()).toEqual(['rejected in q, 1'])
  })

  it('a message that expired meanwhile dies once all queues are there', async () => {
    // The queue where it goes is recovered last, and has a message that was there before.
    await declare('q', { ...toDead, 'x-message-ttl': 100 })
    await declare('dead')
    publish('a')
    site.publish('', 'dead', 'b')
    await site.clock.pass()
    await site.broker.stop()
    const now = site.clock.now()
    site = await Site.start(site.store)
    site.clock.advance(now + 200 - site.clock.now())
    await site.clock.pass()
    expect((await drained(queue('dead'))).map((body) => body[0])).toEqual(['b', 'a'])
  })
})
