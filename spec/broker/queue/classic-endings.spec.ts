// Messages that end by themselves (behaviour.md §9.1, §9.2), and queues that do (§6.3, x-expires).

import type { Consumer } from '../../../src/broker/consumer.ts'
import { Message } from '../../../src/broker/message.ts'
import type { Outcome } from '../../../src/broker/queue/publisher.ts'
import { encodeHeader } from '../../../src/protocol/properties.ts'
import { type Fields, tableOf } from '../exchange/table.ts'
import { makeMessage } from './trial/messages.ts'
import { Scene } from './trial/scene.ts'

let scene: Scene

beforeEach(async () => {
  scene = await Scene.begin()
})

afterEach(() => scene.store.close())

/** The queue of the scene is made anew with these arguments. */
function declare(fields: Fields): void {
  scene.remake({ arguments: tableOf(fields) })
}

/** A message that lives so long, with its own number as body. */
function living(id: number, ttlMs: number | null, persistent = false, priority?: number): Message {
  const message = new Message()
  const like = makeMessage(id, 'tiny')
  message.setRouting(like.routing, like.routingStart, like.routingEnd)
  const header = encodeHeader(
    { ...(ttlMs === null ? {} : { expiration: String(ttlMs) }), ...(priority === undefined ? {} : { priority }) },
    1,
  )
  message.setHeader(header, 0, header.length)
  message.setBody(Buffer.from([id]), 0, 1)
  message.persistent = persistent
  return message
}

const publish = (id: number, ttlMs: number | null = null) => scene.queue.publish(living(id, ttlMs), null, 0)
const ready = () => scene.queue.stats() as { ready: number }

/** Publishes a message of a priority. */
function publishAt(id: number, priority: number, ttlMs: number | null = null): void {
  scene.queue.publish(living(id, ttlMs, false, priority), null, 0)
}

/** What can be taken, by the first octet of the bodies; taken and acked. */
function drain(): number[] {
  const ids: number[] = []
  for (let got = scene.gotten(); got !== null; got = scene.gotten()) {
    ids.push(got.message.body[got.message.bodyStart] as number)
    scene.queue.ack(got.seq)
  }
  return ids
}

/** A consumer whose messages are noted by the first octet of the bodies. */
function consume(prefetch = 0): { readonly ids: number[]; readonly seqs: number[]; readonly consumer: Consumer } {
  const [ids, seqs]: [number[], number[]] = [[], []]
  const consumer = scene.mailbox.consumer(scene.queue, { tag: 'c', prefetch })
  scene.mailbox.deliver = (_consumer, message, seq) => {
    consumer.unacked++
    ids.push(message.body[message.bodyStart] as number)
    seqs.push(seq)
  }
  scene.queue.consume(consumer)
  scene.clock.endTurn()
  return { ids, seqs, consumer }
}

describe('a message that expires (§9.1)', () => {
  it.each([
    ['x-message-ttl', { 'x-message-ttl': 100 }, null],
    ['its expiration', {}, 100],
    ['the shorter of both', { 'x-message-ttl': 500 }, 100],
    ['the shorter of both', { 'x-message-ttl': 100 }, 500],
  ])('goes by itself by %s', (_, fields, ttlMs) => {
    declare(fields)
    publish(1, ttlMs)
    scene.clock.advance(99)
    expect(ready()).toMatchObject({ ready: 1 })
    scene.clock.advance(1)
    expect(ready()).toMatchObject({ ready: 0 })
    expect(scene.clock.timers).toBe(0)
  })

  it('goes from the head only: behind one that lives longer it stays, is counted, and is never delivered', () => {
    declare({})
    publish(1, 1000)
    publish(2, 10)
    publish(3)
    scene.clock.advance(500)
    expect(ready()).toMatchObject({ ready: 3 })
    expect(scene.gotten()?.remaining).toBe(1)
    expect(drain()).toEqual([3])
  })

  it('has one timer for all of a queue, which follows the head', () => {
    declare({ 'x-message-ttl': 100 })
    for (let id = 1; id <= 5; id++) {
      publish(id)
      scene.clock.advance(10)
    }
    expect(scene.clock.timers).toBe(1)
    scene.clock.advance(50)
    expect(ready()).toMatchObject({ ready: 4 })
    scene.clock.advance(30)
    expect(ready()).toMatchObject({ ready: 1 })
  })

  it('is not delivered to a consumer that had no room until it expired', () => {
    declare({})
    const { ids, seqs, consumer } = consume(1)
    for (const [id, ttlMs] of [
      [1, null],
      [2, 50],
      [3, null],
    ] as const) {
      publish(id, ttlMs)
    }
    scene.clock.advance(50)
    consumer.unacked = 0
    scene.queue.ack(seqs[0] as number)
    scene.queue.wake(consumer)
    scene.queue.handOut()
    expect(ids).toEqual([1, 3])
  })

  it('with nothing to live is delivered to who waits, else gone', () => {
    declare({ 'x-message-ttl': 0 })
    publish(1)
    expect(ready()).toMatchObject({ ready: 0 })
    const { ids } = consume(1)
    publish(2)
    publish(3)
    expect(ids).toEqual([2])
    expect(ready()).toEqual({ ready: 0, unacked: 1, consumers: 1 })
  })

  it('with nothing to live is delivered to who comes in the same turn', () => {
    declare({})
    const consumer = scene.mailbox.consumer(scene.queue, { tag: 'c' })
    const ids: number[] = []
    scene.mailbox.deliver = (_consumer, message) => ids.push(message.body[message.bodyStart] as number)
    scene.queue.consume(consumer)
    publish(7, 0)
    scene.clock.endTurn()
    expect(ids).toEqual([7])
  })

  it('does not while it is out, and does when it comes back too late', () => {
    declare({ 'x-message-ttl': 100 })
    publish(1)
    publish(2)
    const seqs = [scene.gotten(), scene.gotten()].map((got) => got?.seq as number)
    scene.clock.advance(50)
    scene.queue.reject(seqs[0] as number, true)
    expect(ready()).toEqual({ ready: 1, unacked: 1, consumers: 0 })
    scene.clock.endTurn()
    scene.clock.advance(50)
    expect(ready()).toEqual({ ready: 0, unacked: 1, consumers: 0 })
    scene.queue.reject(seqs[1] as number, true)
    scene.clock.endTurn()
    expect(ready()).toEqual({ ready: 0, unacked: 0, consumers: 0 })
  })

  it('is a stored message to its publisher', async () => {
    const told: Outcome[] = []
    const publisher = { settle: (_tag: number, outcome: Outcome) => told.push(outcome) }
    expect(scene.queue.publish(living(1, 0, true), publisher, 1)).toBe('stored')
    expect(scene.queue.publish(living(2, 5, true), publisher, 2)).toBe('pending')
    scene.clock.advance(5)
    expect(told).toEqual(['stored'])
  })

  it('goes with very many others over several turns, and none of them is delivered', async () => {
    declare({ 'x-message-ttl': 100 })
    for (let id = 0; id < 5000; id++) publish(id & 255)
    scene.clock.advance(50)
    publish(1)
    scene.clock.advance(50)
    expect(ready()).toMatchObject({ ready: 3001 })
    const got = scene.queue.get()
    expect(got).toBeInstanceOf(Promise)
    for (let turn = 0; turn < 3; turn++) await scene.clock.pass()
    expect((await got)?.remaining).toBe(0)
    expect(ready()).toEqual({ ready: 0, unacked: 1, consumers: 0 })
  })

  it.each<[string, Fields, () => unknown]>([
    ['an older one has made room', { 'x-max-length': 1 }, () => {}],
    ['a higher priority has overtaken', { 'x-max-priority': 1 }, () => {}],
    ['the older one was taken', {}, () => scene.gotten()],
    ['a policy has made room', {}, () => scene.queue.apply({ ...scene.queue.settings, maxLength: 1 })],
  ])('goes by itself also where %s', (_, fields, comesFirst) => {
    declare(fields)
    publishAt(1, 0)
    publishAt(2, 1, 50)
    comesFirst()
    const { ready: before } = ready()
    scene.clock.advance(50)
    expect(ready()).toMatchObject({ ready: before - 1 })
  })

  it('takes a time that a policy sets for what is published from then on', () => {
    declare({})
    publish(1)
    scene.queue.apply({ ...scene.queue.settings, messageTtlMs: 10 })
    publish(2)
    scene.clock.advance(10)
    expect(drain()).toEqual([1])
  })
})

describe('a queue with a limit (§9.2)', () => {
  it('parts with the oldest, and counts what is ready only', () => {
    declare({ 'x-max-length': 2 })
    for (const id of [1, 2, 3]) publish(id)
    const taken = scene.gotten()
    expect(taken?.message.copyBody()[0]).toBe(2)
    for (const id of [4, 5]) publish(id)
    expect(ready()).toEqual({ ready: 2, unacked: 1, consumers: 0 })
    scene.queue.reject(taken?.seq as number, true)
    expect(drain()).toEqual([4, 5])
  })

  it('counts octets of bodies, and parts with one that is larger than it may hold', () => {
    declare({ 'x-max-length-bytes': 20 })
    scene.publish(1, 2)
    expect(ready()).toMatchObject({ ready: 2 })
    scene.publish(3)
    expect(ready()).toMatchObject({ ready: 2 })
    expect(scene.get()).toEqual([2, false])
    scene.queue.publish(makeMessage(4, 'small'), null, 0)
    expect(ready()).toMatchObject({ ready: 0 })
  })

  it('counts octets of what was taken, returned and purged', () => {
    declare({ 'x-max-length-bytes': 20 })
    scene.publish(1, 2)
    const [first] = scene.take(1)
    scene.publish(3)
    expect(ready()).toMatchObject({ ready: 2, unacked: 1 })
    scene.queue.reject(first as number, true)
    expect(ready()).toMatchObject({ ready: 2, unacked: 0 })
    scene.queue.purge()
    scene.publish(4, 5)
    expect(ready()).toMatchObject({ ready: 2 })
  })

  it('of nothing delivers to who waits, and keeps nothing', () => {
    declare({ 'x-max-length': 0 })
    publish(1)
    expect(ready()).toMatchObject({ ready: 0 })
    const { ids } = consume(1)
    publish(2)
    publish(3)
    expect(ids).toEqual([2])
    expect(ready()).toMatchObject({ ready: 0, unacked: 1 })
  })

  it.each(['reject-publish', 'reject-publish-dlx'])('refuses with %s, and says so', (overflow) => {
    declare({ 'x-max-length': 1, 'x-max-length-bytes': 20, 'x-overflow': overflow })
    const publisher = { settle: () => {} }
    expect(scene.queue.publish(makeMessage(1, 'small'), publisher, 1)).toBe('rejected')
    expect(scene.queue.publish(makeMessage(2, 'tiny'), publisher, 2)).toBe('stored')
    expect(scene.queue.publish(makeMessage(3, 'tiny'), publisher, 3)).toBe('rejected')
    expect(scene.get()).toEqual([2, false])
    expect(scene.queue.publish(makeMessage(4, 'tiny'), publisher, 4)).toBe('stored')
  })

  it('that refuses takes back what it gave', () => {
    declare({ 'x-max-length': 1, 'x-overflow': 'reject-publish' })
    publish(1)
    const [seq] = scene.take(1)
    publish(2)
    scene.queue.reject(seq as number, true)
    expect(drain()).toEqual([1, 2])
  })

  it('that is set later trims at once', () => {
    declare({})
    for (const id of [1, 2, 3, 4]) publish(id)
    scene.queue.apply({ ...scene.queue.settings, maxLength: 1 })
    expect(drain()).toEqual([4])
  })

  it('that is set on very many trims turn by turn', () => {
    declare({})
    for (let id = 0; id < 5000; id++) publish(id & 255)
    scene.queue.apply({ ...scene.queue.settings, maxLength: 10 })
    expect(ready()).toMatchObject({ ready: 3000 })
    scene.clock.endTurn()
    scene.clock.endTurn()
    expect(ready()).toMatchObject({ ready: 10 })
  })
})

describe('a queue with priorities (§9.3)', () => {
  it('gives the highest first, and takes the others for what they are below its highest', () => {
    declare({ 'x-max-priority': 5 })
    for (const [id, priority] of [
      [1, 0],
      [2, 5],
      [3, 200],
      [4, 3],
    ] as const) {
      publishAt(id, priority)
    }
    expect(drain()).toEqual([2, 3, 4, 1])
  })

  it('is a queue with two for a highest of 0, and none without the argument', () => {
    declare({ 'x-max-priority': 0 })
    for (const id of [1, 2]) publishAt(id, id - 1)
    expect(drain()).toEqual([2, 1])
    declare({})
    for (const id of [1, 2]) publishAt(id, id - 1)
    expect(drain()).toEqual([1, 2])
  })

  it.each([
    ['its head, as RabbitMQ does', { 'x-max-priority': 5 }, [3, 1]],
    ['the lowest priority where it is a quorum queue', { 'x-queue-type': 'quorum' }, [5, 4]],
  ])('parts with %s', (_, fields, left) => {
    declare({ ...fields, 'x-max-length': 2 })
    for (const id of [3, 5, 1, 4]) publishAt(id, id)
    expect(drain()).toEqual(left)
  })

  it('waits for its head to expire, whatever waits below', () => {
    declare({ 'x-max-priority': 5 })
    scene.queue.publish(living(1, 10, false, 1), null, 0)
    scene.queue.publish(living(2, 50, false, 5), null, 0)
    scene.clock.advance(20)
    expect(ready()).toMatchObject({ ready: 2 })
    scene.clock.advance(30)
    expect(ready()).toMatchObject({ ready: 0 })
  })

  it('that is a quorum queue has 0 to 31, and 4 for messages that say nothing', () => {
    declare({ 'x-queue-type': 'quorum' })
    publish(1)
    for (const [id, priority] of [
      [2, 3],
      [3, 5],
      [4, 31],
      [5, 255],
    ] as const) {
      publishAt(id, priority)
    }
    expect(drain()).toEqual([4, 5, 3, 1, 2])
  })
})

describe('a queue that expires (§6.3)', () => {
  it('is unused without declarations, gets and consumers; publishing is no use', () => {
    declare({ 'x-expires': 100 })
    scene.clock.advance(90)
    scene.queue.used()
    scene.clock.advance(90)
    scene.get()
    scene.clock.advance(90)
    publish(1)
    scene.clock.advance(9)
    expect(scene.unused).toEqual([])
    scene.clock.advance(1)
    expect(scene.unused).toEqual([scene.queue])
  })

  it('is used while it has consumers', () => {
    declare({ 'x-expires': 100 })
    const consumer = scene.consume()
    scene.clock.advance(1000)
    scene.queue.cancel(consumer)
    scene.clock.advance(99)
    expect(scene.unused).toEqual([])
    scene.clock.advance(1)
    expect(scene.unused).toEqual([scene.queue])
  })

  it('waits for nothing when it is deleted', () => {
    declare({ 'x-expires': 100, 'x-message-ttl': 50 })
    publish(1)
    scene.queue.retire()
    scene.clock.endTurn()
    expect(scene.clock.timers).toBe(0)
  })
})
