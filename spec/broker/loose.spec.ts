// Which stored entries hang on nothing.

import { entryKey, keyNames } from '../../src/broker/entries.ts'
import { looseKeys } from '../../src/broker/loose.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { Site } from '../support/site.ts'

describe('an entry is loose', () => {
  const bound = entryKey('binding', 'v', 'x', 'queue', 'q', '', '')
  const keys = (vhost: string, user: string) => [
    entryKey('vhost', vhost),
    entryKey('user', user),
    entryKey('vhost-limits', vhost),
    entryKey('policy', vhost, 'p'),
    entryKey('operator-policy', vhost, 'p'),
    entryKey('parameter', vhost, 'shovel', 's'),
    entryKey('global-parameter', 'g'),
    entryKey('exchange', vhost, 'x'),
    entryKey('queue', vhost, 'q'),
    entryKey('user-limits', user),
    entryKey('permission', user, vhost),
    entryKey('topic-permission', user, vhost, 'x'),
  ]
  const loose = (list: readonly string[]) =>
    looseKeys(
      list.map((key) => ({ key, value: '{}', rev: 1 })),
      { vhosts: new Map([['v', { bindings: new Map([[bound, true]]) }]]), users: new Map([['u', true]]) },
    )

  it('when its vhost or its user is not there', () => {
    expect(loose(keys('v', 'u'))).toEqual([])
    const kinds = (list: readonly string[]) => list.map((key) => keyNames(key).kind)
    expect(kinds(loose(keys('gone', 'u')))).toEqual([
      'vhost-limits',
      'policy',
      'operator-policy',
      'parameter',
      'exchange',
      'queue',
      'permission',
      'topic-permission',
    ])
    expect(kinds(loose(keys('v', 'gone')))).toEqual(['user-limits', 'permission', 'topic-permission'])
  })

  it('when it is a binding with an end missing', () => {
    const other = entryKey('binding', 'v', 'x', 'queue', 'none', '', '')
    expect(loose([bound, other, 'stopped'])).toEqual([other])
  })
})

it('what is left of a vhost that was deleted does not come back with a new one', async () => {
  const store = createMemoryStore()
  const lease = await store.open()
  await store.meta.load()
  const put = (key: string, value = '{}') => ({ key, value, ephemeral: false })
  const queue = '{"id":7,"durable":true,"autoDelete":false,"owner":0,"arguments":""}'
  await store.meta.commit(lease, {
    expect: [],
    writes: [put(entryKey('vhost', '/')), put(entryKey('queue', 'v', 'q'), queue)],
  })
  await store.close()
  const site = await Site.start(store)
  expect(site.log.lines).toMatchObject([{ level: 'error', fields: { entries: [['queue', 'v', 'q']] } }])
  await site.broker.administration.putVhost('v')
  const topology = site.broker.topology(site.broker.vhost('v')!)
  const asked = { name: 'q', durable: true, exclusive: false, autoDelete: false, arguments: new Map() }
  const { queue: made } = await topology.declareQueue(asked, site.owner)
  expect(made?.id).not.toBe(7)
  await site.broker.stop()
})
