// /api/vhosts: virtual hosts over HTTP, seen by some and changed by administrators.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

it('makes, shows, changes and deletes vhosts', async () => {
  expect(await api.change('PUT', '/api/vhosts/v')).toBe(201)
  expect(await api.change('PUT', '/api/vhosts/v', { description: 'mine', tags: 'a,b' })).toBe(204)
  const { status, body } = await api.ask('/api/vhosts/v')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    name: 'v',
    description: 'mine',
    tags: ['a', 'b'],
    default_queue_type: 'undefined',
    metadata: { description: 'mine', tags: ['a', 'b'] },
    protected_from_deletion: false,
    tracing: false,
    cluster_state: { 'leveret@here': 'running' },
  })
  expect(await api.change('PUT', '/api/vhosts/v', { default_queue_type: 'quorum', tracing: false })).toBe(204)
  expect((await api.ask('/api/vhosts/v?columns=default_queue_type,description')).body).toEqual({
    default_queue_type: 'quorum',
    description: 'mine',
  })
  expect(await api.change('PUT', '/api/vhosts/v', { default_queue_type: 'undefined' })).toBe(204)
  expect(api.broker.vhost('v')?.settings.defaultQueueType).toBeNull()
  expect(await api.change('DELETE', '/api/vhosts/v')).toBe(204)
  expect(await api.change('DELETE', '/api/vhosts/v')).toBe(404)
  expect((await api.ask('/api/vhosts/v')).status).toBe(404)
})

it.each([
  [{ default_queue_type: 'none' }, '<<"none">> is not a valid queue type'],
  [{ tags: 5 }, 'tags: expected a list of texts, or a text with commas between them'],
])('refuses %j', async (body, reason) => {
  const answered = await api.ask('/api/vhosts/v', { method: 'PUT', body })
  expect([answered.status, answered.body.reason]).toEqual([400, reason])
})

it('traces a vhost as long as that is asked for', async () => {
  const traced = async () => (await api.ask('/api/vhosts/v')).body.tracing
  expect(await api.change('PUT', '/api/vhosts/v', { tracing: true })).toBe(201)
  expect(await traced()).toBe(true)
  const firehose = api.broker.vhost('v')?.firehose
  expect(await api.change('PUT', '/api/vhosts/v', { tracing: true, description: 'mine' })).toBe(204)
  expect(await api.change('PUT', '/api/vhosts/v', { tags: 'a' })).toBe(204)
  expect(await traced()).toBe(true)
  expect(api.broker.vhost('v')?.firehose).toBe(firehose)
  expect((await api.ask('/api/vhosts/%2F')).body.tracing).toBe(false)
  expect(await api.change('PUT', '/api/vhosts/v', { tracing: false })).toBe(204)
  expect(await traced()).toBe(false)
  expect(api.world.log.lines.map(({ message }) => message)).toEqual(
    expect.arrayContaining(['the vhost is traced from now on', 'the vhost is traced no more']),
  )
})

it('lists what the caller sees', async () => {
  await api.broker.administration.putVhost('v')
  const me = await api.addUser('me', ['management'], ['v'])
  const names = async (as?: string) =>
    (await api.ask('/api/vhosts', { ...(as ? { as } : {}) })).body.map(({ name }: { name: string }) => name)
  expect(await names()).toEqual(['/', 'v'])
  expect(await names(me)).toEqual(['v'])
  expect((await api.ask('/api/vhosts/v', { as: me })).status).toBe(200)
  expect((await api.ask('/api/vhosts/%2F', { as: me })).status).toBe(401)
  expect((await api.ask('/api/vhosts?page=1&page_size=1')).body).toMatchObject({ item_count: 1, total_count: 2 })
})

it('protects a vhost from being deleted', async () => {
  await api.change('PUT', '/api/vhosts/v')
  expect(await api.change('POST', '/api/vhosts/v/deletion/protection')).toBe(204)
  expect((await api.ask('/api/vhosts/v')).body.protected_from_deletion).toBe(true)
  expect(await api.change('DELETE', '/api/vhosts/v')).toBe(412)
  expect(await api.change('DELETE', '/api/vhosts/v/deletion/protection')).toBe(204)
  expect(await api.change('DELETE', '/api/vhosts/v')).toBe(204)
  expect(await api.change('POST', '/api/vhosts/v/deletion/protection')).toBe(404)
})

it('starts what runs already, on the one node', async () => {
  expect(await api.change('POST', '/api/vhosts/%2F/start/leveret@here')).toBe(204)
  expect(await api.change('POST', '/api/vhosts/%2F/start/other')).toBe(400)
  expect(await api.change('POST', '/api/vhosts/none/start/leveret@here')).toBe(404)
})
