// What the maker gives to queues, and from when on they do something by themselves.

import { queueEntry } from '../../src/broker/entries.ts'
import { Maker, type MakerHost } from '../../src/broker/maker.ts'
import type { Committer } from '../../src/broker/queue/committer.ts'
import type { Owner, Queue } from '../../src/broker/queue/queue.ts'
import { SegmentMemory } from '../../src/broker/queue/segment-memory.ts'
import { Vhost } from '../../src/broker/vhost.ts'
import { ManualClock } from '../support/manual-clock.ts'

const EXPIRES_MS = 1000
const args = new Map([['x-expires', { tag: 'I' as const, value: EXPIRES_MS }]])

describe('a maker', () => {
  const clock = new ManualClock()
  const removed: string[] = []
  const errors: string[] = []
  const owner = { id: 7, exclusiveQueues: new Set() } as unknown as Owner
  let remove: (queue: Queue) => Promise<void>
  const host: MakerHost = {
    clock,
    logger: { error: (_: object, text: string) => errors.push(text) } as unknown as MakerHost['logger'],
    committer: {} as Committer,
    memory: SegmentMemory.within(undefined),
    messages: { read: async () => null },
    events: { tell: () => {} },
    owner: (id) => (id === owner.id ? owner : undefined),
    remove: (queue) => remove(queue),
  }
  const entry = (ownerId: number) =>
    queueEntry.write({ id: 1, durable: false, autoDelete: false, owner: ownerId, arguments: args })

  beforeEach(() => {
    remove = async ({ name }) => void removed.push(name)
    removed.length = 0
    errors.length = 0
  })

  it('knows whose an exclusive queue is', () => {
    const maker = new Maker(host)
    const vhost = new Vhost('v', () => 0)
    expect(maker.queue(vhost, 'mine', entry(owner.id)).owner).toBe(owner)
    expect(maker.queue(vhost, 'anybody’s', entry(0)).owner).toBeNull()
  })

  it('has unused queues deleted once all is recovered, not before', () => {
    const maker = new Maker(host)
    const vhost = new Vhost('v', () => 0)
    vhost.putQueue(maker.queue(vhost, 'q', entry(0)), 1)
    clock.advance(EXPIRES_MS * 2)
    expect(removed).toEqual([])
    maker.begin([vhost])
    clock.advance(EXPIRES_MS * 2)
    expect(removed).toEqual(['q'])
  })

  it('tells when one could not be deleted', async () => {
    const maker = new Maker(host)
    const vhost = new Vhost('v', () => 0)
    vhost.putQueue(maker.queue(vhost, 'q', entry(0)), 1)
    remove = () => Promise.reject(new Error('no'))
    maker.begin([vhost])
    clock.advance(EXPIRES_MS * 2)
    await Promise.resolve()
    expect(errors).toEqual(['unused queue could not be deleted'])
  })
})
