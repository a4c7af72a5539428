// What is done to queues over HTTP: declared, deleted, purged, taken from.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

const url = '/api/queues/%2F/q1'

async function publish(payload: string, more: object = {}): Promise<void> {
  const body = { routing_key: 'q1', properties: {}, payload, payload_encoding: 'string', ...more }
  await api.change('POST', '/api/exchanges/%2F/amq.default/publish', body)
}

const take = async (body: object) => (await api.ask(`${url}/get`, { method: 'POST', body })).body
const count = async () => (await api.ask(`${url}?columns=messages`)).body.messages

describe('a queue', () => {
  it('is declared, and deleted under conditions', async () => {
    expect(await api.change('PUT', url, { durable: true })).toBe(201)
    expect(await api.change('PUT', url, { durable: 'true' })).toBe(204)
    const { status, body } = await api.ask(url, { method: 'PUT', body: {} })
    expect([status, body.reason]).toEqual([
      400,
      "inequivalent arg 'durable' for queue 'q1' in vhost '/': received 'false' but current is 'true'",
    ])
    await publish('x')
    expect(await api.change('DELETE', `${url}?if-empty=true`)).toBe(400)
    expect(await api.change('DELETE', `${url}?if-unused=true`)).toBe(204)
    expect(await api.change('DELETE', url)).toBe(404)
  })

  it('is of the type that the vhost has', async () => {
    await api.change('PUT', '/api/vhosts/v', { default_queue_type: 'quorum' })
    await api.change('PUT', '/api/queues/v/q', { durable: true })
    expect((await api.ask('/api/queues/v/q')).body.type).toBe('quorum')
    expect(await api.change('DELETE', '/api/queues/v/q?if-empty=true')).toBe(400)
  })

  it.each([
    [
      { arguments: { 'x-message-ttl': -1 } },
      "invalid arg 'x-message-ttl' for queue 'q1' in vhost '/': {value_negative,-1}",
    ],
    [{ arguments: 5 }, 'arguments: expected an object of arguments, not a number'],
    [{ durable: 'maybe' }, "'durable' in the body must be boolean"],
  ])('cannot be %j', async (asked, reason) => {
    const { status, body } = await api.ask(url, { method: 'PUT', body: asked })
    expect([status, body]).toEqual([400, { error: 'bad_request', reason }])
  })

  it('has any letters in its name', async () => {
    const name = 'a/b?c#d%e ü\u{1f407}+&;"'
    const path = `/api/queues/%2F/${encodeURIComponent(name)}`
    expect(await api.change('PUT', path)).toBe(201)
    expect((await api.ask(path)).body.name).toBe(name)
    expect((await api.ask(`/api/queues/%2F?page=1&name=${encodeURIComponent(name)}`)).body.filtered_count).toBe(1)
    const longest = 'ü'.repeat(127)
    expect(await api.change('PUT', `/api/queues/%2F/${encodeURIComponent(longest)}`)).toBe(201)
    expect(await api.change('PUT', `/api/queues/%2F/${'x'.repeat(256)}`)).toBe(400)
  })

  it('that somebody else has for itself is shown, and kept', async () => {
    const owner = api.broker.registerOwner()
    const declaration = { name: 'mine', durable: false, exclusive: true, autoDelete: false, arguments: new Map() }
    await api.broker.topology(api.broker.vhost('/')!).declareQueue(declaration, owner)
    expect((await api.ask('/api/queues/%2F/mine')).body.exclusive).toBe(true)
    const { status, body } = await api.ask('/api/queues/%2F/mine', { method: 'DELETE' })
    expect([status, body.reason]).toEqual([400, expect.stringMatching(/^cannot obtain exclusive access/)])
  })
})

describe('messages', () => {
  beforeEach(() => api.change('PUT', url))

  it('are taken, and go where the ack mode says', async () => {
    for (const body of ['one', 'two', 'three']) await publish(body)
    const [first] = await take({ count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' })
    expect(first).toEqual({
      payload_bytes: 3,
      redelivered: false,
      exchange: '',
      routing_key: 'q1',
      message_count: 2,
      properties: {},
      payload: 'one',
      payload_encoding: 'string',
    })
    expect(await count()).toBe(3)
    const all = await take({ count: 10, ackmode: 'reject_requeue_true', encoding: 'base64', truncate: 1 })
    expect(
      all.map(({ payload, redelivered }: { payload: string; redelivered: boolean }) => [payload, redelivered]),
    ).toEqual([
      ['bw==', true],
      ['dA==', false],
      ['dA==', false],
    ])
    expect(await take({ count: 2, ackmode: 'ack_requeue_false', encoding: 'auto' })).toHaveLength(2)
    expect(await count()).toBe(1)
    expect(await take({ count: 2, ackmode: 'reject_requeue_false', encoding: 'auto' })).toHaveLength(1)
    expect(await take({ count: 2, ackmode: 'reject_requeue_false', encoding: 'auto' })).toEqual([])
    expect(await take({ count: 0, ackmode: 'reject_requeue_false', encoding: 'auto' })).toEqual([])
  })

  it('keep their properties, and octets that are no text', async () => {
    const properties = { delivery_mode: 2, priority: 1, timestamp: 5, type: 't', headers: { a: 1, b: { c: [true] } } }
    await publish('/w==', { properties, payload_encoding: 'base64' })
    expect(await take({ count: 1, ackmode: 'ack_requeue_false', encoding: 'auto' })).toMatchObject([
      { properties, payload: '/w==', payload_encoding: 'base64', payload_bytes: 1 },
    ])
  })

  it('are purged', async () => {
    await publish('one')
    expect(await api.change('DELETE', `${url}/contents`)).toBe(204)
    expect(await count()).toBe(0)
    expect(await api.change('DELETE', '/api/queues/%2F/none/contents')).toBe(404)
  })

  it.each([
    [{}, "the body lacks 'count'"],
    [{ count: 'x', ackmode: 'ack_requeue_true', encoding: 'auto' }, "'count' in the body must be integer"],
    [{ count: -1, ackmode: 'ack_requeue_true', encoding: 'auto' }, "'count' in the body must be >= 0"],
    [{ count: 1, ackmode: 'zip', encoding: 'auto' }, expect.stringMatching(/^'ackmode' in the body must be/)],
    [{ count: 1, ackmode: 'ack_requeue_true', encoding: 'zip' }, expect.stringMatching(/^'encoding' in the body must/)],
  ])('are not taken by %j', async (asked, reason) => {
    const { status, body } = await api.ask(`${url}/get`, { method: 'POST', body: asked })
    expect([status, body]).toEqual([400, { error: 'bad_request', reason }])
  })

  it('are taken by those who may read only', async () => {
    const as = await api.addUser('u', ['management'])
    await api.broker.administration.setPermission('u', '/', { configure: '', write: '.*', read: '^other$' })
    const body = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' }
    const { status, body: answered } = await api.ask(`${url}/get`, { method: 'POST', body, as })
    expect([status, answered.reason]).toEqual([401, expect.stringContaining("read access to queue 'q1'")])
    expect(await api.change('DELETE', `${url}/contents`, undefined, as)).toBe(401)
    const missing = { method: 'POST', body, as } as const
    expect((await api.ask('/api/queues/%2F/none/get', missing)).status).toBe(404)
  })
})

it('mirrors are nothing to wait for', async () => {
  await api.change('PUT', url)
  expect(await api.change('POST', `${url}/actions`, { action: 'sync' })).toBe(204)
  expect(await api.change('POST', `${url}/actions`, { action: 'cancel_sync' })).toBe(204)
  expect(await api.change('POST', `${url}/actions`, { action: 'none' })).toBe(400)
  expect(await api.change('POST', `${url}/actions`, {})).toBe(400)
  expect(await api.change('POST', '/api/queues/%2F/none/actions', { action: 'sync' })).toBe(404)
})
