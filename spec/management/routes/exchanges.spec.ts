// /api/exchanges: declared, shown, deleted and published to over HTTP.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

const url = '/api/exchanges/%2F/e1'

it('declares, shows and deletes', async () => {
  const asked = { type: 'topic', durable: true, arguments: { 'alternate-exchange': 'ae', n: 5 } }
  expect(await api.change('PUT', url, asked)).toBe(201)
  expect(await api.change('PUT', url, asked)).toBe(204)
  expect((await api.ask(url)).body).toEqual({
    name: 'e1',
    vhost: '/',
    auto_delete: false,
    internal: false,
    incoming: [],
    outgoing: [],
    ...asked,
  })
  const { status, body } = await api.ask(url, { method: 'PUT', body: { ...asked, durable: 'false' } })
  expect([status, body.reason]).toEqual([
    400,
    "inequivalent arg 'durable' for exchange 'e1' in vhost '/': received 'false' but current is 'true'",
  ])
  await api.change('PUT', '/api/queues/%2F/q')
  await api.change('POST', '/api/bindings/%2F/e/e1/q/q')
  expect(await api.change('DELETE', `${url}?if-unused=true`)).toBe(400)
  expect(await api.change('DELETE', url)).toBe(204)
  expect(await api.change('DELETE', url)).toBe(404)
  expect((await api.ask(url)).status).toBe(404)
})

it('shows the exchanges that every vhost has, and the policy that one is under', async () => {
  const { body } = await api.ask('/api/exchanges/%2F?columns=name,type')
  expect(body.slice(0, 2)).toEqual([
    { name: '', type: 'direct' },
    { name: 'amq.direct', type: 'direct' },
  ])
  expect((await api.ask('/api/exchanges/%2F/amq.default')).body).toMatchObject({ name: '', type: 'direct' })
  await api.broker.administration.putPolicy('/', 'p', { pattern: '', definition: { 'alternate-exchange': 'x' } })
  expect((await api.ask('/api/exchanges/%2F/amq.direct')).body.policy).toBe('p')
  expect((await api.ask('/api/exchanges/%2F/amq.default')).body.policy).toBeUndefined()
  expect((await api.ask('/api/exchanges')).body).toHaveLength(7)
  expect((await api.ask('/api/exchanges/none')).status).toBe(404)
})

it.each([
  ['PUT', url, { type: 'none' }, 400, "unknown exchange type 'none'"],
  ['PUT', url, { arguments: [] }, 400, 'arguments: expected an object of arguments, not a list'],
  ['PUT', '/api/exchanges/%2F/amq.mine', {}, 401, expect.stringContaining("reserved prefix 'amq.*'")],
  ['PUT', '/api/exchanges/%2F/amq.default', {}, 401, expect.stringContaining('default exchange')],
  ['PUT', '/api/exchanges/none/e1', {}, 404, 'Not Found'],
  ['DELETE', '/api/exchanges/%2F/amq.topic', undefined, 401, expect.stringContaining('deletion of system exchange')],
  ['DELETE', '/api/exchanges/%2F/amq.default', undefined, 401, expect.stringContaining('default exchange')],
] as const)('%s %s %j is refused', async (method, path, body, status, reason) => {
  const answered = await api.ask(path, { method, body })
  expect([answered.status, answered.body.reason]).toEqual([status, reason])
})

it('goes by the permissions of the caller', async () => {
  const as = await api.addUser('u', ['management'])
  await api.broker.administration.setPermission('u', '/', { configure: '^mine', write: '', read: '' })
  expect(await api.change('PUT', '/api/exchanges/%2F/mine', {}, as)).toBe(201)
  expect(await api.change('PUT', url, {}, as)).toBe(401)
  // Monitors see it all, and change nothing.
  const monitor = await api.addUser('m', ['monitoring'])
  expect((await api.ask('/api/exchanges/%2F', { as: monitor })).status).toBe(200)
  expect(await api.change('DELETE', '/api/exchanges/%2F/mine', undefined, monitor)).toBe(401)
})

it('publishes, and says whether a queue got it', async () => {
  await api.change('PUT', '/api/queues/%2F/q')
  const message = { routing_key: 'q', properties: {}, payload: 'hi', payload_encoding: 'string' }
  const publish = async (exchange: string, body: object) =>
    (await api.ask(`/api/exchanges/%2F/${exchange}/publish`, { method: 'POST', body })).body
  expect(await publish('amq.default', message)).toEqual({ routed: true })
  expect(await publish('amq.default', { ...message, routing_key: 'none' })).toEqual({ routed: false })
  expect(await publish('none', message)).toEqual({
    error: 'bad_request',
    reason: "404 NOT_FOUND - no exchange 'none' in vhost '/'",
  })
  expect(await publish('amq.default', {})).toMatchObject({ reason: "the body lacks 'routing_key'" })
})
