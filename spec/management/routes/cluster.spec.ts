// What one node answers where RabbitMQ speaks of clusters and plug-ins.

import { verifyPassword } from '../../../src/broker/access/passwords.ts'
import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

it('has a name, which can be changed', async () => {
  expect((await api.ask('/api/cluster-name')).body).toEqual({ name: 'leveret' })
  expect(await api.change('PUT', '/api/cluster-name', { name: 'mine' })).toBe(204)
  expect((await api.ask('/api/cluster-name')).body).toEqual({ name: 'mine' })
  expect(await api.change('PUT', '/api/cluster-name', {})).toBe(400)
})

it('hashes a password for who writes definitions', async () => {
  const { ok } = (await api.ask('/api/auth/hash_password/s%2Fcret')).body
  expect(verifyPassword('s/cret', ok, 'sha256')).toBe(true)
})

it.each([
  ['/api/auth', { oauth_enabled: false }],
  ['/api/version', '4.3.0'],
  ['/api/extensions', []],
  ['/api/deprecated-features', []],
  ['/api/deprecated-features/used', []],
])('%s', async (url, body) => {
  expect((await api.ask(url)).body).toEqual(body)
})

it('knows the feature flags that tools look for', async () => {
  const { body } = await api.ask('/api/feature-flags')
  for (const name of ['quorum_queue', 'stream_queue']) {
    expect(body).toContainEqual(expect.objectContaining({ name, state: 'enabled' }))
  }
  expect(await api.change('PUT', '/api/feature-flags/quorum_queue/enable')).toBe(204)
  expect(await api.change('PUT', '/api/feature-flags/none/enable')).toBe(400)
})

it('has nothing to rebalance, and no statistics to forget', async () => {
  expect(await api.change('POST', '/api/rebalance/queues')).toBe(204)
  expect(await api.change('DELETE', '/api/reset')).toBe(400)
  expect(await api.change('DELETE', '/api/reset/leveret@here')).toBe(400)
  expect(await api.change('DELETE', '/api/reset/other')).toBe(404)
})
