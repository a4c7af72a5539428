// The stream as its consumers and publishers see it (behaviour.md §11): everybody reads everything, acks make room, and what
// is read can be read again.

import { connectionError } from '../../support/errors.ts'
import { messageOf, StreamScene } from './trial/stream-scene.ts'

describe('a stream', () => {
  it('gives everything to every consumer, each from its own place, with its offset in a header', async () => {
    const scene = await StreamScene.begin()
    await scene.stored('a', 'b', 'c')
    const first = await scene.read({ 'x-stream-offset': 'first' })
    const second = await scene.read({ 'x-stream-offset': 1 })
    const next = await scene.read({})
    expect(first.given).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ])
    expect(second.takeBodies()).toEqual(['b', 'c'])
    expect(next.given).toEqual([])
    await scene.stored('d')
    expect([first, second, next].map((reader) => reader.given.at(-1))).toEqual([
      [3, 'd'],
      [3, 'd'],
      [3, 'd'],
    ])
    expect(scene.queue.stats()).toMatchObject({ ready: 4, unacked: 8, consumers: 3 })
  })

  it('keeps the headers that a message has, but for the offset that it had elsewhere', async () => {
    const scene = await StreamScene.begin()
    scene.publishWith('a', { k: 'v', 'x-stream-offset': 99 })
    await scene.settle()
    const reader = await scene.read({ 'x-stream-offset': 'first' })
    expect([...reader.headers]).toEqual([
      ['k', { tag: 'S', value: 'v' }],
      ['x-stream-offset', { tag: 'l', value: 0 }],
    ])
  })

  it('delivers no more than the prefetch, and the next ones for acks, nacks and rejects alike', async () => {
    const scene = await StreamScene.begin()
    await scene.stored('a', 'b', 'c', 'd')
    const reader = await scene.read({ 'x-stream-offset': 'first' }, { prefetch: 2 })
    expect(reader.takeBodies()).toEqual(['a', 'b'])
    expect(reader.consumer.parked).toBe(true)
    reader.ack(1)
    expect(reader.takeBodies()).toEqual(['c'])
    scene.queue.reject(2, true)
    scene.queue.reject(3, false)
    await scene.settle()
    expect(reader.takeBodies()).toEqual([])
    expect((await scene.all()).map(([, body]) => body)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('tells publishers once the message is stored, and readers get it no earlier', async () => {
    const scene = await StreamScene.begin()
    const reader = await scene.read({ 'x-stream-offset': 'first' })
    const hold = scene.store.messages.holdNextCommit()
    scene.publish('a')
    await scene.settle()
    await hold.reached
    expect([scene.told, reader.given, scene.queue.stats()]).toEqual([[], [], expect.objectContaining({ ready: 0 })])
    hold.release()
    await scene.settle()
    expect(scene.told).toEqual([[1, 'stored']])
    expect(reader.takeBodies()).toEqual(['a'])
  })

  it('says of what could not be stored that it was not, and stores it with the next', async () => {
    const scene = await StreamScene.begin()
    scene.store.messages.failNextCommit('failed', { applied: false })
    scene.publish('a')
    await scene.settle()
    expect(scene.told).toEqual([[1, 'rejected']])
    scene.clock.advance(1000)
    await scene.stored('b')
    expect(await scene.all()).toEqual([
      [0, 'a'],
      [1, 'b'],
    ])
  })

  it('takes messages for which nobody waits', async () => {
    const scene = await StreamScene.begin()
    expect(scene.queue.publish(messageOf('a'), null, 0)).toBe('stored')
    await scene.settle()
    expect(await scene.all()).toEqual([[0, 'a']])
  })

  it('has no next message to get, and nothing to purge', async () => {
    const { queue } = await StreamScene.begin()
    const text = (what: string) => `${what} not supported by stream queues queue 's' in vhost '/'`
    expect(() => queue.get()).toThrow(connectionError(540, text('basic.get')))
    expect(() => queue.purge()).toThrow(connectionError(540, text('queue.purge')))
  })

  it('begins, where a time is asked for, with the first message that came then', async () => {
    const scene = await StreamScene.begin()
    await scene.stored('old')
    scene.clock.advance(60_000)
    await scene.stored('new')
    const seconds = scene.clock.now() / 1000
    const at = (value: number) => scene.read(new Map([['x-stream-offset', { tag: 'T', value }]]))
    expect((await at(seconds - 30)).takeBodies()).toEqual(['new'])
    expect((await at(seconds - 90)).takeBodies()).toEqual(['old', 'new'])
    expect((await scene.read({ 'x-stream-offset': '30s' })).takeBodies()).toEqual(['new'])
    const future = await at(seconds + 3600)
    await scene.stored('next')
    expect(future.takeBodies()).toEqual(['next'])
  })

  it('begins, where the last is asked for, with what was stored together last, also after a restart', async () => {
    const scene = await StreamScene.begin()
    await scene.stored('a', 'b')
    await scene.stored('c', 'd')
    expect((await scene.read({ 'x-stream-offset': 'last' })).takeBodies()).toEqual(['c', 'd'])
    await scene.restart()
    expect((await scene.read({ 'x-stream-offset': 'last' })).takeBodies()).toEqual(['c', 'd'])
  })

  it('waits for an offset that is beyond its end', async () => {
    const scene = await StreamScene.begin()
    const reader = await scene.read({ 'x-stream-offset': 2 })
    await scene.stored('a', 'b')
    expect(reader.given).toEqual([])
    await scene.stored('c')
    expect(reader.given).toEqual([[2, 'c']])
  })

  it('gives only what a filter asks for', async () => {
    const scene = await StreamScene.begin()
    scene.publishWith('red', { 'x-stream-filter-value': 'red' })
    scene.publishWith('blue', { 'x-stream-filter-value': 'blue' })
    scene.publishWith('none')
    await scene.settle()
    const from = { 'x-stream-offset': 'first', 'x-stream-filter': 'red' }
    expect((await scene.read(from)).takeBodies()).toEqual(['red'])
    const both = await scene.read({ ...from, 'x-stream-match-unfiltered': true })
    expect(both.takeBodies()).toEqual(['red', 'none'])
  })

  it('says what its consumers have before them, since when, and what of it is in memory', async () => {
    const scene = await StreamScene.begin({ 'x-stream-max-segment-size-bytes': 1 })
    const began = scene.clock.now()
    await scene.stored('a')
    scene.clock.advance(1000)
    await scene.stored('b')
    await scene.stored('c')
    const reader = await scene.read({ 'x-stream-offset': 'first' }, { prefetch: 1 })
    const details = scene.queue.details()
    expect(details).toMatchObject({ ready: 3, readyBytes: 3, persistent: 3, persistentBytes: 3, readySince: began })
    expect(details).toMatchObject({ consumerList: [reader.consumer], lags: [{ messages: 2, since: began + 1000 }] })
    // The chunk that is read, and the next one ahead of need.
    expect([details.resident, details.residentBytes]).toEqual([2, 2])
    expect(details.storedBytes).toBeGreaterThan(3 * 16)
    reader.ack(1)
    await scene.settle()
    reader.ack(1)
    await scene.settle()
    expect(scene.queue.details().lags).toEqual([{ messages: 0, since: null }])
    scene.queue.cancel(reader.consumer)
    expect(scene.queue.details()).toMatchObject({ consumerList: [], lags: [], resident: 0, memoryBytes: 0 })
  })

  it('serves many readers in turns, however much there is to read', async () => {
    const scene = await StreamScene.begin()
    await scene.stored(...Array.from({ length: 1000 }, (_, i) => `${i}`))
    const one = await scene.read({ 'x-stream-offset': 'first' }, { prefetch: 0 })
    const full = await scene.read({ 'x-stream-offset': 'first' }, { prefetch: 0 })
    expect([one.given.length, full.given.length]).toEqual([1000, 1000])
    full.full = true
    await scene.stored('1000')
    expect([one.given.length, full.given.length]).toEqual([1001, 1000])
    full.full = false
    scene.queue.wake(full.consumer)
    scene.queue.handOut()
    expect(full.given.at(-1)).toEqual([1000, '1000'])
  })

  it('tells its consumers when it is deleted, and answers publishers that wait', async () => {
    const scene = await StreamScene.begin()
    const reader = await scene.read({})
    scene.publish('a')
    scene.queue.retire()
    expect([scene.told, reader.ended]).toEqual([[[1, 'stored']], false])
    await scene.settle()
    expect([reader.ended, scene.queue.deleted]).toEqual([true, true])
    expect(scene.queue.publish(messageOf('b'), null, 0)).toBe('stored')
    expect(await scene.store.messages.queueIds()).toEqual([])
  })

  it('keeps messages and offsets over a restart, and never gives an offset twice', async () => {
    const scene = await StreamScene.begin({ 'x-max-age': '1m', 'x-stream-max-segment-size-bytes': 1 })
    await scene.stored('a')
    await scene.stored('b')
    await scene.restart()
    expect(await scene.all()).toEqual([
      [0, 'a'],
      [1, 'b'],
    ])
    scene.clock.advance(61_000)
    await scene.stored('c')
    await scene.settle()
    expect(await scene.all()).toEqual([[2, 'c']])
    await scene.restart()
    await scene.stored('d')
    expect((await scene.all()).at(-1)).toEqual([3, 'd'])
  })

  it('lets whole segments go that are too old, when their time comes', async () => {
    const scene = await StreamScene.begin({ 'x-max-age': '1h', 'x-stream-max-segment-size-bytes': 1 })
    await scene.stored('a')
    scene.clock.advance(1_800_000)
    await scene.stored('b')
    scene.clock.advance(1_800_001)
    await scene.settle()
    expect(await scene.all()).toEqual([[1, 'b']])
    scene.clock.advance(7_200_000)
    await scene.settle()
    expect(await scene.all()).toEqual([[1, 'b']])
  })

  it('obeys what a policy says of its size from now on', async () => {
    const scene = await StreamScene.begin({ 'x-stream-max-segment-size-bytes': 1 })
    for (const body of ['a', 'b', 'c']) await scene.stored(body)
    scene.queue.apply({ ...scene.queue.settings, maxLengthBytes: 100 })
    await scene.settle()
    const [oldest] = await scene.all()
    expect(oldest).toEqual([2, 'c'])
  })

  it('moves a reader on whose messages are gone', async () => {
    const scene = await StreamScene.begin({ 'x-stream-max-segment-size-bytes': 1 })
    for (const body of ['a', 'b', 'c']) await scene.stored(body)
    const reader = await scene.read({ 'x-stream-offset': 'first' }, { prefetch: 1 })
    scene.queue.apply({ ...scene.queue.settings, maxLengthBytes: 100 })
    reader.ack(1)
    await scene.settle()
    expect(reader.given).toEqual([
      [0, 'a'],
      [2, 'c'],
    ])
  })

  it('does nothing by itself once the broker stops', async () => {
    const scene = await StreamScene.begin({ 'x-max-age': '1h', 'x-stream-max-segment-size-bytes': 1 })
    await scene.stored('a')
    await scene.stored('b')
    scene.queue.mark()
    expect(scene.clock.timers).toBe(0)
  })

  it('says what cannot be read, once, and serves the rest', async () => {
    const scene = await StreamScene.begin({ 'x-stream-max-segment-size-bytes': 1 })
    for (const body of ['a', 'b', 'c']) await scene.stored(body)
    scene.damaged.add(2)
    const one = await scene.read({ 'x-stream-offset': 'first' })
    const other = await scene.read({ 'x-stream-offset': 'first' })
    for (const reader of [one, other]) {
      expect(reader.given).toEqual([
        [0, 'a'],
        [2, 'c'],
      ])
    }
    expect(scene.lost).toEqual([[2, 1, expect.stringContaining('version')]])
    expect(scene.queue.stats().ready).toBe(2)
  })

  it('reads a chunk whose summary is damaged, and goes on behind it', async () => {
    const scene = await StreamScene.begin()
    await scene.stored('a', 'b')
    const key = { queueId: 7, firstSeq: 1 }
    const batch = { chunks: [], summaries: [{ ...key, bytes: Buffer.alloc(52) }], dropped: [], marks: [] }
    await scene.store.messages.commit({ epoch: 1 }, batch)
    await scene.restart()
    await scene.stored('c')
    expect(await scene.all()).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ])
  })
})
