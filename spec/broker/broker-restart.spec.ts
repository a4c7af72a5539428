// A broker from one start to the next: what comes back from the store, in which order and state, over both stores
// (behaviour.md §7.6, §15).

import type { Queue } from '../../src/broker/queue/queue.ts'
import { table } from '../../src/protocol/field-table.ts'
import { KeptStore, storeKinds } from '../support/kept-store.ts'
import { drained, Site } from '../support/site.ts'

const transient = { deliveryMode: 1 }

function queue(site: Site, name = 'q'): Queue {
  return site.vhost.queues.get(name) as Queue
}

/** Takes a message and gives it back. */
async function deliverOnce(queue: Queue): Promise<void> {
  const got = await queue.get()
  queue.reject(got!.seq, true)
}

describe.each(storeKinds)('after a restart on a store of the kind %s', (kind) => {
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

  const stop = async () => {
    site = await site.restarted()
  }

  const crash = async () => {
    site = await site.afterCrash()
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
    expect(site.log.lines).toEqual([])
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
    site = await Site.start(site.store)
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

  it('sequence numbers go on, also where nothing is left', async () => {
    const declared = await site.declareQueue('q')
    for (const body of ['a', 'b', 'c']) await site.confirmed(declared, body)
    expect(await drained(declared)).toHaveLength(3)
    await stop()
    site.publish('', 'q', 'd')
    expect(await queue(site).get()).toMatchObject({ seq: 4, remaining: 0 })
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
    const lease = await kept.store.open()
    await kept.store.meta.load()
    const chunks = [{ queueId: 77, firstSeq: 1, bytes: Buffer.from('whose?') }]
    const marks = [{ queueId: 78, nextSeq: 9, headSeq: 1 }]
    await kept.store.messages.commit(lease, { chunks, summaries: [], dropped: [], marks })
    expect(await kept.store.messages.queueIds()).toEqual([77, 78, id])
    await kept.store.close()
    site = await Site.start(site.store)
    expect(await kept.store.messages.queueIds()).toEqual([id])
    await site.topology.deleteQueue('q', site.owner, false, false)
    await stop()
    expect(await kept.store.messages.queueIds()).toEqual([])
  })

  describe('with damage in the store', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(200_000)) as [string, string, string]
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
      const lease = await kept.store.open()
      await kept.store.meta.load()
      const found = new Map<number, Buffer>()
      for await (const { firstSeq, summary } of kept.store.messages.recover(queueId)) found.set(firstSeq, summary)
      expect([...found.keys()]).toEqual([1, firstSeq, 3])
      const chunk = (await kept.store.messages.read({ queueId, firstSeq })) as Buffer
      const summary = found.get(firstSeq) as Buffer
      for (const bytes of [what.includes('chunk') ? chunk : [], what.includes('summary') ? summary : []]) {
        if (bytes.length > 0) bytes[bytes.length - 1]! ^= 1
      }
      const batch = {
        chunks: [{ queueId, firstSeq, bytes: chunk }],
        summaries: [{ queueId, firstSeq, bytes: summary }],
      }
      await kept.store.messages.commit(lease, { ...batch, dropped: [], marks: [] })
      await kept.store.close()
      site = await Site.start(site.store)
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
