// /api/parameters and /api/global-parameters: what is set for components, over HTTP, by who may make policies.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

const limits = { value: { 'max-queues': 100 } }

it('makes, shows, changes and deletes parameters', async () => {
  const url = '/api/parameters/vhost-limits/%2F/limits'
  expect(await api.change('PUT', url, limits)).toBe(201)
  expect(await api.change('PUT', url, limits)).toBe(204)
  const expected = { ...limits, vhost: '/', component: 'vhost-limits', name: 'limits' }
  expect((await api.ask(url)).body).toEqual(expected)
  for (const list of ['', '/vhost-limits', '/vhost-limits/%2F']) {
    expect((await api.ask(`/api/parameters${list}`)).body).toEqual([expected])
  }
  expect((await api.ask('/api/parameters/nosuch')).body).toEqual([])
  expect(api.world.vhost.limits).toEqual({ 'max-queues': 100 })
  expect(await api.change('DELETE', url)).toBe(204)
  expect(await api.change('DELETE', url)).toBe(404)
  expect((await api.ask(url)).status).toBe(404)
})

it('takes operator policies, and what is for components that are not here', async () => {
  const policy = { pattern: '^q', definition: { expires: 1 }, priority: 1, 'apply-to': 'queues' }
  expect(await api.change('PUT', '/api/parameters/operator_policy/%2F/op', { value: policy })).toBe(201)
  expect(await api.change('PUT', '/api/parameters/shovel/%2F/s', { value: { 'src-queue': 'a' } })).toBe(201)
  expect((await api.ask('/api/parameters')).body.map(({ component }: { component: string }) => component)).toEqual([
    'operator_policy',
    'shovel',
  ])
})

it.each([
  ['/api/parameters/nosuch/%2F/x', { value: 1 }, 400, 'component nosuch not found'],
  ['/api/parameters/policy/%2F/x', { value: 1 }, 400, 'policies may not be set using this method'],
  ['/api/parameters/shovel/%2F/x', {}, 400, "the body lacks 'value'"],
  ['/api/parameters/shovel/none/x', { value: 1 }, 404, 'Not Found'],
  ['/api/parameters/operator_policy/%2F/x', { value: 5 }, 400, 'a policy has to be an object, not 5'],
])('refuses to set %s to %j', async (url, body, status, reason) => {
  const answer = await api.ask(url, { method: 'PUT', body })
  expect([answer.status, answer.body.reason]).toEqual([status, reason])
})

it('makes, shows, changes and deletes global parameters', async () => {
  const url = '/api/global-parameters/gp'
  expect(await api.change('PUT', url, { name: 'gp', value: { a: 1 } })).toBe(201)
  expect(await api.change('PUT', url, { value: { a: 2 } })).toBe(204)
  expect((await api.ask(url)).body).toEqual({ name: 'gp', value: { a: 2 } })
  const id = { name: 'internal_cluster_id', value: expect.stringMatching(/^rabbitmq-cluster-id-.{22}$/) }
  expect((await api.ask('/api/global-parameters')).body).toEqual([{ name: 'gp', value: { a: 2 } }, id])
  expect(await api.change('DELETE', url)).toBe(204)
  expect(await api.change('DELETE', url)).toBe(404)
  expect((await api.ask(url)).status).toBe(404)
})

it('shows policy makers what is in their vhosts', async () => {
  await api.broker.administration.putVhost('v')
  await api.change('PUT', '/api/parameters/vhost-limits/%2F/limits', limits)
  await api.change('PUT', '/api/parameters/vhost-limits/v/limits', limits)
  const pol = await api.addUser('pol', ['policymaker'], ['v'])
  const { body } = await api.ask('/api/parameters', { as: pol })
  expect(body.map(({ vhost }: { vhost: string }) => vhost)).toEqual(['v'])
  expect((await api.ask('/api/parameters/vhost-limits/%2F', { as: pol })).status).toBe(401)
  const mon = await api.addUser('mon', ['monitoring'], ['v'])
  expect((await api.ask('/api/parameters', { as: mon })).status).toBe(401)
  expect((await api.ask('/api/global-parameters', { as: mon })).status).toBe(401)
})

it('leaves what operators set to administrators', async () => {
  const pol = await api.addUser('pol', ['policymaker'], ['/'])
  const policy = { value: { pattern: '.*', definition: { 'max-length': 1 }, 'apply-to': 'queues' } }
  const urls = ['/api/parameters/operator_policy/%2F/p', '/api/parameters/vhost-limits/%2F/limits']
  for (const [url, body] of [
    [urls[0], policy],
    [urls[1], limits],
  ] as const) {
    expect(await api.change('PUT', `${url}`, body, pol)).toBe(401)
    expect(await api.change('PUT', `${url}`, body)).toBe(201)
    expect(await api.change('DELETE', `${url}`, undefined, pol)).toBe(401)
    expect(await api.change('DELETE', `${url}`)).toBe(204)
  }
  expect(await api.change('PUT', '/api/parameters/shovel/%2F/s', { value: {} }, pol)).toBe(201)
})
