// /api/permissions: what users may do in vhosts, granted and shown over HTTP.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  await api.addUser('u', [])
})
afterEach(() => api.close())

const asked = { configure: '', write: '^a', read: '.*' }
const shown = { user: 'u', vhost: '/', ...asked }

it('grants, shows and takes away', async () => {
  expect((await api.ask('/api/permissions/%2F/u')).status).toBe(404)
  expect(await api.change('PUT', '/api/permissions/%2F/u', asked)).toBe(201)
  expect(await api.change('PUT', '/api/permissions/%2F/u', asked)).toBe(204)
  expect((await api.ask('/api/permissions/%2F/u')).body).toEqual(shown)
  expect(() => api.broker.access('u', '/').queue('write', 'b')).toThrow('write access')
  expect(await api.change('DELETE', '/api/permissions/%2F/u')).toBe(204)
  expect(await api.change('DELETE', '/api/permissions/%2F/u')).toBe(404)
})

it('lists all, those in a vhost, and those of a user', async () => {
  await api.change('PUT', '/api/permissions/%2F/u', asked)
  await api.change('PUT', '/api/vhosts/v')
  const full = { configure: '.*', write: '.*', read: '.*' }
  const [guests, made] = [
    { user: 'guest', vhost: '/', ...full },
    // Who makes a vhost may use it.
    { user: 'guest', vhost: 'v', ...full },
  ]
  expect((await api.ask('/api/permissions')).body).toEqual([guests, shown, made])
  expect((await api.ask('/api/vhosts/%2F/permissions')).body).toEqual([guests, shown])
  expect((await api.ask('/api/users/u/permissions')).body).toEqual([shown])
  expect((await api.ask('/api/vhosts/none/permissions')).status).toBe(404)
  expect((await api.ask('/api/users/none/permissions')).status).toBe(404)
})

it.each([
  ['/api/permissions/%2F/none', asked, 'vhost_or_user_not_found'],
  ['/api/permissions/none/u', asked, 'vhost_or_user_not_found'],
  ['/api/permissions/%2F/u', { configure: '', write: '' }, "the body lacks 'read'"],
  ['/api/permissions/%2F/u', { ...asked, read: '(' }, expect.stringMatching(/^\( is not a regular expression/)],
])('refuses %s with %j', async (url, body, reason) => {
  const answered = await api.ask(url, { method: 'PUT', body })
  expect([answered.status, answered.body]).toEqual([400, { error: 'bad_request', reason }])
})
