// A vhost kept aside and put back.

import type { GetMessage } from 'amqplib'
import type { Glance, Survey } from '../../src/broker/queue/browse.ts'
import type { LocalQueue } from '../../src/broker/queue/local-queue.ts'
import { startBroker } from '../../src/testing/index.ts'
import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('a snapshot', () => {
  it('brings back what was declared, and the messages in their order', async () => {
    const { vhost, broker } = site.broker
    const channel = await site.channel()
    await channel.assertExchange('e', 'topic', { durable: false })
    await channel.assertQueue('q', { maxPriority: 3 })
    await channel.assertQueue('transient', { durable: false })
    await channel.assertQueue('mine', { exclusive: true })
    await channel.bindQueue('q', 'e', 'k.#')
    await channel.bindQueue('mine', 'e', 'k.#')
    await broker.administration.putPolicy('/', 'p', { pattern: '^transient', definition: { 'max-length': 5 } })
    for (const priority of [0, 2, 1]) await vhost.publish('e', 'k.x', { priority }, { priority })
    await vhost.publish('', 'transient', 'x', { headers: { a: 1 } })
    const held = await channel.get('q')
    const snapshot = await vhost.snapshot()

    if (held) channel.ack(held)
    await channel.purgeQueue('transient')
    await channel.deleteExchange('e')
    await channel.assertQueue('later')
    for (let round = 0; round < 2; round++) {
      await vhost.restore(snapshot)
      expect([...vhost.queues()].sort()).toEqual(['q', 'transient'])
      const bodies = (await vhost.queue('q').messages()).map(({ body }) => body)
      expect(bodies).toEqual([{ priority: 2 }, { priority: 1 }, { priority: 0 }])
      expect(await vhost.queue('transient').messages()).toMatchObject([{ body: 'x', headers: { a: 1 } }])
      expect([...(broker.vhost('/')?.policies ?? [])]).toMatchObject([{ name: 'p', pattern: '^transient' }])
      await expect(vhost.publish('e', 'k.y', 'new')).resolves.toMatchObject({ routed: ['q'] })
    }
  })

  it('brings back streams, and what a delayed exchange holds back', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('log', { arguments: { 'x-queue-type': 'stream' } })
    await channel.assertQueue('q')
    const later = { arguments: { 'x-delayed-type': 'fanout' } }
    await channel.assertExchange('later', 'x-delayed-message', later)
    await channel.bindQueue('q', 'later', '')
    for (const body of ['a', 'b']) await vhost.publish('', 'log', body)
    await vhost.publish('later', '', 'tomorrow', { headers: { 'x-delay': 86_400_000 } })
    const snapshot = await vhost.snapshot()
    await vhost.reset()
    await vhost.restore(snapshot)
    expect(vhost.queue('log').depth()).toBe(2)
    expect((await vhost.queue('log').messages()).map(({ body }) => body)).toEqual(['a', 'b'])
    await expect(vhost.waitForIdle({ timeout: 1 })).rejects.toThrow("exchange 'later' holds 1 messages back")
  })

  it('goes on with what was left of times, whatever the time is', async () => {
    await using broker = await startBroker({ clock: 'virtual' })
    const { vhost, clock } = broker
    const channel = await site.channel(broker.url)
    await channel.assertQueue('mortal', { messageTtl: 10_000, deadLetterExchange: '', deadLetterRoutingKey: 'dead' })
    for (const queue of ['dead', 'q']) await channel.assertQueue(queue)
    await channel.assertQueue('unused', { expires: 10_000 })
    const retries = { 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 10_000 }
    await channel.assertQueue('again', { arguments: { 'x-queue-type': 'quorum', ...retries } })
    await channel.assertExchange('later', 'x-delayed-message', { arguments: { 'x-delayed-type': 'fanout' } })
    await channel.bindQueue('q', 'later', '')
    await vhost.publish('', 'mortal', 'x')
    await vhost.publish('', 'dead', 'own time', { expiration: '10000' })
    await vhost.publish('', 'again', 'try')
    await vhost.publish('later', '', 'delayed', { headers: { 'x-delay': 10_000 } })
    const tried = await channel.get('again')
    if (tried) channel.nack(tried)
    await vhost.waitFor((v) => v.queue('again').unacked().length === 0)
    await clock.advance(4000)
    const snapshot = await vhost.snapshot()
    const depths = (v = vhost) => ['mortal', 'dead', 'again', 'q'].map((queue) => v.queue(queue).depth())

    await clock.advance('1d')
    for (let round = 0; round < 2; round++) {
      await vhost.restore(snapshot)
      await clock.advance(5999)
      expect(depths()).toEqual([1, 1, 0, 0])
      expect(vhost.queue('unused').exists).toBe(true)
      await clock.advance(1)
      expect(depths()).toEqual([0, 1, 1, 1])
      expect(await vhost.queue('dead').messages()).toMatchObject([
        { body: 'x', headers: { 'x-death': [{ count: 1 }] } },
      ])
      expect(vhost.queue('unused').exists).toBe(false)
    }
    const last = (await channel.get('again')) as GetMessage
    expect(last.properties.headers).toMatchObject({ 'x-acquired-count': 1 })

    // A broker with another time has the same left.
    await vhost.restore(snapshot)
    await clock.advance(5950)
    const nearly = await vhost.snapshot()
    await site.broker.vhost.restore(nearly)
    await site.broker.vhost.waitForDeadLetter({ queue: 'mortal', body: 'x' })
    await site.broker.vhost.waitFor((v) => !v.queue('unused').exists && depths(v).join() === '0,1,1,1')
  })

  it('knows what was delivered before, and how often it came back', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('classic', { maxPriority: 2 })
    await channel.assertQueue('quorum', { arguments: { 'x-queue-type': 'quorum' } })
    for (const queue of ['classic', 'quorum']) {
      for (const priority of [0, 1, 2]) await vhost.publish('', queue, `${priority}`, { priority })
    }
    // One comes back, one is held, one was not asked for.
    for (const queue of ['classic', 'quorum']) {
      const [first, second] = [await channel.get(queue), await channel.get(queue)]
      if (first) channel.nack(first)
      expect(second).toBeTruthy()
    }
    await vhost.waitFor((v) => v.unacked().length === 2)
    const snapshot = await vhost.snapshot()
    for (let round = 0; round < 2; round++) {
      await vhost.restore(snapshot)
      expect(vhost.unacked()).toEqual([])
      const found = []
      for (const queue of ['classic', 'quorum']) {
        expect(vhost.queue(queue).counts()).toEqual({ ready: 3, unacked: 0, consumers: 0 })
        for (let count = 0; count < 3; count++) {
          const { content, fields, properties } = (await channel.get(queue, { noAck: true })) as GetMessage
          found.push([queue, content.toString(), fields.redelivered, properties.headers?.['x-acquired-count']])
        }
      }
      expect(found).toEqual([
        ['classic', '2', true, undefined],
        ['classic', '1', true, undefined],
        ['classic', '0', false, undefined],
        ['quorum', '2', true, 1],
        ['quorum', '1', true, undefined],
        ['quorum', '0', false, undefined],
      ])
    }
  })

  it('keeps the numbers of a stream, dying messages, histories, and what operators have set', async () => {
    await using test = await startBroker({ clock: 'virtual' })
    const { vhost, broker, clock } = test
    const channel = await site.channel(test.url)
    await channel.assertQueue('log', {
      arguments: { 'x-queue-type': 'stream', 'x-max-length-bytes': 3000, 'x-stream-max-segment-size-bytes': 1000 },
    })
    for (let id = 0; id < 10; id++) await vhost.publish('', 'log', `${id}`.padEnd(600))
    const sure = { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' }
    const to = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
    await channel.assertQueue('dying', { arguments: { 'x-queue-type': 'quorum', ...sure, ...to } })
    await vhost.publish('', 'dying', 'x')
    const rejected = await channel.get('dying')
    if (rejected) channel.nack(rejected, false, false)
    await channel.assertExchange('history', 'x-recent-history')
    await vhost.publish('history', 'k', 'remembered')
    await broker.administration.putOperatorPolicy('/', 'o', { pattern: '.*', definition: { 'max-length': 9 } })
    await vhost.waitFor((v) => v.unacked().length === 0)
    const offsets = async () => (await vhost.queue('log').messages()).map(({ sequence, body }) => [sequence, body])
    const before = await offsets()
    expect(before[0]).toEqual([expect.any(Number), expect.not.stringMatching(/^0/)])
    const snapshot = await vhost.snapshot()
    await vhost.reset()
    expect([...(broker.vhost('/')?.operatorPolicies ?? [])]).toEqual([])
    await vhost.restore(snapshot)
    expect(await offsets()).toEqual(before)
    expect([...(broker.vhost('/')?.operatorPolicies ?? [])]).toMatchObject([{ name: 'o' }])
    expect(vhost.queue('dying').depth()).toBe(0)
    await channel.assertQueue('dead')
    await clock.advance('5s')
    expect(vhost.queue('dead').depth()).toBe(1)
    await channel.assertQueue('late')
    await channel.bindQueue('late', 'history', '')
    expect(await vhost.queue('late').messages()).toMatchObject([{ body: 'remembered' }])
  })

  it('is of the moment when it is asked for', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    for (const queue of ['a', 'b']) await channel.assertQueue(queue)
    await vhost.publish('', 'b', 'x')
    for (let round = 0; round < 2; round++) {
      const making = vhost.snapshot()
      await vhost.publish('', 'a', 'x')
      const { messages } = await making
      expect([...messages].map(([queue, kept]) => [queue, kept.length])).toEqual([
        ['a', round],
        ['b', 1],
      ])
    }
  })

  it.each([
    ['at most once', {}],
    [
      'at least once',
      { 'x-queue-type': 'quorum', 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' },
    ],
  ])('has each message once, however fast they move (%s)', async (_, args) => {
    const { vhost, broker } = site.broker
    const channel = await site.channel()
    const circle = [...'abcdefghij']
    for (const [at, queue] of circle.entries()) {
      const next = circle[(at + 1) % circle.length] ?? ''
      await channel.assertQueue(queue, { deadLetterExchange: '', deadLetterRoutingKey: next, arguments: args })
    }
    const bodies = Array.from({ length: 100 }, (_, id) => `${id}`)
    for (const body of bodies) await vhost.publish('', circle[Number(body) % 10] ?? '', body)
    const queues = [...(broker.vhost('/')?.localQueues() ?? [])]
    let moved = 0
    const move = (): void => {
      const from = queues[moved++ % queues.length]
      const got = from?.get()
      if (got && 'seq' in got) from?.reject(got.seq, false)
      moving = setImmediate(move)
    }
    let moving = setImmediate(move)
    try {
      for (let round = 0; round < 20; round++) {
        const { messages } = await vhost.snapshot()
        const found = [...messages.values()].flat().map(({ message }) => String(message.copyBody()))
        expect(found.sort()).toEqual([...bodies].sort())
        const before = moved
        await vhost.waitFor(() => moved > before + 10)
      }
    } finally {
      clearImmediate(moving)
    }
    expect(vhost.deadLetters().length).toBeGreaterThan(200)
  })

  it('has what goes to a stream before that has stored it', async () => {
    const { vhost, broker } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q', { deadLetterExchange: '', deadLetterRoutingKey: 'log' })
    await channel.assertQueue('log', { arguments: { 'x-queue-type': 'stream' } })
    for (const body of ['a', 'b']) await vhost.publish('', 'q', body)
    const queue = broker.vhost('/')?.queues.get('q')
    for (let count = 0; count < 2; count++) {
      const got = await queue?.get()
      queue?.reject(got?.seq ?? 0, false)
    }
    const { messages } = await vhost.snapshot()
    expect([...messages].map(([name, kept]) => [name, kept.map(({ message }) => String(message.copyBody()))])).toEqual([
      ['q', []],
      ['log', ['a', 'b']],
    ])
  })

  it('has what is in the store only, and nobody keeps it in memory for that', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    await channel.assertQueue('log', { arguments: { 'x-queue-type': 'stream' } })
    const bodies = Array.from({ length: 12 }, (_, id) => `${id}`.padEnd(100_000))
    for (const queue of ['q', 'log']) for (const body of bodies) await vhost.publish('', queue, body)
    await site.broker.kill()
    await site.broker.revive()
    const resident = async () => (await site.broker.broker.vhost('/')?.queues.get('q')?.details())?.resident
    const before = await resident()
    expect(before).toBeLessThan(12)
    const snapshot = await vhost.snapshot()
    expect([...snapshot.messages.values()].map((kept) => kept.length)).toEqual([12, 12])
    expect(await resident()).toBe(before)
    await vhost.restore(snapshot)
    for (const queue of ['q', 'log']) {
      expect((await vhost.queue(queue).messages()).map(({ body }) => body)).toEqual(bodies)
    }
  })

  it('says so where there is always more to be read first', async () => {
    const { vhost, broker } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    const [queue] = broker.vhost('/')?.localQueues() ?? []
    let firstSeq = 0
    function* more(): Survey {
      yield { queueId: 1, firstSeq: firstSeq++ }
    }
    const host = { readChunk: async () => null }
    Object.assign(queue as LocalQueue, { glance: (glance: Glance) => glance.run(more(), host) })
    await expect(vhost.snapshot()).rejects.toThrow(
      "no snapshot of vhost '/': in 10 looks there was always something new that is not in memory; expected a vhost that stands",
    )
  })

  it('is put back one after the other, and reset in its turn', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    for (const queue of ['q', 'p']) await channel.assertQueue(queue)
    for (const body of ['a', 'b']) await vhost.publish('', 'q', body)
    const snapshot = await vhost.snapshot()
    await Promise.all([vhost.restore(snapshot), vhost.restore(snapshot)])
    expect((await vhost.queue('q').messages()).map(({ body }) => body)).toEqual(['a', 'b'])
    const [again] = await Promise.all([vhost.snapshot(), vhost.restore(snapshot), vhost.reset()])
    expect(again.messages.get('q')).toHaveLength(2)
    expect(vhost.queues()).toEqual([])
    await Promise.all([vhost.restore(snapshot), vhost.reset(), vhost.restore(snapshot)])
    expect([vhost.queues(), vhost.queue('q').depth()]).toEqual([['q', 'p'], 2])
  })

  it('survives a restart like anything else', async () => {
    const { vhost, broker } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    await channel.assertQueue('log', { arguments: { 'x-queue-type': 'stream' } })
    for (const queue of ['q', 'log']) for (const body of ['a', 'b']) await vhost.publish('', queue, body)
    await vhost.publish('', 'q', 'gone', { persistent: false })
    const held = await channel.get('q')
    expect(held).toBeTruthy()
    const snapshot = await vhost.snapshot()
    await vhost.restore(snapshot)
    expect(vhost.queue('q').depth()).toBe(3)
    await site.broker.kill()
    await site.broker.revive()
    for (const queue of ['q', 'log']) {
      expect((await vhost.queue(queue).messages()).map(({ body }) => body)).toEqual(['a', 'b'])
    }
    expect(site.broker.broker).not.toBe(broker)
  })

  it('is what snapshot() has made', async () => {
    await expect(site.broker.vhost.restore({} as never)).rejects.toThrow('restore is for what snapshot() has resolved')
  })
})
