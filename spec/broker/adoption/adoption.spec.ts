// Adopting definitions over a whole broker: all of it or nothing, true at once and after a restart, no change the second
// time, whoever else changes things meanwhile.

import { FULL_PERMISSION } from '../../../src/broker/access/users.ts'
import type { Definitions } from '../../../src/broker/adoption/definitions.ts'
import type { Store } from '../../../src/broker/store.ts'
import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { definedBinding, definedExchange, definedQueue, NO_DEFINITIONS } from '../../support/definitions.ts'
import { type FaultyStore, faultyStore } from '../../support/fault-store.ts'
import { Site } from '../../support/site.ts'

let inner: Store
let store: FaultyStore
let site: Site

beforeEach(async () => {
  inner = createMemoryStore()
  store = faultyStore(inner)
  site = await Site.start(store)
})

afterEach(async () => {
  await site.broker.stop()
})

const queue = (name: string, vhost = '/', durable = true) => definedQueue(name, { vhost, durable })
const exchange = (name: string, vhost = '/') => definedExchange(name, { vhost, type: 'topic' })
const binding = (source: string, destination: string, vhost = '/') =>
  definedBinding(source, destination, { vhost, routingKey: 'k' })
const user = (name: string, secret: { password?: string; passwordHash?: string } = {}) => ({
  place: `user ${name}`,
  name,
  tags: ['monitoring'],
  password: secret.password ?? null,
  passwordHash: secret.passwordHash ?? null,
  hashing: 'sha256' as const,
  limits: { 'max-channels': 5 },
})

/** One of everything, in a vhost that is not there yet. */
const everything: Definitions = {
  vhosts: [{ place: 'vhost', name: 'v', settings: { description: 'mine' }, limits: { 'max-queues': 9 } }],
  users: [user('me', { password: 'mine' })],
  permissions: [{ place: 'permission', user: 'me', vhost: 'v', ...FULL_PERMISSION }],
  topicPermissions: [{ place: 'topic', user: 'me', vhost: 'v', exchange: 'amq.topic', write: 'a', read: 'b' }],
  parameters: [{ place: 'parameter', vhost: 'v', component: 'shovel', name: 's', value: { a: 1 } }],
  globalParameters: [{ place: 'global', name: 'g', value: [1] }],
  policies: [{ place: 'policy', vhost: 'v', name: 'p', pattern: 'q', definition: { 'max-length': 3 } }],
  exchanges: [exchange('x', 'v')],
  queues: [queue('q', 'v'), queue('short', 'v', false)],
  bindings: [binding('x', 'q', 'v'), binding('x', 'short', 'v'), binding('amq.topic', 'q', 'v')],
}

const adopt = (definitions: Partial<Definitions>, dryRun = false) =>
  site.broker.adoption.adopt({ ...NO_DEFINITIONS, ...definitions }, dryRun)

describe('definitions of one of everything', () => {
  it('are true at once, and no change the second time', async () => {
    const { changes, ignored, unchanged } = await adopt(everything)
    expect(changes.map(({ kind }) => kind)).toEqual([
      'vhost',
      'vhost-limits',
      'user',
      'user-limits',
      'permission',
      'topic-permission',
      'parameter',
      'policy',
      'global-parameter',
      'exchange',
      'queue',
      'queue',
      'binding',
      'binding',
      'binding',
    ])
    expect([ignored, unchanged]).toEqual([[], 0])
    const vhost = site.broker.vhost('v')
    expect(vhost?.limits).toEqual({ 'max-queues': 9 })
    expect(vhost?.queues.get('q')?.settings.maxLength).toBe(3)
    expect((await site.broker.logins.check('me', 'mine'))?.tags).toEqual(['monitoring'])
    expect(await adopt(everything)).toMatchObject({ changes: [], unchanged: 15 })
  })

  it('come back after a restart, but for what is transient', async () => {
    await adopt(everything)
    await site.broker.stop()
    store = faultyStore(inner)
    site = await Site.start(store)
    const vhost = site.broker.vhost('v')
    expect([...(vhost?.queues.keys() ?? [])]).toEqual(['q'])
    expect([vhost?.bindings.size, site.log.defects]).toEqual([2, []])
    const { changes } = await adopt(everything)
    expect(changes.map(({ names }) => names[1])).toEqual(['short', 'x'])
  })

  it('change nothing when the store does not take them', async () => {
    store.meta.failNextCommit('failed', { applied: false })
    await expect(adopt(everything)).rejects.toMatchObject({ name: 'StoreError' })
    expect([site.broker.vhost('v'), site.broker.users.get('me')]).toEqual([undefined, undefined])
    expect((await adopt(everything)).changes).toHaveLength(15)
  })

  it('change nothing when one of them cannot be', async () => {
    const wrong = { ...everything, bindings: [...everything.bindings, binding('nowhere', 'q', 'v')] }
    await expect(adopt(wrong)).rejects.toMatchObject({
      name: 'AdministrationError',
      message:
        "bindings[nowhere].source: there is no exchange 'nowhere' in vhost 'v', neither here nor in the definitions",
    })
    expect([site.broker.vhost('v'), site.broker.users.get('me')]).toEqual([undefined, undefined])
  })

  it('are only looked at where that is asked for', async () => {
    expect((await adopt(everything, true)).changes).toHaveLength(15)
    expect(site.broker.vhost('v')).toBeUndefined()
  })
})

describe('a user', () => {
  it('keeps a password that is given and fits, or of which nothing is said', async () => {
    await adopt({ users: [user('me', { password: 'mine' })] })
    expect(await adopt({ users: [user('me', { password: 'mine' })] })).toMatchObject({ changes: [], unchanged: 2 })
    expect((await adopt({ users: [user('me')] })).changes).toEqual([])
    expect((await adopt({ users: [user('me', { password: 'other' })] })).changes).toHaveLength(1)
    expect(await site.broker.logins.check('me', 'other')).toBeDefined()
    await adopt({ users: [user('me', { passwordHash: '' })] })
    expect(await site.broker.logins.check('me', 'other')).toBeUndefined()
  })
})

describe('while others change things', () => {
  it('a queue that somebody else declares first is taken as it is', async () => {
    const held = store.meta.holdNextCommit()
    const declared = site.declareQueue('q', { arguments: new Map([['x-max-length', { tag: 'l', value: 5 }]]) })
    await held.reached
    const adopted = adopt({ queues: [queue('q'), queue('r')] })
    held.release()
    await declared
    const { changes, ignored } = await adopted
    expect(changes.map(({ names }) => names[1])).toEqual(['r'])
    expect(ignored).toEqual([
      expect.objectContaining({ place: 'queues[q]', why: expect.stringContaining('x-max-length') }),
    ])
  })

  it('a binding goes with a queue that is deleted while it is on its way', async () => {
    await site.declareQueue('q')
    const held = store.meta.holdNextCommit()
    const adopted = adopt({ bindings: [binding('amq.topic', 'q')] })
    await held.reached
    const deleted = site.topology.deleteQueue('q', site.owner, false, false)
    held.release()
    await adopted
    await deleted
    expect([site.vhost.bindings.size, site.vhost.exchange('amq.topic').bindings.size]).toEqual([0, 0])
  })

  it('a queue that is deleted first is missing', async () => {
    await site.declareQueue('q')
    const held = store.meta.holdNextCommit()
    const deleted = site.topology.deleteQueue('q', site.owner, false, false)
    await held.reached
    const adopted = adopt({ bindings: [binding('amq.topic', 'q')] })
    held.release()
    await deleted
    await expect(adopted).rejects.toMatchObject({ message: expect.stringContaining("queue 'q' in vhost '/'") })
  })

  it('administration waits for its turn', async () => {
    const order: string[] = []
    const adopted = adopt(everything).then(() => order.push('adopted'))
    const deleted = site.broker.administration.deleteVhost('v').then(() => order.push('deleted'))
    await Promise.all([adopted, deleted])
    expect(order).toEqual(['adopted', 'deleted'])
    expect(site.broker.vhost('v')).toBeUndefined()
  })
})
