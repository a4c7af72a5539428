// /api/bindings: bound, found, shown and unbound over HTTP, by the names that RabbitMQ gives to bindings.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  await api.change('PUT', '/api/queues/%2F/q1', { durable: true })
})
afterEach(() => api.close())

const url = '/api/bindings/%2F/e/amq.topic/q/q1'
const implied = {
  source: '',
  vhost: '/',
  destination: 'q1',
  destination_type: 'queue',
  routing_key: 'q1',
  arguments: {},
  properties_key: 'q1',
}

// What RabbitMQ 3.10 answered, location and key.
it.each([
  [{}, 'q1/~', '~'],
  [{ routing_key: '' }, 'q1/~', '~'],
  [{ routing_key: 'k' }, 'q1/k', 'k'],
  [{ routing_key: 'a.*', arguments: { x: 1 } }, 'q1/a.%252A~9nmLZQ', 'a.%2A~9nmLZQ'],
  [{ routing_key: '~' }, 'q1/%257E', '%7E'],
  [{ routing_key: 'ü b' }, 'q1/%25C3%25BC%2Bb', '%C3%BC+b'],
  [{ arguments: { a: 'b', c: [1, 'x'], d: { e: true }, f: 1.5 } }, 'q1/~pZt75Q', '~pZt75Q'],
])('%j is called as in RabbitMQ', async (body, location, key) => {
  const { status, headers } = await api.ask(url, { method: 'POST', body })
  expect([status, headers['location']]).toEqual([201, location])
  const { body: shown } = await api.ask(url)
  const whole = { ...implied, source: 'amq.topic', routing_key: '', ...body, properties_key: key }
  expect(shown).toEqual([whole])
  expect((await api.ask(`/api/bindings/%2F/e/amq.topic/q/${location}`)).body).toEqual(whole)
  // Escaped once only, as many do.
  expect((await api.ask(`${url}/${key}`)).body).toEqual(whole)
  expect(await api.change('DELETE', `/api/bindings/%2F/e/amq.topic/q/${location}`)).toBe(204)
  expect(await api.change('DELETE', `/api/bindings/%2F/e/amq.topic/q/${location}`)).toBe(404)
  expect((await api.ask(url)).body).toEqual([])
})

it('lists bindings of all, of a vhost, of an exchange and of a queue', async () => {
  await api.change('POST', url, { routing_key: 'k' })
  await api.change('POST', '/api/bindings/%2F/e/amq.topic/e/amq.fanout', {})
  const bound = { ...implied, source: 'amq.topic', routing_key: 'k', properties_key: 'k' }
  const chained = {
    ...implied,
    source: 'amq.topic',
    destination: 'amq.fanout',
    destination_type: 'exchange',
    routing_key: '',
    properties_key: '~',
  }
  expect((await api.ask('/api/bindings')).body).toEqual([implied, chained, bound])
  expect((await api.ask('/api/bindings/%2F')).body).toEqual([implied, chained, bound])
  expect((await api.ask('/api/bindings/%2F/e/amq.topic/e/amq.fanout')).body).toEqual([chained])
  expect((await api.ask('/api/exchanges/%2F/amq.topic/bindings/source')).body).toEqual([chained, bound])
  expect((await api.ask('/api/exchanges/%2F/amq.fanout/bindings/destination')).body).toEqual([chained])
  expect((await api.ask('/api/exchanges/%2F/amq.default/bindings/source')).body).toEqual([implied])
  expect((await api.ask('/api/bindings/%2F/e/amq.default/q/q1')).body).toEqual([implied])
  expect((await api.ask('/api/queues/%2F/q1/bindings')).body).toEqual([implied, bound])
  expect((await api.ask('/api/bindings/%2F/e/none/q/none')).body).toEqual([])
})

it.each([
  ['POST', '/api/bindings/%2F/e/none/q/q1', {}, 404, "no exchange 'none' in vhost '/'"],
  ['POST', '/api/bindings/%2F/e/amq.topic/q/none', {}, 404, "no queue 'none' in vhost '/'"],
  ['POST', '/api/bindings/none/e/amq.topic/q/q1', {}, 404, 'Not Found'],
  ['POST', url, { arguments: 'x' }, 400, 'arguments: expected an object of arguments, not a text'],
  ['POST', url, { routing_key: 'x'.repeat(256) }, 400, 'routing_key: 255 octets at most'],
  ['POST', '/api/bindings/%2F/e/amq.topic/x/q1', {}, 400, expect.stringContaining("'kind' in the params must")],
  ['POST', '/api/bindings/%2F/e/amq.default/q/q1', {}, 401, expect.stringContaining('default exchange')],
  ['DELETE', '/api/bindings/%2F/e/amq.default/q/q1/q1', undefined, 401, expect.stringContaining('default exchange')],
  ['GET', '/api/exchanges/%2F/none/bindings/source', undefined, 404, 'Not Found'],
  ['GET', '/api/queues/%2F/none/bindings', undefined, 404, 'Not Found'],
  ['GET', `${url}/none`, undefined, 404, 'Not Found'],
  ['GET', `${url}/%25ZZ`, undefined, 404, 'Not Found'],
] as const)('%s %s is refused', async (method, path, body, status, reason) => {
  const answered = await api.ask(path, { method, body })
  expect([answered.status, answered.body.reason]).toEqual([status, reason])
})

it('goes by the permissions of the caller', async () => {
  const as = await api.addUser('u', ['management'])
  await api.broker.administration.setPermission('u', '/', { configure: '', write: 'q1', read: '^amq.direct$' })
  const refused = await api.ask(url, { method: 'POST', as })
  expect([refused.status, refused.body.reason]).toEqual([
    401,
    "ACCESS_REFUSED - read access to exchange 'amq.topic' in vhost '/' refused for user 'u'",
  ])
  expect(await api.change('POST', '/api/bindings/%2F/e/amq.direct/q/q1', {}, as)).toBe(201)
})
