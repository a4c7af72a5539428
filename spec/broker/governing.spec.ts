// Policies at work: what is there obeys a policy as soon as it is set, and what it obeyed is undone with it (§14).

import type { PolicyDefinition } from '../../src/broker/policy.ts'
import { table } from '../../src/protocol/field-table.ts'
import { drained, Site } from '../support/site.ts'

let site: Site

beforeEach(async () => {
  site = await Site.start()
})

afterEach(async () => {
  await site.broker.stop()
})

const admin = () => site.broker.administration
const settings = (name: string) => site.vhost.queues.get(name)?.settings

describe('a policy', () => {
  it('holds for queues that are there and queues to come, until it is deleted', async () => {
    await site.declareQueue('q1')
    await site.declareQueue('other')
    await admin().putPolicy('/', 'p', { pattern: '^q', definition: { 'max-length': 5, 'dead-letter-exchange': 'dlx' } })
    await site.declareQueue('q2')
    for (const name of ['q1', 'q2']) {
      expect(settings(name)).toMatchObject({ maxLength: 5, deadLetterExchange: 'dlx' })
    }
    expect(settings('other')).toMatchObject({ maxLength: null, deadLetterExchange: null })
    await admin().putPolicy('/', 'p', { pattern: '^q', definition: { 'max-length': 7 } })
    expect(settings('q1')).toMatchObject({ maxLength: 7, deadLetterExchange: null })
    await admin().deletePolicy('/', 'p')
    expect(settings('q1')).toMatchObject({ maxLength: null, deadLetterExchange: null })
  })

  it('gives way to one of higher priority, and comes back', async () => {
    await site.declareQueue('q')
    await admin().putPolicy('/', 'low', { pattern: '', definition: { 'max-length': 1, expires: 5 } })
    await admin().putPolicy('/', 'high', { pattern: '', definition: { 'max-length': 2 }, priority: 1 })
    expect(settings('q')).toMatchObject({ maxLength: 2, expiresMs: null })
    await admin().deletePolicy('/', 'high')
    expect(settings('q')).toMatchObject({ maxLength: 1, expiresMs: 5 })
  })

  it('is bound by an operator policy, and both by arguments', async () => {
    await site.declareQueue('q', { arguments: table({ 'x-max-length': 9, 'x-message-ttl': 100 }) })
    await admin().putPolicy('/', 'p', { pattern: '', definition: { 'max-length': 5, 'message-ttl': 900 } })
    await admin().putOperatorPolicy('/', 'o', { pattern: '', definition: { 'max-length': 3, expires: 50_000 } })
    expect(settings('q')).toMatchObject({ maxLength: 3, messageTtlMs: 100, expiresMs: 50_000 })
    expect(site.vhost.policiesOf('classic_queues', 'q')).toMatchObject({
      policy: { name: 'p' },
      operatorPolicy: { name: 'o' },
    })
    await admin().deleteOperatorPolicy('/', 'o')
    expect(settings('q')).toMatchObject({ maxLength: 5, messageTtlMs: 100, expiresMs: null })
  })

  it('is applied once, not with every change of another', async () => {
    await site.declareQueue('q')
    await admin().putPolicy('/', 'p', { pattern: '^q', definition: { 'max-length': 5 } })
    const before = settings('q')
    await admin().putPolicy('/', 'elsewhere', { pattern: '^x', definition: { 'max-length': 5 } })
    expect(settings('q')).toBe(before)
  })

  it('in another vhost is none', async () => {
    await site.declareQueue('q')
    await admin().putVhost('v')
    await admin().putPolicy('v', 'p', { pattern: '', definition: { 'max-length': 5 } })
    expect(settings('q')?.maxLength).toBeNull()
  })

  it('is there after a restart', async () => {
    await site.declareQueue('q')
    await admin().putPolicy('/', 'p', { pattern: '', definition: { 'max-length': 5, 'alternate-exchange': 'ae' } })
    await site.broker.stop()
    site = await Site.start(site.store)
    expect(settings('q')?.maxLength).toBe(5)
    expect(site.vhost.exchange('amq.direct').alternate).toBe('ae')
    // What names no queue goes nowhere.
    expect(site.vhost.exchange('').alternate).toBeNull()
  })
})

describe('what is in a queue obeys as well:', () => {
  const queue = () => site.vhost.queues.get('q')!
  const set = (definition: PolicyDefinition) => admin().putPolicy('/', 'p', { pattern: '^q$', definition })

  beforeEach(async () => {
    await site.declareQueue('q')
    await site.declareQueue('dead')
    for (const body of ['a', 'b', 'c']) site.publish('', 'q', body)
  })

  it('a limit drops what is too much at once, and nothing once it is gone', async () => {
    await set({ 'max-length': 1 })
    expect(await queue().stats()).toMatchObject({ ready: 1 })
    site.publish('', 'q', 'd')
    await admin().deletePolicy('/', 'p')
    site.publish('', 'q', 'e')
    expect(await drained(queue())).toEqual(['d', 'e'])
  })

  it('of what is too much, dead letters come', async () => {
    await set({ 'max-length': 2, 'dead-letter-exchange': '', 'dead-letter-routing-key': 'dead' })
    expect(await drained(queue())).toEqual(['b', 'c'])
    expect(await drained(site.vhost.queues.get('dead')!)).toEqual(['a'])
    await admin().deletePolicy('/', 'p')
    site.publish('', 'q', 'd')
    const got = await queue().get()
    queue().reject(got!.seq, false)
    expect(await drained(site.vhost.queues.get('dead')!)).toEqual([])
  })

  it('a full queue refuses', async () => {
    await set({ 'max-length': 3, overflow: 'reject-publish' })
    expect(await site.confirmed(queue(), 'd')).toBe('rejected')
    await admin().deletePolicy('/', 'p')
    expect(await site.confirmed(queue(), 'd')).toBe('stored')
  })

  it('messages expire that come after it', async () => {
    await set({ 'message-ttl': 1000 })
    await drained(queue())
    site.publish('', 'q', 'd')
    site.clock.advance(1001)
    await site.clock.settle()
    expect(await drained(queue())).toEqual([])
    await admin().deletePolicy('/', 'p')
    site.publish('', 'q', 'e')
    site.clock.advance(1001)
    await site.clock.settle()
    expect(await drained(queue())).toEqual(['e'])
  })

  it('a queue that nobody uses goes, unless the policy has gone before', async () => {
    await set({ expires: 1000 })
    await admin().deletePolicy('/', 'p')
    site.clock.advance(5000)
    await site.clock.settle()
    expect(site.vhost.queues.has('q')).toBe(true)
    await set({ expires: 1000 })
    site.clock.advance(5000)
    await site.clock.settle()
    expect(site.vhost.queues.has('q')).toBe(false)
  })
})

describe('a policy for an exchange', () => {
  const alternate = (exchange: string) => ({
    pattern: '^x$',
    applyTo: 'exchanges',
    definition: { 'alternate-exchange': exchange },
  })

  beforeEach(async () => {
    await site.declareExchange('ae', 'fanout')
    await site.declareQueue('q')
    await site.bind('ae', 'q')
  })

  it('says where messages go that nothing matches, until it is deleted', async () => {
    await site.declareExchange('x', 'direct')
    expect(site.routed('x', 'k')).toEqual([])
    await admin().putPolicy('/', 'p', alternate('ae'))
    expect(site.routed('x', 'k')).toEqual(['q'])
    site.publish('x', 'k', 'a')
    expect(await drained(site.vhost.queues.get('q')!)).toEqual(['a'])
    await admin().deletePolicy('/', 'p')
    expect(site.routed('x', 'k')).toEqual([])
  })

  it('holds for one that is declared later; its argument goes before it (§5.5)', async () => {
    await admin().putPolicy('/', 'p', alternate('none'))
    await site.declareExchange('x', 'direct', { arguments: table({ 'alternate-exchange': 'ae' }) })
    expect(site.routed('x', 'k')).toEqual(['q'])
    await site.topology.deleteExchange('x', false)
    await admin().putPolicy('/', 'p', alternate('ae'))
    await site.declareExchange('x', 'direct')
    expect(site.routed('x', 'k')).toEqual(['q'])
  })
})

it('the default type of a vhost is that of queues that can be of it, and name none (§6.1)', async () => {
  await admin().putVhost('/', { defaultQueueType: 'quorum' })
  const type = async (name: string, asked: Parameters<Site['declareQueue']>[1]) =>
    (await site.declareQueue(name, asked)).settings.type
  expect(await type('a', {})).toBe('quorum')
  expect(await type('b', { arguments: table({ 'x-queue-type': 'classic' }) })).toBe('classic')
  expect(await type('c', { durable: false })).toBe('classic')
  expect(await type('d', { exclusive: true })).toBe('classic')
  expect(await type('e', { autoDelete: true })).toBe('classic')
})
