// /api/topic-permissions: which routing keys users may use, restricted and shown over HTTP.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  await api.addUser('u', [])
})
afterEach(() => api.close())

const url = '/api/topic-permissions/%2F/u'
const asked = { exchange: 'amq.topic', write: '^a', read: '.*' }
const shown = { user: 'u', vhost: '/', ...asked }
const other = { ...shown, exchange: 'other' }

it('restricts, shows and lifts', async () => {
  expect((await api.ask(url)).status).toBe(404)
  expect(await api.change('PUT', url, asked)).toBe(201)
  expect(await api.change('PUT', url, { ...asked, exchange: 'other' })).toBe(204)
  for (const list of [url, '/api/topic-permissions', '/api/vhosts/%2F/topic-permissions']) {
    expect([list, (await api.ask(list)).body]).toEqual([list, [shown, other]])
  }
  expect((await api.ask('/api/users/u/topic-permissions')).body).toEqual([shown, other])
  expect((await api.ask('/api/users/guest/topic-permissions')).body).toEqual([])
  expect(await api.change('DELETE', `${url}/other`)).toBe(204)
  expect((await api.ask(url)).body).toEqual([shown])
  expect(await api.change('DELETE', url)).toBe(204)
  expect(await api.change('DELETE', url)).toBe(404)
})

it.each([
  ['PUT', '/api/topic-permissions/%2F/none', asked, 400],
  ['PUT', '/api/topic-permissions/none/u', asked, 400],
  ['PUT', url, {}, 400],
  ['PUT', url, { ...asked, write: '(' }, 400],
  ['GET', '/api/topic-permissions/none/u', undefined, 404],
  ['GET', '/api/vhosts/none/topic-permissions', undefined, 404],
  ['GET', '/api/users/none/topic-permissions', undefined, 404],
  ['DELETE', '/api/topic-permissions/%2F/none/x', undefined, 404],
] as const)('%s %s is refused', async (method, path, body, status) => {
  expect((await api.ask(path, { method, body })).status).toBe(status)
})
