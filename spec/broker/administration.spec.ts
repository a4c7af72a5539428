// Administration over a whole broker: what is changed is true at once, after a restart as well, and what cannot be is
// refused.

import { hashPassword } from '../../src/broker/access/passwords.ts'
import { FULL_PERMISSION } from '../../src/broker/access/users.ts'
import type { AdministrationError } from '../../src/broker/administration-error.ts'
import { type Store, StoreError } from '../../src/broker/store.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../support/fault-store.ts'
import { Site } from '../support/site.ts'

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

async function restart(): Promise<void> {
  await site.broker.stop()
  store = faultyStore(inner)
  site = await Site.start(store)
}

const admin = () => site.broker.administration
const refusal = (kind: AdministrationError['kind'], message: string) =>
  expect.objectContaining({ name: 'AdministrationError', kind, message })

/** Holds what is expected of the broker now against it, then again after a restart. */
async function nowAndAfterRestart(expectation: () => void | Promise<void>): Promise<void> {
  await expectation()
  await restart()
  await expectation()
}

describe('a user', () => {
  it('is made with password and tags, and comes back', async () => {
    await admin().putUser('me', { password: 'mine', tags: ['monitoring'] })
    await nowAndAfterRestart(async () => {
      expect(await site.broker.logins.check('me', 'mine')).toMatchObject({ name: 'me', tags: ['monitoring'] })
    })
  })

  it('is made with a hash as RabbitMQ exports it, or without a password', async () => {
    const passwordHash = hashPassword('mine', Buffer.from('salt'), 'sha512')
    await admin().putUser('me', { passwordHash, hashing: 'sha512' })
    await admin().putUser('nobody', {})
    expect(await site.broker.logins.check('me', 'mine')).toBeDefined()
    expect(site.broker.users.get('nobody')).toMatchObject({ passwordHash: '', tags: [] })
  })

  it('gets another password and other tags, one without the other', async () => {
    await admin().putUser('me', { password: 'mine', tags: ['a'] })
    await admin().setPassword('me', 'yours')
    await admin().setUserTags('me', ['b', 'c'])
    expect(await site.broker.logins.check('me', 'mine')).toBeUndefined()
    expect((await site.broker.logins.check('me', 'yours'))?.tags).toEqual(['b', 'c'])
  })

  it('is deleted with everything that was granted', async () => {
    await admin().putUser('me', { password: 'mine' })
    await admin().setPermission('me', '/', FULL_PERMISSION)
    await admin().setTopicPermission('me', '/', 'amq.topic', { write: 'a', read: 'b' })
    await admin().setUserLimits('me', { 'max-channels': 1 })
    await admin().deleteUser('me')
    const { users } = site.broker
    expect([users.get('me'), users.permission('me', '/')]).toEqual([undefined, undefined])
    await admin().putUser('me', {})
    await nowAndAfterRestart(() => {
      const { users } = site.broker
      expect(users.permission('me', '/')).toBeUndefined()
      expect([users.topicPermissions('me', '/').size, users.limits('me')]).toEqual([0, {}])
    })
  })

  it('that does not exist cannot be changed', async () => {
    const nobody = refusal('missing', "user 'nobody' does not exist")
    await expect(admin().deleteUser('nobody')).rejects.toEqual(nobody)
    await expect(admin().setPassword('nobody', 'x')).rejects.toEqual(nobody)
    await expect(admin().setUserTags('nobody', [])).rejects.toEqual(nobody)
    await expect(admin().setUserLimits('nobody', {})).rejects.toEqual(nobody)
    await expect(admin().setPermission('nobody', '/', FULL_PERMISSION)).rejects.toEqual(nobody)
    await expect(admin().putUser('', {})).rejects.toEqual(refusal('invalid', 'a user has to have a name'))
  })
})

describe('permissions', () => {
  it('are set and cleared', async () => {
    const narrow = { configure: '', write: '^q', read: '.*' }
    await admin().setPermission('guest', '/', narrow)
    await admin().setTopicPermission('guest', '/', 'amq.topic', { write: '^{username}', read: '' })
    await nowAndAfterRestart(() => {
      expect(site.broker.users.permission('guest', '/')).toEqual(narrow)
      expect(site.broker.users.topicPermissions('guest', '/').get('amq.topic')?.write).toBe('^{username}')
    })
    await admin().clearPermission('guest', '/')
    await admin().clearTopicPermission('guest', '/', 'amq.topic')
    await nowAndAfterRestart(() => {
      expect(site.broker.users.permission('guest', '/')).toBeUndefined()
      expect(site.broker.users.topicPermissions('guest', '/').size).toBe(0)
    })
  })

  it('are patterns, in a vhost that exists', async () => {
    const broken = { configure: '.*', write: '(', read: '.*' }
    const unreadable = refusal('invalid', '( is not a regular expression: {"missing )",1}')
    await expect(admin().setPermission('guest', '/', broken)).rejects.toEqual(unreadable)
    await expect(admin().setTopicPermission('guest', '/', 'x', broken)).rejects.toEqual(unreadable)
    const nowhere = refusal('missing', "vhost 'v' does not exist")
    await expect(admin().setPermission('guest', 'v', FULL_PERMISSION)).rejects.toEqual(nowhere)
    await expect(admin().clearPermission('guest', 'v')).rejects.toEqual(nowhere)
    await expect(admin().clearTopicPermission('guest', 'v', 'x')).rejects.toEqual(nowhere)
  })
})

describe('a vhost', () => {
  it('is made with the exchanges that each has, and comes back', async () => {
    await admin().putVhost('v', { defaultQueueType: 'quorum', description: 'mine' })
    await admin().putVhost('v', { tags: ['a'], protectedFromDeletion: false })
    await nowAndAfterRestart(() => {
      const vhost = site.broker.vhost('v')
      expect(vhost?.exchanges.has('amq.topic')).toBe(true)
      expect(vhost?.settings).toMatchObject({ defaultQueueType: 'quorum', description: 'mine', tags: ['a'] })
    })
  })

  it('keeps what is in it when it is set again', async () => {
    const queue = await site.declareQueue('q')
    await admin().putVhost('/', { description: 'new' })
    expect(site.vhost.queues.get('q')).toBe(queue)
    await site.declareQueue('p')
    expect([...site.vhost.queues.keys()]).toEqual(['q', 'p'])
  })

  it('is deleted with everything in it, and is empty when it is made again', async () => {
    const queue = await site.declareQueue('q')
    await site.declareQueue('short', { durable: false })
    await site.declareExchange('x', 'topic')
    await site.bind('x', 'q', 'k')
    site.publish('x', 'k', 'a')
    await admin().putPolicy('/', 'p', { pattern: '.*', definition: { 'max-length': 1 } })
    await admin().putOperatorPolicy('/', 'p', { pattern: '.*', definition: { 'max-length': 1 } })
    await admin().setVhostLimits('/', { 'max-queues': 5 })
    const { topology } = site
    await admin().deleteVhost('/')
    expect([site.broker.vhost('/'), queue.deleted]).toEqual([undefined, true])
    await admin().putVhost('/')
    expect(site.topology).not.toBe(topology)
    await nowAndAfterRestart(() => {
      const { vhost } = site
      expect([vhost.queues.size, vhost.exchanges.size, vhost.bindings.size, vhost.limits]).toEqual([0, 7, 0, {}])
      expect([[...vhost.policies], [...vhost.operatorPolicies]]).toEqual([[], []])
      expect(site.broker.users.permission('guest', '/')).toBeUndefined()
    })
  })

  it('takes with it what is declared while it is deleted, before or after', async () => {
    const held = store.meta.holdNextCommit()
    const declared = Promise.allSettled([site.declareQueue('early'), site.declareExchange('x', 'fanout')])
    await held.reached
    const deleted = admin().deleteVhost('/')
    await new Promise((resolve) => setImmediate(resolve))
    const late = site.declareQueue('late')
    held.release()
    await expect(late).rejects.toMatchObject({ code: 530, message: 'vhost / not found' })
    await deleted
    expect((await declared).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    await admin().putVhost('/')
    await nowAndAfterRestart(() => expect([site.vhost.queues.size, site.vhost.exchanges.size]).toEqual([0, 7]))
  })

  it('cannot be without a name, nor have queues of a type that is none', async () => {
    await expect(admin().putVhost('')).rejects.toEqual(refusal('invalid', 'a vhost has to have a name'))
    const bogus = { defaultQueueType: 'bogus' as 'classic' }
    await expect(admin().putVhost('v', bogus)).rejects.toEqual(
      refusal('invalid', '<<"bogus">> is not a valid queue type'),
    )
    await expect(admin().deleteVhost('v')).rejects.toEqual(refusal('missing', "vhost 'v' does not exist"))
  })
})

it('vhosts are as many as the settings of the broker allow', async () => {
  await site.broker.stop()
  site = await Site.start(faultyStore(inner), { vhostMax: 2 })
  await admin().putVhost('v')
  await admin().putVhost('v', { description: 'again' })
  await expect(admin().putVhost('w')).rejects.toEqual(
    refusal('invalid', "cannot create vhost 'w': vhost limit of 2 is reached"),
  )
  await admin().deleteVhost('v')
  await admin().putVhost('w')
})

describe('policies and limits', () => {
  const asked = { pattern: '^q', definition: { 'max-length': 1 }, priority: 3, applyTo: 'queues' }

  it('are set, and come back', async () => {
    await admin().putPolicy('/', 'p', asked)
    await admin().putOperatorPolicy('/', 'o', asked)
    await admin().setVhostLimits('/', { 'max-connections': 0 })
    await admin().setUserLimits('guest', { 'max-channels': 1 })
    await nowAndAfterRestart(() => {
      expect([...site.vhost.policies]).toEqual([{ name: 'p', ...asked }])
      expect([...site.vhost.operatorPolicies]).toEqual([{ name: 'o', ...asked }])
      expect(site.vhost.limits).toEqual({ 'max-connections': 0 })
      expect(site.broker.users.limits('guest')).toEqual({ 'max-channels': 1 })
    })
    await admin().deletePolicy('/', 'p')
    await admin().deleteOperatorPolicy('/', 'o')
    await nowAndAfterRestart(() => expect([...site.vhost.policies, ...site.vhost.operatorPolicies]).toEqual([]))
  })

  it('are refused in RabbitMQ’s words', async () => {
    const empty = { ...asked, definition: {} }
    await expect(admin().putPolicy('/', 'p', empty)).rejects.toEqual(refusal('invalid', 'no policy provided'))
    await expect(admin().putPolicy('v', 'p', asked)).rejects.toEqual(refusal('missing', "vhost 'v' does not exist"))
    await expect(admin().deletePolicy('/', 'p')).rejects.toEqual(
      refusal('missing', "policy 'p' in vhost '/' does not exist"),
    )
    const limits = { 'max-queues': 'x' as unknown as number }
    await expect(admin().setVhostLimits('/', limits)).rejects.toEqual(
      refusal('invalid', 'max-queues should be a number, actually was <<"x">>'),
    )
  })
})

it('changes are made one after the other, and one that fails is not in the way of the next', async () => {
  store.meta.failNextCommit('failed', { applied: false })
  const changes = await Promise.allSettled([
    admin().putUser('one', {}),
    admin().setUserTags('one', ['a']),
    admin().putUser('two', {}),
    admin().setUserTags('two', ['a']),
  ])
  expect(changes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled'])
  expect(changes[0]).toMatchObject({ reason: expect.any(StoreError) })
  expect(site.broker.users.get('two')?.tags).toEqual(['a'])
})
