// /api/queues, as far as it is read: what queues are and hold at this very moment.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  await api.change('PUT', '/api/queues/%2F/q1', { durable: true, arguments: { 'x-message-ttl': 60000 } })
  await api.change('PUT', '/api/queues/%2F/q2')
})
afterEach(() => api.close())

async function publish(routingKey: string, count: number): Promise<void> {
  const body = { routing_key: routingKey, properties: {}, payload: 'hi', payload_encoding: 'string' }
  for (let i = 0; i < count; i++) await api.change('POST', '/api/exchanges/%2F/amq.default/publish', body)
}

const names = (body: readonly { readonly name: string }[]) => body.map(({ name }) => name)

it('shows a queue with exact numbers', async () => {
  await api.broker.administration.putPolicy('/', 'p', { pattern: '^q', definition: { 'max-length': 9 } })
  await publish('q1', 3)
  await api.broker.vhost('/')?.queues.get('q1')?.get()
  expect((await api.ask('/api/queues/%2F/q1')).body).toMatchObject({
    name: 'q1',
    vhost: '/',
    type: 'classic',
    durable: true,
    auto_delete: false,
    exclusive: false,
    arguments: { 'x-message-ttl': 60000 },
    policy: 'p',
    operator_policy: null,
    effective_policy_definition: { 'max-length': 9 },
    messages: 3,
    messages_ready: 2,
    messages_unacknowledged: 1,
    consumers: 0,
    node: 'leveret@here',
    state: 'running',
  })
  expect((await api.ask('/api/queues/%2F/none')).status).toBe(404)
  expect((await api.ask('/api/queues/none')).status).toBe(404)
})

it('lists queues by name, or by what they hold', async () => {
  await publish('q2', 2)
  expect(names((await api.ask('/api/queues')).body)).toEqual(['q1', 'q2'])
  expect(names((await api.ask('/api/queues/%2F?sort=messages&sort_reverse=true')).body)).toEqual(['q2', 'q1'])
  expect((await api.ask('/api/queues/detailed?columns=name,messages')).body).toEqual([
    { name: 'q1', messages: 0 },
    { name: 'q2', messages: 2 },
  ])
})

it('gives KEDA its page', async () => {
  await publish('q2', 2)
  const query = 'page=1&use_regex=true&pagination=false&name=%5Eq2%24&page_size=100'
  expect((await api.ask(`/api/queues/%2F?${query}`)).body).toMatchObject({
    items: [{ name: 'q2', messages: 2, messages_ready: 2, messages_unacknowledged: 0 }],
    page_count: 1,
    filtered_count: 1,
    total_count: 2,
  })
})

it('leaves numbers out where nobody wants them', async () => {
  await publish('q2', 2)
  const [, plain] = (await api.ask('/api/queues?disable_stats=true')).body
  expect(plain.name).toBe('q2')
  expect(plain.messages).toBeUndefined()
  const [, counted] = (await api.ask('/api/queues?disable_stats=true&enable_queue_totals=true')).body
  expect(counted).toEqual({ ...plain, messages: 2, messages_ready: 2, messages_unacknowledged: 0 })
})

it('shows no queues of vhosts that the caller may not see', async () => {
  await api.change('PUT', '/api/vhosts/v')
  await api.change('PUT', '/api/queues/v/q3')
  const as = await api.addUser('u', ['management'], ['v'])
  expect(names((await api.ask('/api/queues', { as })).body)).toEqual(['q3'])
  expect((await api.ask('/api/queues/%2F', { as })).status).toBe(401)
  expect((await api.ask('/api/queues/%2F/q1', { as })).status).toBe(401)
})
