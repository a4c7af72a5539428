// The classic queue where its backlog is on disk: consumers and basic.get wait for what is being read back, and everything
// else goes on meanwhile (§7.2, §7.5).

import type { Got } from '../../../src/broker/queue/queue.ts'
import { idOf, makeMessage } from './trial/messages.ts'
import { plainQueue, Scene } from './trial/scene.ts'

/** Messages of a segment, and segments from the head on that are kept. */
const EACH = 4
const KEPT = 5

const text = (got: Got | null) => got && `${idOf(got.message)} as ${got.seq}, ${got.remaining} remain`

describe('a classic queue with a backlog on disk', () => {
  let scene: Scene

  /** Publishes so many segments, numbered from 1; those beyond the head's neighbours leave memory. */
  async function backlog(segments: number, kept = KEPT): Promise<void> {
    let bytesEach = 0
    for (let id = 1; id <= segments * EACH; id++) {
      scene.publishConfirmed(id, 'page')
      if (id % EACH === 0) await scene.clock.pass()
      if (id === EACH) bytesEach = scene.memory.used
    }
    expect(scene.told).toHaveLength(segments * EACH)
    expect(Math.round(scene.memory.used / bytesEach)).toBe(kept)
  }

  /** A basic.get that has to wait, and what it brings. */
  function waitingGet(): Promise<string | null> {
    const got = scene.queue.get()
    if (!(got instanceof Promise)) throw new Error('it does not wait')
    return got.then(text)
  }

  const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

  beforeEach(async () => {
    scene = await Scene.begin()
  })

  afterEach(() => scene.store.close())

  it('delivers all of it in order, to consumers in turn', async () => {
    await backlog(9)
    const tags = ['a', 'b', 'c']
    for (const tag of tags) scene.consume({ tag, noAck: tag === 'b' })
    expect(scene.mailbox.given.length).toBeLessThan(9 * EACH)
    await scene.reads.endAll()
    // The first one was there alone when it was given what was in memory.
    expect(scene.mailbox.given.map(({ id }) => id)).toEqual(ids(1, 9 * EACH))
    const turns = scene.mailbox.given.slice(KEPT * EACH).map(({ consumer }) => consumer.tag)
    expect(turns).toEqual(turns.map((_, i) => tags[(tags.indexOf(turns[0] as string) + i) % 3]))
    expect(scene.reads.begun).toBe(9 - KEPT)
  })

  it.each(['at once', 'never'])('reads ahead of need where messages are settled %s', async (when) => {
    await backlog(9)
    for (const segment of [1, 2, 3, 4]) {
      for (const seq of scene.take(EACH)) if (when === 'at once') scene.queue.ack(seq)
      // The first message of the next one.
      const [seq] = scene.take(1)
      scene.queue.reject(seq as number, true)
      expect(scene.reads.begun).toBe(segment)
    }
  })

  it('keeps everything in memory where there is enough of it', async () => {
    scene = await Scene.begin(2 ** 30)
    await backlog(9, 9)
    expect(scene.take(9 * EACH)).toEqual(ids(1, 9 * EACH))
    expect(scene.reads.begun).toBe(0)
  })

  it('delivers what is published meanwhile after what is read back', async () => {
    await backlog(6)
    scene.consume({ tag: 'a', noAck: true })
    expect(scene.given()).toHaveLength(KEPT * EACH)
    scene.publish(100)
    expect(scene.given()).toEqual([])
    await scene.reads.endAll()
    expect(scene.given()).toEqual([...ids(21, 24), 100].map((id) => `${id} to a`))
  })

  it('keeps what is read back for a consumer that has gone meanwhile', async () => {
    await backlog(6)
    const consumer = scene.consume({ tag: 'a' })
    scene.queue.cancel(consumer)
    await scene.reads.endAll()
    expect(scene.given()).toHaveLength(KEPT * EACH)
    expect(scene.queue.stats()).toEqual({ ready: EACH, unacked: KEPT * EACH, consumers: 0 })
    expect(scene.get()).toEqual([21, false])
  })

  it('delivers what comes back while it reads', async () => {
    await backlog(6)
    scene.take(KEPT * EACH)
    scene.consume({ tag: 'a' })
    expect(scene.given()).toEqual([])
    scene.queue.reject(7, true)
    scene.clock.endTurn()
    expect(scene.given()).toEqual(['7 to a'])
    await scene.reads.endAll()
    expect(scene.given()).toEqual(ids(21, 24).map((id) => `${id} to a`))
  })

  it('lets basic.get wait, and each gets its own message', async () => {
    await backlog(6)
    scene.take(KEPT * EACH)
    const gets = [waitingGet(), waitingGet(), waitingGet()]
    expect(scene.queue.stats()).toEqual({ ready: EACH, unacked: KEPT * EACH, consumers: 0 })
    expect(scene.reads.begun).toBe(1)
    await scene.reads.endAll()
    expect(await Promise.all(gets)).toEqual(['21 as 21, 3 remain', '22 as 22, 2 remain', '23 as 23, 1 remain'])
    expect(text(scene.gotten())).toBe('24 as 24, 0 remain')
    expect(scene.gotten()).toBeNull()
  })

  it('answers a basic.get that waited in vain: a consumer was faster', async () => {
    await backlog(6)
    scene.take(KEPT * EACH)
    const got = waitingGet()
    scene.consume({ tag: 'a' })
    await scene.reads.endAll()
    expect(scene.given()).toEqual(ids(21, 24).map((id) => `${id} to a`))
    expect(await got).toBeNull()
  })

  it('is purged while it reads', async () => {
    await backlog(8)
    scene.take(KEPT * EACH)
    const got = waitingGet()
    expect(scene.queue.purge()).toBe(3 * EACH)
    expect(scene.queue.stats()).toEqual({ ready: 0, unacked: KEPT * EACH, consumers: 0 })
    scene.publish(100)
    await scene.reads.endAll()
    expect(await got).toBe('100 as 33, 0 remain')
    expect(scene.lost).toEqual([])
    for (const seq of ids(1, KEPT * EACH)) scene.queue.ack(seq)
    scene.queue.ack(33)
    scene.clock.advance(20)
    await scene.clock.pass()
    for await (const { firstSeq } of scene.store.messages.recover(plainQueue.id)) {
      throw new Error(`chunk ${firstSeq} is left`)
    }
  })

  it('is deleted while it reads', async () => {
    await backlog(8)
    scene.take(KEPT * EACH)
    const got = waitingGet()
    scene.queue.retire()
    expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 0, consumers: 0 })
    await scene.clock.pass()
    await scene.reads.endAll()
    expect([await got, scene.lost, scene.memory.used]).toEqual([null, [], 0])
    expect(await scene.store.messages.queueIds()).toEqual([])
  })

  it.each([
    ['damaged', 'its checksum is wrong'],
    ['gone', 'it is not there'],
    ['failed', 'StoreError: the spec made this read fail'],
  ] as const)(
    'goes on without a chunk whose read brings it back %s, says so once, and lets it lie',
    async (fate, why) => {
      await backlog(8)
      // Everything stays unacked.
      scene.consume({ tag: 'a' })
      scene.reads.pick(0)?.end(fate)
      await scene.clock.settle()
      expect(scene.lost).toEqual([[21, EACH, why]])
      await scene.reads.endAll()
      expect(scene.mailbox.given.map(({ id }) => id)).toEqual([...ids(1, 20), ...ids(25, 32)])
      expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 7 * EACH, consumers: 1 })
      expect([scene.lost.length, scene.reads.begun]).toEqual([1, 3])
      for (const { seq } of scene.mailbox.given) scene.queue.ack(seq)
      scene.clock.advance(20)
      await scene.clock.pass()
      const left: number[] = []
      for await (const { firstSeq } of scene.store.messages.recover(plainQueue.id)) left.push(firstSeq)
      expect(left).toEqual([21])
    },
  )

  it('answers a basic.get whose message cannot be read with the next one', async () => {
    await backlog(7)
    scene.take(KEPT * EACH)
    const got = waitingGet()
    scene.reads.pick(0)?.end('damaged')
    await scene.reads.endAll()
    expect(await got).toBe('25 as 25, 3 remain')
  })
})

describe('transient messages under pressure', () => {
  const PAGES = 900
  let scene: Scene

  /** Publishes so many transient messages, a turn for each that fills a part of a segment. */
  async function fill(): Promise<void> {
    for (let id = 1; id <= PAGES; id++) {
      scene.queue.publish(makeMessage(id, 'page'), null, 0)
      if (id % 20 > 0) continue
      scene.clock.advance(20)
      await scene.clock.pass()
    }
  }

  /** Takes and acks everything, as it is read back. */
  async function drain(): Promise<readonly number[]> {
    const ids: number[] = []
    while (scene.queue.stats().ready > 0) {
      const got = scene.queue.get()
      if (got instanceof Promise) await scene.reads.endAll()
      const { message, seq } = (await got) as Got
      ids.push(idOf(message))
      scene.queue.ack(seq)
    }
    return ids
  }

  async function chunks(): Promise<number> {
    scene.clock.advance(20)
    await scene.clock.pass()
    let count = 0
    for await (const _ of scene.store.messages.recover(plainQueue.id)) count++
    return count
  }

  it.each([true, false])('leave memory and come back in order, in a durable queue: %p', async (durable) => {
    scene = await Scene.begin(0, 100_000)
    scene.remake({ durable })
    await fill()
    expect(await chunks()).toBeGreaterThan(5)
    // Of 4.5 MB, the head's neighbours are there and the tail.
    expect(scene.memory.used).toBeLessThan(2_000_000)
    expect(await drain()).toEqual(Array.from({ length: PAGES }, (_, at) => at + 1))
    expect(await chunks()).toBe(0)
    await scene.store.close()
  })

  it('stay where they are while there is room', async () => {
    scene = await Scene.begin()
    await fill()
    expect(await chunks()).toBe(0)
    await scene.store.close()
  })

  it('do not survive a restart for having been stored', async () => {
    scene = await Scene.begin(0, 100_000)
    await fill()
    expect(await chunks()).toBeGreaterThan(0)
    const again = scene.remake()
    for await (const chunk of scene.store.messages.recover(plainQueue.id)) again.log(plainQueue.id).recover(chunk)
    again.log(plainQueue.id).recovered(0, 1000)
    expect(again.stats().ready).toBe(0)
    expect(await chunks()).toBe(0)
    await scene.store.close()
  })
})
