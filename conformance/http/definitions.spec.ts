// Definitions between RabbitMQ and us: what a live RabbitMQ with one of everything exports is imported here and exported
// again as the same, but for what says which broker that is; and RabbitMQ takes it back.

import { createHash } from 'node:crypto'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { findRabbitmq, type Rabbitmq, startRabbitmq } from '../support/rabbitmq.ts'

jest.setTimeout(120_000)

type Definitions = { readonly [section: string]: unknown }

const describeIt = findRabbitmq() ? describe : describe.skip
const headers = { authorization: `Basic ${btoa('guest:guest')}`, 'content-type': 'application/json' }

async function ask(base: string, method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(`${base}/api${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response
}

/** A password hash as RabbitMQ makes it. */
function hashOf(algorithm: string, password: string): string {
  const salt = Buffer.from('salt')
  return Buffer.concat([salt, createHash(algorithm).update(salt).update(password).digest()]).toString('base64')
}

const users = ['sha256', 'sha512', 'md5'].map((algorithm) => ({
  name: `u-${algorithm}`,
  password_hash: hashOf(algorithm, 'secret'),
  hashing_algorithm: `rabbit_password_hashing_${algorithm}`,
  tags: ['management'],
}))
const types = ['direct', 'fanout', 'topic', 'headers', 'x-consistent-hash', 'x-random', 'x-recent-history']
const queue = (name: string, args: object = {}, durable = true) => ({
  name,
  vhost: 'shop/é',
  durable,
  auto_delete: false,
  arguments: args,
})
const binding = (source: string, destination: string, key: string, args: object = {}, type = 'queue') => ({
  source,
  vhost: 'shop/é',
  destination,
  destination_type: type,
  routing_key: key,
  arguments: args,
})
const all = { configure: '.*', write: '^(a|b)', read: '' }
const policy = { pattern: '^q', definition: { 'max-length': 10, 'dead-letter-exchange': 'x-fanout' }, priority: 2 }

/** One of everything. */
const everything = {
  users,
  vhosts: [{ name: 'shop/é' }],
  permissions: users.map(({ name }) => ({ user: name, vhost: 'shop/é', ...all })),
  topic_permissions: [{ user: 'u-md5', vhost: 'shop/é', exchange: 'amq.topic', write: '^{username}', read: '.*' }],
  parameters: [
    { vhost: 'shop/é', component: 'vhost-limits', name: 'limits', value: { 'max-connections': 7 } },
    {
      vhost: 'shop/é',
      component: 'operator_policy',
      name: 'op',
      value: { pattern: '', definition: { 'message-ttl': 5000 }, priority: 0, 'apply-to': 'queues' },
    },
  ],
  global_parameters: [{ name: 'gp', value: { a: [1, null, 'x'] } }],
  policies: [
    { vhost: 'shop/é', name: 'p', 'apply-to': 'queues', ...policy },
    {
      vhost: 'shop/é',
      name: 'x',
      'apply-to': 'exchanges',
      pattern: 'x',
      definition: { 'alternate-exchange': 'x-fanout' },
      priority: 0,
    },
  ],
  queues: [
    queue('q-plain'),
    queue('q-short', {}, false),
    queue('q-args', { 'x-max-priority': 5, 'x-expires': 9_000_000, 'x-dead-letter-exchange': 'x-fanout' }),
    queue('q-quorum', { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 }),
    queue('q-stream', { 'x-queue-type': 'stream', 'x-max-age': '7D' }),
    queue('a name/with ü', { 'x-own': { deep: [true, 0.5] } }),
  ],
  exchanges: types.map((type) => ({ ...queue(`x-${type}`), type, internal: type === 'fanout' })),
  bindings: [
    binding('x-topic', 'q-plain', 'a.#'),
    binding('x-topic', 'q-plain', 'b'),
    binding('x-headers', 'q-args', '', { 'x-match': 'any', size: 5 }),
    binding('x-consistent-hash', 'q-quorum', '10'),
    binding('x-direct', 'x-fanout', 'k', {}, 'exchange'),
    binding('amq.direct', 'q-short', 'k'),
  ],
}

/** What differs between brokers that are otherwise the same: who they are. */
const versions = ['rabbit_version', 'rabbitmq_version', 'product_name', 'product_version']

/** All lists in an order that depends on nothing but what is in them. */
function comparable(definitions: Definitions): object {
  const lists = Object.entries(definitions).filter(([name]) => !versions.includes(name))
  return Object.fromEntries(
    lists.map(([name, list]) => [name, (list as object[]).map((each) => JSON.stringify(sorted(each))).sort()]),
  )
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]))
}

describeIt('definitions', () => {
  let rabbitmq: Rabbitmq
  let leveret: Leveret
  let exported: Definitions

  beforeAll(async () => {
    rabbitmq = (await startRabbitmq()) as Rabbitmq
    leveret = await startLeveret({ ephemeral: true, http: true })
    await ask(rabbitmq.managementUrl, 'POST', '/definitions', everything)
    exported = (await (await ask(rabbitmq.managementUrl, 'GET', '/definitions')).json()) as Definitions
  })
  afterAll(async () => {
    await leveret?.stop()
    await rabbitmq?.stop()
  })

  it('of RabbitMQ are exported here as RabbitMQ exports them', async () => {
    expect((await ask(leveret.httpUrl, 'POST', '/definitions', exported)).status).toBe(204)
    const ours = (await (await ask(leveret.httpUrl, 'GET', '/definitions')).json()) as Definitions
    expect(Object.keys(ours)).toEqual(Object.keys(exported))
    expect(comparable(ours)).toEqual(comparable(exported))
  })

  it('of one vhost as well', async () => {
    const path = `/definitions/${encodeURIComponent('shop/é')}`
    const theirs = (await (await ask(rabbitmq.managementUrl, 'GET', path)).json()) as Definitions
    const ours = (await (await ask(leveret.httpUrl, 'GET', path)).json()) as Definitions
    expect(Object.keys(ours)).toEqual(Object.keys(theirs))
    expect(comparable(ours)).toEqual(comparable(theirs))
  })

  it('that were imported are no change', async () => {
    const answer = await ask(leveret.httpUrl, 'POST', '/definitions?report=true', exported)
    expect(await answer.json()).toMatchObject({ created: [], changed: [], ignored: [] })
  })

  it('bring users whose passwords open', async () => {
    for (const { name } of users) {
      const login = { authorization: `Basic ${btoa(`${name}:secret`)}` }
      expect((await fetch(`${leveret.httpUrl}/api/whoami`, { headers: login })).status).toBe(200)
    }
  })

  it('of ours are taken back by RabbitMQ, and are the same there', async () => {
    const ours = (await (await ask(leveret.httpUrl, 'GET', '/definitions')).json()) as Definitions
    await ask(rabbitmq.managementUrl, 'DELETE', `/vhosts/${encodeURIComponent('shop/é')}`)
    expect((await ask(rabbitmq.managementUrl, 'POST', '/definitions', ours)).status).toBe(204)
    const again = (await (await ask(rabbitmq.managementUrl, 'GET', '/definitions')).json()) as Definitions
    expect(comparable(again)).toEqual(comparable(exported))
  })
})
