// Looking at a queue without taking anything, and taking out of the middle: nothing else changes, also where messages are
// in the store only, and what is moved is stored there and settled here in one commit.

import type { Message } from '../../../src/broker/message.ts'
import { Glance, type Seen } from '../../../src/broker/queue/browse.ts'
import type { LocalQueue } from '../../../src/broker/queue/local-queue.ts'
import type { Queue } from '../../../src/broker/queue/queue.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { drained, published, Site } from '../../support/site.ts'

const store = createMemoryStore()
let site: Site

beforeEach(async () => {
  site = await Site.start(store)
})

afterEach(async () => {
  for (const vhost of [...site.broker.vhosts.keys()]) await site.broker.administration.deleteVhost(vhost)
  await site.broker.stop()
})

/** Runs to its end something that lets others have their turn. */
async function ended<Result>(task: Promise<Result>): Promise<Result> {
  let over = false
  const done = () => {
    over = true
  }
  task.then(done, done)
  while (!over) {
    await site.clock.settle()
    site.clock.endTurn()
  }
  return task
}

async function seen(queue: Queue, after?: number, most = 100): Promise<readonly string[]> {
  const texts: string[] = []
  const look = ({ message, ready, redelivered }: Seen): boolean => {
    texts.push(`${message.copyBody()}${ready ? '' : ' out'}${redelivered ? ' again' : ''}`)
    return texts.length < most
  }
  await ended(queue.browse(look, after))
  return texts
}

function fill(queue: string, ...bodies: readonly string[]): void {
  for (const body of bodies) site.publish('', queue, body)
}

describe('a queue', () => {
  it('is looked at in its order, with what is out and what came back', async () => {
    const queue = await site.declareQueue('q')
    fill('q', 'a', 'b', 'c', 'd')
    const got = [await queue.get(), await queue.get()]
    queue.reject(got[1]?.seq ?? 0, true)
    expect(await seen(queue)).toEqual(['a out', 'b again', 'c', 'd'])
    expect(await seen(queue, 2)).toEqual(['c', 'd'])
    expect(await seen(queue, undefined, 2)).toEqual(['a out', 'b again'])
    expect(queue.stats()).toEqual({ ready: 3, unacked: 1, consumers: 0 })
    expect(await drained(queue)).toEqual(['b again', 'c', 'd'])
  })

  it('with priorities is looked at by them', async () => {
    const queue = await site.declareQueue('q', { arguments: table({ 'x-max-priority': 3 }) })
    site.publish('', 'q', 'low', { priority: 1 })
    site.publish('', 'q', 'high', { priority: 3 })
    site.publish('', 'q', 'low again', { priority: 1 })
    expect(await seen(queue)).toEqual(['high', 'low', 'low again'])
    const seqs: number[] = []
    await ended(queue.browse(({ seq }) => seqs.push(seq) > 0))
    expect(await seen(queue, seqs[1])).toEqual(['low again'])
    expect(await ended(queue.withdraw(seqs[1] ?? 0, () => true))).toBe(true)
    expect(await drained(queue)).toEqual(['high', 'low again'])
  })

  it('is looked at where it lies, and stays there', async () => {
    await site.declareQueue('q')
    for (let i = 0; i < 12; i++) site.publish('', 'q', `${i}`.padEnd(100_000, 'x'))
    await site.clock.settle()
    await site.broker.stop()
    site = await Site.start(store)
    const queue = site.vhost.queues.get('q') as Queue
    const before = (await queue.details()).resident
    expect((await seen(queue)).map((text) => Number.parseInt(text, 10))).toEqual([...Array(12).keys()])
    expect((await queue.details()).resident).toBe(before)
    const texts: string[] = []
    const use = (message: Message) => texts.push(String(message.copyBody()).slice(0, 2)) > 0
    expect(await ended(queue.withdraw(11, use))).toBe(true)
    expect([texts, queue.stats()]).toEqual([['10'], { ready: 11, unacked: 0, consumers: 0 }])
  })

  it.each([
    ['a classic queue', {}],
    ['a queue with priorities', { 'x-max-priority': 3 }],
    ['a stream', { 'x-queue-type': 'stream' }],
  ])('that is %s is looked at as far as it went when the look began', async (_, args) => {
    const queue = await site.declareQueue('q', { arguments: table(args) })
    fill('q', 'a', 'b')
    await site.confirmed(queue, 'c')
    const texts: string[] = []
    const look = ({ message }: Seen): boolean => {
      texts.push(String(message.copyBody()))
      fill('q', 'later')
      return texts.length < 50
    }
    await ended(queue.browse(look))
    expect(texts).toEqual(['a', 'b', 'c'])
    expect(queue.stats()).toMatchObject({ ready: 6 })
  })

  it.each([
    ['a classic queue', {}],
    ['a stream', { 'x-queue-type': 'stream' }],
  ])('that is %s is seen as a whole in one turn, once what is in the store only was read', async (_, args) => {
    const spec = { arguments: table(args) }
    await site.declareQueue('q', spec)
    for (let i = 0; i < 12; i++) site.publish('', 'q', `${i}`.padEnd(100_000, 'x'))
    await site.confirmed(site.vhost.queues.get('q') as Queue, '12')
    await site.broker.stop()
    site = await Site.start(store)
    const queue = site.vhost.queues.get('q') as LocalQueue
    await site.confirmed(queue, '13')
    const glance = new Glance()
    const seenNow = (): readonly number[] => {
      const texts: number[] = []
      queue.glance(glance, ({ message }) => texts.push(Number.parseInt(String(message.copyBody()), 10)) > 0)
      return texts
    }
    expect(seenNow()).not.toContain(11)
    expect(await ended(glance.read())).toBe(true)
    expect(seenNow()).toEqual([...Array(14).keys()])
    expect(await ended(glance.read())).toBe(false)
  })

  it('that is a stream is looked at from any place, and nothing is taken out', async () => {
    const queue = await site.declareQueue('s', { arguments: table({ 'x-queue-type': 'stream' }) })
    fill('s', 'a', 'b')
    await site.confirmed(queue, 'c')
    expect(await seen(queue)).toEqual(['a', 'b', 'c'])
    expect(await seen(queue, 1, 1)).toEqual(['b'])
    await expect(queue.withdraw(1, () => true)).rejects.toMatchObject({ code: 540 })
  })
})

describe('a message that is taken out', () => {
  it('leaves the others as they are', async () => {
    const queue = await site.declareQueue('q')
    fill('q', 'a', 'b', 'c', 'd')
    const got = await queue.get()
    expect(await ended(queue.withdraw(3, () => true))).toBe(true)
    expect(await ended(queue.withdraw(3, () => true))).toBe(false)
    expect(await ended(queue.withdraw(got?.seq ?? 0, () => true))).toBe(false)
    expect(await ended(queue.withdraw(2, () => false))).toBe(false)
    expect(queue.stats()).toEqual({ ready: 2, unacked: 1, consumers: 0 })
    queue.reject(got?.seq ?? 0, true)
    expect(await ended(queue.withdraw(1, () => true))).toBe(true)
    expect(await drained(queue)).toEqual(['b', 'd'])
  })

  it('may be one that stood aside over a restart, and came back since', async () => {
    const retried = { 'x-queue-type': 'quorum', 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 1000 }
    await site.declareQueue('q', { arguments: table(retried) })
    fill('q', 'a', 'b')
    const former = site.vhost.queues.get('q') as Queue
    const got = await former.get()
    const seq = got?.seq ?? 0
    former.reject(seq, true)
    await site.clock.settle()
    await site.broker.stop()
    site = await Site.start(store)
    const queue = site.vhost.queues.get('q') as Queue
    expect(await ended(queue.withdraw(seq, () => true))).toBe(false)
    expect(await seen(queue)).toEqual(['a out again', 'b'])
    site.clock.advance(1000)
    await site.clock.settle()
    expect(queue.stats()).toMatchObject({ ready: 2 })
    expect(await seen(queue)).toEqual(['a again', 'b'])
    expect(await ended(queue.withdraw(seq, () => true))).toBe(true)
    expect(queue.stats()).toMatchObject({ ready: 1, unacked: 0 })
    expect(await drained(queue)).toEqual(['b'])
  })

  it('is stored where it goes when it is gone here, or stays', async () => {
    const queue = await site.declareQueue('q')
    await site.declareQueue('other')
    fill('q', 'a', 'b')
    await site.clock.settle()
    const move = (message: Message) => {
      site.publish('', 'other', String(message.copyBody()))
      return true
    }
    expect(await ended(queue.withdraw(2, move))).toBe(true)
    await site.clock.settle()
    await site.broker.stop()
    site = await Site.start(store)
    const texts = async (name: string) => drained(site.vhost.queues.get(name) as Queue)
    expect([await texts('q'), await texts('other')]).toEqual([['a'], ['b']])
  })

  it('is given to nobody while it is being moved, not even by its own arrival', async () => {
    const queue = await site.declareQueue('q')
    fill('q', 'a')
    const again = (message: Message) => {
      queue.publish(published('', 'q', `${message.copyBody()} again`), null, 0)
      return true
    }
    expect(await ended(queue.withdraw(1, again))).toBe(true)
    expect(await drained(queue)).toEqual(['a again'])
  })
})
