// What topology does when several ask at the same time, and when the store is slow or refuses: a disk that a spec holds
// decides who comes first (spec/support/fault-store.ts).

import type { Owner } from '../../src/broker/queue/queue.ts'
import type { MetaStore, Store } from '../../src/broker/store.ts'
import { table } from '../../src/protocol/field-table.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { notFound } from '../support/errors.ts'
import { type FaultyStore, faultyStore } from '../support/fault-store.ts'
import { bindingSpec, NO_ARGUMENTS, Site } from '../support/site.ts'

const storeError = (kind: string) => expect.objectContaining({ name: 'StoreError', kind })

let inner: Store
let store: FaultyStore
let site: Site

beforeEach(async () => {
  inner = createMemoryStore()
  store = faultyStore(inner)
  site = await Site.start(store)
  await site.declareQueue('q')
  await site.declareExchange('x', 'direct')
})

afterEach(() => site.broker.stop())

const deleteQueue = (name: string, owner: Owner = site.owner) => site.topology.deleteQueue(name, owner, false, false)

/** Lets `first` come to the disk and wait there, starts `second`, lets both go on, and returns how they ended. */
async function overtaken(first: () => Promise<unknown>, second: () => Promise<unknown>) {
  const hold = store.meta.holdNextCommit()
  const asked = [first()]
  await hold.reached
  asked.push(second())
  await site.clock.settle()
  hold.release()
  return Promise.allSettled(asked)
}

/** What is declared, as the next start would find it. */
async function restart(): Promise<void> {
  await site.broker.stop()
  store = faultyStore(inner)
  site = await Site.start(store)
}

const fulfilled = (value?: unknown) => ({ status: 'fulfilled', value })

describe('two declarations at the same time', () => {
  it('of the same queue are one queue', async () => {
    const other = site.broker.registerOwner()
    const [one, two] = await Promise.all([site.declareQueue('new'), site.declareQueue('new', {}, other)])
    expect(one).toBe(two)
    expect([...site.vhost.localQueues()].filter(({ name }) => name === 'new')).toEqual([one])
  })

  it('of the same exchange are one exchange', async () => {
    await Promise.all([site.declareExchange('new', 'topic'), site.declareExchange('new', 'topic')])
    expect(site.vhost.exchange('new').type).toBe('topic')
  })

  it('that differ are an error to the later', async () => {
    const [one, two, three, four] = await Promise.allSettled([
      site.declareQueue('new'),
      site.declareQueue('new', { durable: false }),
      site.declareExchange('xnew', 'topic'),
      site.declareExchange('xnew', 'fanout'),
    ])
    expect([one, three]).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }])
    expect([two, four]).toMatchObject([
      { reason: { code: 406, message: expect.stringMatching(/'durable' .* received 'false' but current is 'true'/) } },
      { reason: { code: 406, message: expect.stringMatching(/'type' .* received 'fanout' but current is 'topic'/) } },
    ])
  })

  it('where one is exclusive are an error to the other', async () => {
    const outcomes = await Promise.allSettled([
      site.declareQueue('new'),
      site.declareQueue('new', { exclusive: true }, site.broker.registerOwner()),
    ])
    expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 405 } }])
  })

  it('of a binding are one binding', async () => {
    await Promise.all([site.bind('x', 'q', 'k'), site.bind('x', 'q', 'k')])
    expect(site.vhost.bindings.size).toBe(1)
  })
})

describe('a deletion that comes while a bind is on its way', () => {
  const bind = () => site.bind('x', 'q', 'k')

  /** Nothing is left of the binding: not in the tables, not in routes, not in the store, and it can be made anew. */
  async function isGone(): Promise<void> {
    expect(site.vhost.bindings.size).toBe(0)
    await restart()
    expect(site.vhost.bindings.size).toBe(0)
    await site.declareQueue('q')
    await site.declareExchange('x', 'direct')
    expect(site.routed('x', 'k')).toEqual([])
    await bind()
    expect(site.routed('x', 'k')).toEqual(['q'])
  }

  it('takes the binding with the queue', async () => {
    expect(await overtaken(bind, () => deleteQueue('q'))).toEqual([fulfilled(), fulfilled(0)])
    expect(site.routed('x', 'k')).toEqual([])
    await isGone()
  })

  it('takes the binding with the exchange that it starts from', async () => {
    const remove = () => site.topology.deleteExchange('x', false)
    expect(await overtaken(bind, remove)).toEqual([fulfilled(), fulfilled()])
    await isGone()
  })

  it('takes the binding with the exchange that it leads to', async () => {
    await site.declareExchange('to', 'fanout')
    const remove = () => site.topology.deleteExchange('to', false)
    expect(await overtaken(() => site.bindExchange('x', 'to', 'k'), remove)).toEqual([fulfilled(), fulfilled()])
    await isGone()
  })

  it('takes the binding with a queue that is deleted by nobody’s order', async () => {
    const queue = await site.declareQueue('busy', { autoDelete: true })
    expect(
      await overtaken(
        () => site.bind('x', 'busy'),
        () => site.topology.removeQueue(queue),
      ),
    ).toEqual([fulfilled(), fulfilled(true)])
    expect(site.vhost.queues.has('busy')).toBe(false)
    await isGone()
  })

  it('is refused where it was to delete an exchange that is not in use (§5.3)', async () => {
    const remove = () => site.topology.deleteExchange('x', true)
    expect(await overtaken(bind, remove)).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 406 } }])
    expect(site.routed('x', 'k')).toEqual(['q'])
  })

  it('leaves an auto-delete exchange that is bound again at the same time', async () => {
    await site.declareExchange('auto', 'direct', { autoDelete: true })
    await site.bind('auto', 'q', 'old')
    const unbind = () => site.topology.unbind(bindingSpec('auto', 'q', 'old'))
    expect(await overtaken(() => site.bind('auto', 'q', 'new'), unbind)).toEqual([fulfilled(), fulfilled()])
    expect([site.routed('auto', 'new'), site.routed('auto', 'old')]).toEqual([['q'], []])
  })
})

describe('an auto-delete exchange', () => {
  it('goes with its last binding, also while it is being bound to', async () => {
    await site.declareQueue('passing', { durable: false })
    await site.declareExchange('auto', 'direct', { autoDelete: true })
    await site.bind('auto', 'passing')
    // The queue is transient, so that the unbinding is told at once, before the bind.
    const unbind = () => site.topology.unbind(bindingSpec('auto', 'passing'))
    expect(await overtaken(() => site.bindExchange('x', 'auto'), unbind)).toEqual([fulfilled(), fulfilled()])
    expect([site.vhost.exchanges.has('auto'), site.vhost.bindings.size]).toEqual([false, 0])
  })
})

describe('a bind that comes while a deletion is on its way', () => {
  it('finds no queue', async () => {
    const [deleted, bound] = await overtaken(
      () => deleteQueue('q'),
      () => site.bind('x', 'q', 'k'),
    )
    expect([deleted, bound]).toEqual([fulfilled(0), { status: 'rejected', reason: notFound(`queue 'q' in vhost '/'`) }])
    expect(site.vhost.bindings.size).toBe(0)
  })

  it('finds no exchange', async () => {
    const [, bound] = await overtaken(
      () => site.topology.deleteExchange('x', false),
      () => site.bind('x', 'q', 'k'),
    )
    expect(bound).toEqual({ status: 'rejected', reason: notFound(`exchange 'x' in vhost '/'`) })
  })
})

describe('two deletions at the same time', () => {
  it('of a queue both succeed, and delete one', async () => {
    const outcomes = await overtaken(
      () => deleteQueue('q'),
      () => deleteQueue('q'),
    )
    expect(outcomes).toEqual([fulfilled(0), fulfilled(0)])
  })

  it('of an exchange, or of a binding, both succeed', async () => {
    await site.bind('x', 'q', 'k')
    const unbind = () => site.topology.unbind(bindingSpec('x', 'q', 'k'))
    expect(await overtaken(unbind, unbind)).toEqual([fulfilled(), fulfilled()])
    const remove = () => site.topology.deleteExchange('x', false)
    expect(await overtaken(remove, remove)).toEqual([fulfilled(), fulfilled()])
  })

  it('of a queue and of its exchange leave neither', async () => {
    await site.bind('x', 'q', 'k')
    const outcomes = await overtaken(
      () => deleteQueue('q'),
      () => site.topology.deleteExchange('x', false),
    )
    expect(outcomes).toEqual([fulfilled(0), fulfilled()])
    expect([site.vhost.bindings.size, site.vhost.queues.size, site.vhost.exchanges.has('x')]).toEqual([0, 0, false])
  })
})

describe('an exclusive queue', () => {
  it('is not declared for a connection that has ended', async () => {
    const owner = site.broker.registerOwner()
    await site.broker.releaseOwner(owner)
    const asked = { name: 'late', durable: false, exclusive: true, autoDelete: false, arguments: NO_ARGUMENTS }
    expect(await site.topology.declareQueue(asked, owner)).toEqual({ name: 'late', queue: null })
    expect(site.vhost.queues.has('late')).toBe(false)
  })

  it('is deleted with its bindings and their auto-delete exchange when its connection ends', async () => {
    const owner = site.broker.registerOwner()
    await site.declareQueue('mine', { exclusive: true }, owner)
    await site.declareExchange('auto', 'fanout', { autoDelete: true })
    await site.topology.bind(bindingSpec('auto', 'mine'), owner)
    await site.broker.releaseOwner(owner)
    expect([site.vhost.queues.has('mine'), site.vhost.exchanges.has('auto')]).toEqual([false, false])
    expect(site.vhost.bindings.size).toBe(0)
  })
})

describe('a store that refuses', () => {
  it.each(['failed', 'unknown'] as const)('makes a request reject: %s', async (kind) => {
    store.meta.failNextCommit(kind, { applied: false })
    await expect(site.declareQueue('new')).rejects.toEqual(storeError(kind))
    expect(site.vhost.queues.has('new')).toBe(false)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['declaring a queue', () => site.declareQueue('new')],
    ['declaring an exchange', () => site.declareExchange('new', 'fanout')],
    ['binding', () => site.bind('x', 'q', 'new')],
    ['unbinding', () => site.topology.unbind(bindingSpec('x', 'q', 'old'))],
    ['deleting a queue', () => deleteQueue('q')],
    ['deleting an exchange', () => site.topology.deleteExchange('x', false)],
  ])('leaves the tables as they were: %s', async (_, request) => {
    await site.bind('x', 'q', 'old')
    const state = () => ({
      queues: [...site.vhost.queues.keys()],
      exchanges: [...site.vhost.exchanges.keys()],
      bindings: [...site.vhost.bindings.keys()],
      generation: site.vhost.generation,
    })
    const before = state()
    store.meta.failNextCommit('failed', { applied: false })
    await expect(request()).rejects.toEqual(storeError('failed'))
    expect(state()).toEqual(before)
    await request()
    expect(state()).not.toEqual(before)
  })

  it('makes those reject as well that lost against what failed', async () => {
    const hold = store.meta.holdNextCommit()
    const asked = [site.declareQueue('new')]
    await hold.reached
    asked.push(site.declareQueue('new'))
    hold.fail('failed', { applied: false })
    const outcomes = await Promise.allSettled(asked)
    expect(outcomes).toMatchObject([{ reason: { kind: 'failed' } }, { reason: { kind: 'failed' } }])
    expect(site.vhost.queues.has('new')).toBe(false)
    await site.declareQueue('new')
  })

  it('may have stored what it rejected: the next start finds it', async () => {
    store.meta.failNextCommit('unknown', { applied: true })
    await expect(site.declareQueue('perhaps')).rejects.toEqual(storeError('unknown'))
    expect(site.vhost.queues.has('perhaps')).toBe(false)
    await restart()
    expect(site.vhost.queues.has('perhaps')).toBe(true)
  })
})

describe('while the store is slow', () => {
  it('a thing is there when the store has it, not before', async () => {
    const hold = store.meta.holdNextCommit()
    const declared = site.declareQueue('new', { arguments: table({ 'x-max-length': 1 }) })
    await hold.reached
    expect(site.vhost.queues.has('new')).toBe(false)
    hold.release()
    expect(site.vhost.queues.get('new')).toBe(undefined)
    await declared
    expect(site.vhost.queues.has('new')).toBe(true)
  })

  it('transient things do not wait', async () => {
    const hold = store.meta.holdNextCommit()
    const durable = site.declareQueue('new')
    await hold.reached
    await site.declareQueue('quick', { durable: false })
    await site.bind('x', 'quick', 'k')
    expect(site.routed('x', 'k')).toEqual(['quick'])
    await deleteQueue('quick')
    hold.release()
    await durable
  })
})

describe('a binding in the store whose end is missing', () => {
  /** The store, whose commits give up when there are far too many. */
  function bounded(store: Store): Store {
    let commits = 0
    const meta: MetaStore = {
      load: () => store.meta.load(),
      watch: (listener) => store.meta.watch(listener),
      commit: async (lease, transaction) => {
        commits += 1
        if (commits > 100) throw new Error('tries for ever')
        return store.meta.commit(lease, transaction)
      },
    }
    return { meta, messages: store.messages, open: () => store.open(), close: () => store.close() }
  }

  it('is not in the way of a new one', async () => {
    await site.bind('x', 'q', 'k')
    const queueKey = 'queue/%2F/q'
    await site.broker.stop()
    // As a crash of the disk might leave it.
    const lease = await inner.open()
    await inner.meta.load()
    await inner.meta.commit(lease, { expect: [], writes: [{ key: queueKey, value: null, ephemeral: false }] })
    await inner.close()
    site = await Site.start(bounded(faultyStore(inner)))
    expect([site.vhost.queues.has('q'), site.vhost.bindings.size]).toEqual([false, 0])
    expect(site.log.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('entries are left out') }])
    await site.declareQueue('q')
    expect(site.routed('x', 'k')).toEqual([])
    await site.bind('x', 'q', 'k')
    expect(site.routed('x', 'k')).toEqual(['q'])
  })
})
