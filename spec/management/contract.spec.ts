// The answers of a live RabbitMQ 3.10 (samples/), held against ours for the same state: the same keys, with values of the
// same types. What is missing on purpose is listed here, and in docs/http-api.md.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Api } from '../support/api.ts'

const sample = (name: string) => readFileSync(join(__dirname, 'samples', name), 'utf8')

/** Keys that RabbitMQ has and we have not, wherever they stand. */
const left: readonly string[] = [
  // What only the Erlang of classic queues has.
  'backing_queue_status',
  'messages_ready_ram',
  'messages_unacknowledged_ram',
  // There once nothing has changed for five seconds, and no time passes here.
  'idle_since',
  // Not known here: who made it.
  'user_who_performed_action',
  // Streams read from one node.
  'readers',
  // Reads and writes of the disk are not counted by message, and the options of sockets are those of Erlang.
  'disk_reads',
  'disk_reads_details',
  'disk_writes',
  'disk_writes_details',
  'socket_opts',
]

/** What is other than in the sample: keys that are missing, values of another type. */
function differences(theirs: unknown, ours: unknown, place = ''): readonly string[] {
  if (theirs === null || ours === null) return []
  if (kindOf(theirs) !== kindOf(ours)) return [`${place}: ${kindOf(ours)} instead of ${kindOf(theirs)}`]
  if (Array.isArray(theirs)) {
    return theirs.flatMap((each, index) => {
      const other = counterpart(each, ours as readonly unknown[], index)
      return other === undefined ? [] : differences(each, other, `${place}[]`)
    })
  }
  if (typeof theirs !== 'object') return []
  return Object.entries(theirs).flatMap(([key, value]) => {
    if (left.includes(key)) return []
    // Their nodes have another name.
    if (key.startsWith('rabbit@')) return []
    if (!Object.hasOwn(ours as object, key)) return [`${place}.${key} is missing`]
    return differences(value, (ours as Record<string, unknown>)[key], `${place}.${key}`)
  })
}

/** The element of ours that an element of theirs is to be compared with: that of the same name, if they have names. */
function counterpart(theirs: unknown, ours: readonly unknown[], index: number): unknown {
  const name = (theirs as { readonly name?: unknown } | null)?.name
  if (name === undefined) return ours[index] ?? ours[0]
  return ours.find((each) => (each as { readonly name?: unknown }).name === name)
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value
}

const message = (payload: string, routingKey: string) => ({
  properties: { headers: { h: 1 } },
  routing_key: routingKey,
  payload,
  payload_encoding: 'string',
})
const get = (ackmode: string) => ({ count: 1, ackmode, encoding: 'auto' })
const q1 = { durable: true, arguments: { 'x-message-ttl': 60000, 'x-dead-letter-exchange': 'dlx' } }
const e1 = { type: 'topic', durable: true, arguments: { 'alternate-exchange': 'ae' } }

/** What was done, in the order of codes.txt, to come to the state of the samples; 401s and what others own aside. */
const steps: readonly (readonly [
  status: number,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
])[] = [
  [201, 'PUT', '/api/vhosts/t1', {}],
  [204, 'PUT', '/api/vhosts/t1', {}],
  [201, 'PUT', '/api/users/u1', { password: 'p', tags: 'management' }],
  [201, 'PUT', '/api/permissions/t1/u1', { configure: '.*', write: '.*', read: '.*' }],
  [201, 'PUT', '/api/topic-permissions/t1/u1', { exchange: 'amq.topic', write: '^a', read: '.*' }],
  [201, 'PUT', '/api/exchanges/%2F/e1', e1],
  [201, 'PUT', '/api/queues/%2F/q1', q1],
  [204, 'PUT', '/api/queues/%2F/q1', q1],
  [400, 'PUT', '/api/queues/%2F/q1', { ...q1, durable: false }],
  [201, 'PUT', '/api/queues/%2F/qq', { durable: true, arguments: { 'x-queue-type': 'quorum' } }],
  [201, 'POST', '/api/bindings/%2F/e/e1/q/q1', { routing_key: 'k' }],
  [201, 'POST', '/api/bindings/%2F/e/e1/q/q1', { routing_key: 'a.*', arguments: { x: 1 } }],
  [
    201,
    'PUT',
    '/api/policies/%2F/p1',
    { pattern: '^q', definition: { 'max-length': 1000 }, priority: 1, 'apply-to': 'queues' },
  ],
  [
    201,
    'PUT',
    '/api/operator-policies/%2F/op1',
    { pattern: '^q', definition: { 'max-length': 500 }, priority: 1, 'apply-to': 'queues' },
  ],
  [204, 'PUT', '/api/vhost-limits/t1/max-connections', { value: 10 }],
  [204, 'PUT', '/api/user-limits/u1/max-channels', { value: 10 }],
  [201, 'PUT', '/api/global-parameters/gp', { value: { a: 1 } }],
  [200, 'POST', '/api/exchanges/%2F/e1/publish', message('hi', 'k')],
  [200, 'POST', '/api/exchanges/%2F/e1/publish', message('hi', 'nowhere')],
  [400, 'POST', '/api/exchanges/%2F/nosuch/publish', message('hi', 'k')],
  [200, 'POST', '/api/queues/%2F/q1/get', get('ack_requeue_true')],
  [404, 'POST', '/api/queues/%2F/nosuch/get', get('ack_requeue_true')],
  [404, 'GET', '/api/queues/%2F/nosuch'],
  [404, 'DELETE', '/api/queues/%2F/nosuch'],
  [400, 'DELETE', '/api/queues/%2F/q1?if-empty=true'],
  [400, 'PUT', '/api/queues/%2F/bad', { arguments: { 'x-message-ttl': 'abc' } }],
  [400, 'PUT', '/api/queues/%2F/bad', '{bad'],
  [404, 'PUT', '/api/queues/nov/bad', {}],
]

let api: Api
beforeAll(async () => {
  api = await Api.create()
})
afterAll(() => api.close())

it('what is done is answered with the statuses of RabbitMQ', async () => {
  const codes = sample('codes.txt')
  for (const [status, method, path, body] of steps) {
    const answered = await api.ask(path, { method, ...(body === undefined ? {} : { body }) })
    expect([method, path, answered.status]).toEqual([method, path, status])
    expect(codes).toContain(`${status} ${method} ${path}\n`)
  }
  // As in the samples, where it was got twice.
  await api.ask('/api/queues/%2F/q1/get', { method: 'POST', body: get('ack_requeue_true') })
})

it.each([
  ['exchanges__2F_e1.json', '/api/exchanges/%2F/e1'],
  ['consumers.json', '/api/consumers'],
  ['extensions.json', '/api/extensions'],
  ['health_checks_alarms.json', '/api/health/checks/alarms'],
  ['nodes.json', '/api/nodes'],
  ['overview.json', '/api/overview'],
  ['permissions.json', '/api/permissions'],
  ['policies.json', '/api/policies'],
  ['queues.json', '/api/queues'],
  ['queues__2F_q1.json', '/api/queues/%2F/q1'],
  ['queues__2F_q1_windows.json', '/api/queues/%2F/q1?lengths_age=60&lengths_incr=5&msg_rates_age=60&msg_rates_incr=5'],
  ['queues_page.json', '/api/queues?page=1&page_size=2'],
  ['users.json', '/api/users'],
  ['vhosts.json', '/api/vhosts'],
  ['whoami.json', '/api/whoami'],
])('%s has the keys and types of %s', async (name, path) => {
  const { body } = await api.ask(path)
  expect(differences(JSON.parse(sample(name)), body)).toEqual([])
})

it('what is got has the keys and types of get.json', async () => {
  const { body } = await api.ask('/api/queues/%2F/q1/get', { method: 'POST', body: get('ack_requeue_true') })
  const [theirs] = JSON.parse(sample('get.json'))
  expect(body).toEqual([{ ...theirs, redelivered: true }])
})

it('bindings, permissions and policies are the same to the letter', async () => {
  const { body } = await api.ask('/api/bindings/%2F')
  const ofQ1 = JSON.parse(sample('bindings__2F.json')).filter(
    ({ destination }: { destination: string }) => destination === 'q1',
  )
  expect(body.filter(({ destination }: { destination: string }) => destination === 'q1')).toEqual(ofQ1)
  expect((await api.ask('/api/permissions')).body).toEqual(JSON.parse(sample('permissions.json')))
  expect((await api.ask('/api/policies')).body).toEqual(JSON.parse(sample('policies.json')))
})

it('refusals are the same to the letter', async () => {
  expect((await api.ask('/api/queues/%2F/nosuch')).body).toEqual(JSON.parse(sample('err_404.json')))
  const refused = await api.ask('/api/queues/%2F/q1', { method: 'PUT', body: { ...q1, durable: false } })
  expect(refused.body).toEqual(JSON.parse(sample('err_inequivalent.json')))
})

it('complains where a key is missing or of another type', () => {
  expect(differences({ a: 1, b: [{ name: 'x', c: '' }] }, { a: '1', b: [{ name: 'y' }, { name: 'x' }] })).toEqual([
    '.a: string instead of number',
    '.b[].c is missing',
  ])
})
