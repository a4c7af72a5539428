// A broker from one start to the next: what it is born with, what comes back from the store and in which state, and what
// it does when the store fails (behaviour.md §2.4, §7.6, §15).

import { Broker } from '../../src/broker/broker.ts'
import { Consumer } from '../../src/broker/consumer.ts'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { type Store, StoreError } from '../../src/broker/store.ts'
import { table } from '../../src/protocol/field-table.ts'
import { createLevelStore } from '../../src/store/level/level-store.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../support/fault-store.ts'
import { drained, Site } from '../support/site.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'

const transient = { deliveryMode: 1 }

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
    expect(broker.users.authenticate('guest', 'guest')?.tags).toEqual(['administrator'])
    expect(broker.users.permission('guest', '/')).toEqual({ configure: '.*', write: '.*', read: '.*' })
    await broker.stop()
  })

  it('makes others where it is told to, and only those', async () => {
    const { broker } = await Site.start(createMemoryStore(), {
      defaultUser: 'me',
      defaultPass: 'mine',
      defaultVhost: 'v',
    })
    expect([broker.vhost('v')?.name, broker.vhost('/')]).toEqual(['v', undefined])
    expect(broker.users.authenticate('me', 'mine')).toBeDefined()
    expect(broker.users.get('guest')).toBeUndefined()
    expect(broker.users.permission('me', 'v')).toBeDefined()
    await broker.stop()
  })

  it('is the first only once: later ones change nothing', async () => {
    const store = createMemoryStore()
    await (await Site.start(store)).broker.stop()
    const { broker } = await Site.start(store, { defaultUser: 'me', defaultPass: 'mine', defaultVhost: 'v' })
    expect([broker.vhost('v'), broker.users.get('me')]).toEqual([undefined, undefined])
    expect(broker.users.authenticate('guest', 'guest')).toBeDefined()
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
})

describe.each(['memory', 'level'])('after a restart on a store of the kind %s', (kind) => {
  let directory: string
  let store: Store
  let site: Site

  beforeEach(async () => {
    directory = await createTemporaryDirectory()
    store = kind === 'memory' ? createMemoryStore() : createLevelStore(directory, { sync: false })
    site = await Site.start(store)
  })

  afterEach(async () => {
    await site.broker.stop()
    await removeTemporaryDirectory(directory)
  })

  const stop = async () => {
    await site.broker.stop()
    site = await Site.start(store)
  }

  const crash = async () => {
    await site.clock.pass()
    await site.crash()
    site = await Site.start(store)
  }

  it.each([
    ['an orderly stop', stop],
    ['a crash', crash],
  ])('by %s what is durable is there, and nothing else (§15)', async (_, restart) => {
    await site.declareExchange('x', 'topic', { autoDelete: true, arguments: table({ 'alternate-exchange': 'ae' }) })
    await site.declareExchange('passing', 'topic', { durable: false })
    const asked = { autoDelete: true, arguments: table({ 'x-max-length': 5 }) }
    const { id } = await site.declareQueue('q', asked)
    await site.declareQueue('passing', { durable: false })
    await site.declareQueue('mine', { exclusive: true })
    for (const [source, name, key] of [
      ['x', 'q', 'a.#'],
      ['passing', 'q', 'b'],
      ['x', 'passing', 'a.b'],
    ] as const) {
      await site.bind(source, name, key, table({ n: 1 }))
    }
    await site.bindExchange('amq.fanout', 'x')
    await restart()
    expect([...site.vhost.queues.keys()]).toEqual(['q'])
    expect([...site.vhost.exchanges.keys()].filter((name) => name !== '' && !name.startsWith('amq.'))).toEqual(['x'])
    expect({ ...queue(site) }).toMatchObject({ id, durable: true, autoDelete: true, owner: null })
    expect(queue(site).arguments.get('x-max-length')).toEqual({ tag: 'I', value: 5 })
    expect({ ...site.vhost.exchange('x') }).toMatchObject({ autoDelete: true, alternate: 'ae', type: 'topic' })
    expect(site.vhost.bindings.size).toBe(2)
    expect([site.routed('x', 'a.b'), site.routed('amq.fanout', 'a')]).toEqual([['q'], ['q']])
    await site.declareQueue('q', asked)
  })

  it('persistent messages are there in order, others are not (§15)', async () => {
    await site.declareQueue('q')
    await site.declareQueue('passing', { durable: false })
    for (const body of ['a', 'b']) site.publish('', 'q', body)
    site.publish('', 'q', 'lost', transient)
    site.publish('', 'passing', 'lost')
    await site.clock.pass()
    site.publish('', 'q', 'c')
    await stop()
    expect(await drained(queue(site))).toEqual(['a', 'b', 'c'])
    await stop()
    expect(await drained(queue(site))).toEqual([])
  })

  it('what was stored is there, what was not is not', async () => {
    const declared = await site.declareQueue('q')
    expect(await site.confirmed(declared, 'a')).toBe('stored')
    site.publish('', 'q', 'too late')
    await site.crash()
    site = await Site.start(store)
    expect(await drained(queue(site))).toEqual(['a again'])
  })

  it('by a crash all messages count as delivered, by an orderly stop only those that were (§7.6)', async () => {
    await site.declareQueue('q')
    for (const body of ['a', 'b', 'c']) site.publish('', 'q', body)
    await site.clock.pass()
    await deliverOnce(queue(site))
    await stop()
    const peeked = async () => {
      const texts: string[] = []
      const seqs: number[] = []
      for (let got = await queue(site).get(); got; got = await queue(site).get()) {
        texts.push(`${got.message.copyBody()}${got.redelivered ? ' again' : ''}`)
        seqs.push(got.seq)
      }
      return { texts, seqs }
    }
    expect((await peeked()).texts).toEqual(['a again', 'b', 'c'])
    await crash()
    const { texts, seqs } = await peeked()
    expect(texts).toEqual(['a again', 'b again', 'c again'])
    for (const seq of seqs) queue(site).reject(seq, true)
    await stop()
    expect(await drained(queue(site))).toEqual(['a again', 'b again', 'c again'])
  })

  it('a crash after an orderly stop is a crash', async () => {
    await site.declareQueue('q')
    site.publish('', 'q', 'a')
    await stop()
    await crash()
    expect(await drained(queue(site))).toEqual(['a again'])
  })

  it('acked messages do not come back', async () => {
    const declared = await site.declareQueue('q')
    for (const body of ['a', 'b', 'c']) expect(await site.confirmed(declared, body)).toBe('stored')
    const [, second] = [await declared.get(), await declared.get()]
    declared.ack(second!.seq)
    site.clock.advance(1000)
    await crash()
    expect(await drained(queue(site))).toEqual(['a again', 'c again'])
  })

  it('queues have numbers that no queue had before', async () => {
    const { id } = await site.declareQueue('q')
    await stop()
    await site.topology.deleteQueue('q', site.owner, false, false)
    expect((await site.declareQueue('q')).id).toBeGreaterThan(id)
  })

  it('nothing is stored of a queue that is no longer declared', async () => {
    const { id } = await site.declareQueue('q')
    site.publish('', 'q', 'a')
    await site.broker.stop()
    const lease = await store.open()
    await store.meta.load()
    const chunks = [{ queueId: 77, firstSeq: 1, bytes: [Buffer.from('whose?')] }]
    const marks = [{ queueId: 78, nextSeq: 9, headSeq: 1 }]
    await store.messages.commit(lease, { chunks, summaries: [], dropped: [], marks })
    expect(await store.messages.queueIds()).toEqual([77, 78, id])
    await store.close()
    site = await Site.start(store)
    expect(await store.messages.queueIds()).toEqual([id])
    await site.topology.deleteQueue('q', site.owner, false, false)
    await stop()
    expect(await store.messages.queueIds()).toEqual([])
  })

  describe('with damage in the store', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(10_000)) as [string, string, string]
    /** Where the second of three chunks begins. */
    const firstSeq = 2
    const line = (text: string, more: object = {}) => ({
      level: 'error',
      fields: { queue: 'q', vhost: '/', firstSeq, ...more },
      message: `a stored chunk ${text}`,
    })
    const wrong = { summary: 'the checksum of its summary is wrong', chunk: 'its checksum is wrong' }

    /** Stores three bodies that are large enough for a chunk each, turns a bit over in the second one, and starts again. */
    async function damage(...what: ('chunk' | 'summary')[]): Promise<void> {
      const { id: queueId } = await site.declareQueue('q')
      for (const body of [a, b, c]) site.publish('', 'q', body)
      await site.broker.stop()
      const lease = await store.open()
      await store.meta.load()
      const found = new Map<number, Buffer>()
      for await (const { firstSeq, summary } of store.messages.recover(queueId)) found.set(firstSeq, summary)
      expect([...found.keys()]).toEqual([1, firstSeq, 3])
      const chunk = (await store.messages.read({ queueId, firstSeq })) as Buffer
      const summary = found.get(firstSeq) as Buffer
      for (const bytes of [what.includes('chunk') ? chunk : [], what.includes('summary') ? summary : []]) {
        if (bytes.length > 0) bytes[bytes.length - 1]! ^= 1
      }
      const batch = {
        chunks: [{ queueId, firstSeq, bytes: [chunk] }],
        summaries: [{ queueId, firstSeq, bytes: [summary] }],
      }
      await store.messages.commit(lease, { ...batch, dropped: [], marks: [] })
      await store.close()
      site = await Site.start(store)
    }

    it('a chunk is set aside when its turn comes, which is said, and the rest is there', async () => {
      await damage('chunk')
      const said = line(`is set aside: ${wrong.chunk}`, { messages: 1 })
      expect(await drained(queue(site))).toEqual([a, c])
      expect(site.log.lines).toEqual([said])
      site.publish('', 'q', 'd')
      await stop()
      expect(await drained(queue(site))).toEqual(['d'])
      // It lies where it was.
      expect(site.log.lines).toEqual([said])
    })

    it('a chunk without its summary is read in full', async () => {
      await damage('summary')
      expect(site.log.lines).toEqual([line(`is read in full: ${wrong.summary}`)])
      expect(await drained(queue(site))).toEqual([a, b, c])
      await stop()
      expect([await drained(queue(site)), site.log.lines]).toEqual([[], []])
    })

    it('a chunk of which neither can be read is set aside at once', async () => {
      await damage('chunk', 'summary')
      expect(site.log.lines).toEqual([line(`is read in full: ${wrong.summary}`), line(`is set aside: ${wrong.chunk}`)])
      expect(queue(site).stats()).toMatchObject({ ready: 2 })
      expect(await drained(queue(site))).toEqual([a, c])
    })
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
