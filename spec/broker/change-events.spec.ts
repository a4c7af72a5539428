// What changes are called as events.

import { FULL_PERMISSION } from '../../src/broker/access/users.ts'
import type { BrokerEvent } from '../../src/broker/events.ts'
import { Site } from '../support/site.ts'

let site: Site
let told: BrokerEvent[]

beforeEach(async () => {
  site = await Site.start()
  told = []
  site.broker.events.listen((event) => told.push(event))
})

afterEach(async () => {
  await site.broker.stop()
})

const names = () => told.map(({ name }) => name)

it('things that are declared come and go', async () => {
  await site.declareQueue('q', { durable: false })
  await site.declareExchange('x', 'topic')
  await site.bind('x', 'q', 'k')
  await site.topology.deleteQueue('q', site.owner, false, false)
  await site.topology.deleteExchange('x', false)
  expect(told.map(({ name, fields }) => [name, fields])).toEqual([
    ['queue.created', { vhost: '/', name: 'q', durable: false, auto_delete: false, exclusive: false }],
    ['exchange.created', { vhost: '/', name: 'x', type: 'topic', durable: true, auto_delete: false, internal: false }],
    [
      'binding.created',
      { vhost: '/', source_name: 'x', destination_name: 'q', destination_kind: 'queue', routing_key: 'k' },
    ],
    ['queue.deleted', { vhost: '/', name: 'q' }],
    ['binding.deleted', expect.objectContaining({ source_name: 'x' })],
    ['exchange.deleted', { vhost: '/', name: 'x' }],
  ])
})

it('users and what they may do, without their secrets', async () => {
  const { administration } = site.broker
  await administration.putUser('u', { password: 'secret', tags: ['a'] })
  await administration.setUserTags('u', ['b'])
  await administration.setPassword('u', 'other')
  await administration.setPermission('u', '/', FULL_PERMISSION)
  await administration.setTopicPermission('u', '/', 'x', { write: 'a', read: 'b' })
  await administration.setUserLimits('u', { 'max-channels': 1 })
  await administration.deleteUser('u')
  expect(names()).toEqual([
    'user.created',
    'user.tags.set',
    'user.password.changed',
    'permission.created',
    'topic.permission.created',
    'user.limits.set',
    'permission.deleted',
    'topic.permission.deleted',
    'user.limits.cleared',
    'user.deleted',
  ])
  expect(JSON.stringify(told)).not.toMatch(/passwordHash|secret/)
})

it('vhosts and what is set, but not what changes nothing that has a name', async () => {
  const { administration } = site.broker
  await administration.putVhost('v')
  await administration.putVhost('v', { description: 'again' })
  await administration.setVhostLimits('v', { 'max-queues': 1 })
  await administration.putPolicy('v', 'p', { pattern: '.*', definition: { expires: 1 } })
  await administration.parameters.set('v', 'shovel', 's', 1)
  await administration.parameters.setGlobal('g', 1)
  await administration.deleteVhost('v')
  expect(names()).toEqual([
    'vhost.created',
    'vhost.limits.set',
    'policy.set',
    'parameter.set',
    'parameter.set',
    'policy.cleared',
    'parameter.cleared',
    'vhost.limits.cleared',
    'vhost.deleted',
  ])
})
