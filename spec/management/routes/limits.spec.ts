// /api/vhost-limits and /api/user-limits: set one by one, shown together.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  await api.addUser('u', ['management'], ['/'])
})
afterEach(() => api.close())

it.each([
  ['/api/vhost-limits', '%2F', { vhost: '/' }, 'max-queues'],
  ['/api/user-limits', 'u', { user: 'u' }, 'max-channels'],
])('%s', async (path, of, who, other) => {
  const url = `${path}/${of}`
  expect((await api.ask(path)).body).toEqual([])
  expect((await api.ask(url)).body).toEqual([])
  expect(await api.change('PUT', `${url}/max-connections`, { value: 5 })).toBe(204)
  expect(await api.change('PUT', `${url}/${other}`, { value: '6' })).toBe(204)
  const shown = [{ ...who, value: { 'max-connections': 5, [other]: 6 } }]
  expect((await api.ask(path)).body).toEqual(shown)
  expect((await api.ask(url)).body).toEqual(shown)
  expect(await api.change('DELETE', `${url}/${other}`)).toBe(204)
  expect(await api.change('DELETE', `${url}/${other}`)).toBe(204)
  expect((await api.ask(url)).body).toEqual([{ ...who, value: { 'max-connections': 5 } }])
  const wrong = await api.ask(`${url}/none`, { method: 'PUT', body: { value: 5 } })
  expect([wrong.status, wrong.body.reason]).toEqual([400, expect.stringMatching(/^Unrecognised terms/)])
  expect(await api.change('PUT', `${url}/max-connections`, { value: 'x' })).toBe(400)
  expect(await api.change('PUT', `${url}/max-connections`, {})).toBe(400)
  const nothing = await api.ask(`${url}/max-connections`, { method: 'PUT', body: { value: null } })
  expect([nothing.status, nothing.body.reason]).toEqual([400, "'value' in the body must be integer, not null"])
  expect(await api.change('PUT', `${path}/none/max-connections`, { value: 5 })).toBe(404)
  expect(await api.change('DELETE', `${path}/none/max-connections`)).toBe(404)
  expect((await api.ask(`${path}/none`)).status).toBe(404)
  expect(await api.change('PUT', `${url}/max-connections`, { value: 5 }, 'u:secret')).toBe(401)
})

it('shows the limits of vhosts to those who see them', async () => {
  await api.change('PUT', '/api/vhost-limits/%2F/max-queues', { value: 5 })
  expect((await api.ask('/api/vhost-limits', { as: 'u:secret' })).body).toHaveLength(1)
  expect((await api.ask('/api/user-limits', { as: 'u:secret' })).status).toBe(401)
})
