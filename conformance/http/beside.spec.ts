// The same requests to our HTTP API and to that of a live RabbitMQ beside it: the same statuses, and no key of RabbitMQ's
// missing but those that docs/http-api.md names.

import { type Leveret, startLeveret } from '../support/leveret.ts'
import { findRabbitmq, type Rabbitmq, startRabbitmq } from '../support/rabbitmq.ts'

jest.setTimeout(120_000)

type Asked = readonly [method: string, path: string, body?: object]

const message = { routing_key: 'a', properties: { delivery_mode: 2 }, payload: 'x', payload_encoding: 'string' }
const get = { count: 5, ackmode: 'ack_requeue_true', encoding: 'auto' }
const grants = { configure: '.*', write: '.*', read: '.*' }
const policy = { pattern: '.*', definition: { 'max-length': 3 } }
const quorum = { durable: true, arguments: { 'x-queue-type': 'quorum' } }

const asked: readonly Asked[] = [
  ['PUT', '/api/vhosts/s', {}],
  ['PUT', '/api/vhosts/s', {}],
  ['PUT', '/api/users/u', { password: 'p', tags: 'management' }],
  ['PUT', '/api/users/u2', {}],
  ['PUT', '/api/permissions/s/u', grants],
  ['PUT', '/api/permissions/s/none', grants],
  ['PUT', '/api/exchanges/s/e', { type: 'topic', durable: true }],
  ['PUT', '/api/exchanges/s/e', { type: 'direct', durable: true }],
  ['PUT', '/api/queues/s/q', { durable: true }],
  ['PUT', '/api/queues/s/q', { durable: true }],
  ['PUT', '/api/queues/s/q', { durable: true, arguments: { 'x-max-length': 5 } }],
  ['PUT', '/api/queues/s/qq', quorum],
  ['PUT', '/api/queues/s/bad', { arguments: { 'x-max-priority': 1000 } }],
  ['PUT', '/api/queues/none/q', {}],
  ['POST', '/api/bindings/s/e/e/q/q', { routing_key: '#' }],
  ['POST', '/api/bindings/s/e/none/q/q', {}],
  ['POST', '/api/exchanges/s/e/publish', message],
  ['POST', '/api/exchanges/s/none/publish', message],
  ['POST', '/api/queues/s/q/get', get],
  ['POST', '/api/queues/s/none/get', get],
  ['GET', '/api/queues/s/q'],
  ['GET', '/api/exchanges/s'],
  ['GET', '/api/exchanges/s/e'],
  ['GET', '/api/bindings/s'],
  ['GET', '/api/bindings/s/e/e/q/q'],
  ['GET', '/api/bindings/s/e/e/q/q/%2523'],
  ['GET', '/api/vhosts'],
  ['GET', '/api/vhosts/s'],
  ['GET', '/api/users'],
  ['GET', '/api/users/u'],
  ['GET', '/api/permissions/s/u'],
  ['PUT', '/api/policies/s/p', policy],
  ['GET', '/api/policies/s/p'],
  ['PUT', '/api/operator-policies/s/p', policy],
  ['PUT', '/api/operator-policies/s/p2', { pattern: '', definition: { 'dead-letter-exchange': 'x' } }],
  ['PUT', '/api/vhost-limits/s/max-queues', { value: 10 }],
  ['GET', '/api/vhost-limits/s'],
  ['PUT', '/api/user-limits/u/max-connections', { value: 10 }],
  ['GET', '/api/user-limits/u'],
  ['GET', '/api/whoami'],
  ['GET', '/api/cluster-name'],
  ['GET', '/api/feature-flags'],
  ['GET', '/api/queues?page=1&page_size=0'],
  ['GET', '/api/queues?page=9'],
  ['GET', '/api/queues?page=x'],
  ['POST', '/api/whoami', {}],
  ['GET', '/api/nosuch'],
  ['DELETE', '/api/queues/s/q?if-empty=true'],
  ['DELETE', '/api/queues/s/qq?if-unused=true'],
  ['DELETE', '/api/exchanges/s/e?if-unused=true'],
  ['DELETE', '/api/bindings/s/e/e/q/q/%2523'],
  ['DELETE', '/api/queues/s/q/contents'],
  ['DELETE', '/api/queues/s/q'],
  ['DELETE', '/api/exchanges/s/e'],
  ['DELETE', '/api/policies/s/p'],
  ['DELETE', '/api/permissions/s/u'],
  ['DELETE', '/api/users/u'],
  ['DELETE', '/api/vhosts/s'],
  ['DELETE', '/api/vhosts/s'],
]

/** What only Erlang has, or what is not known here. */
const left =
  /garbage_collection|backing_queue_status|reductions|recoverable_slaves|user_who_performed_action|idle_since|_ram$|readers|@localhost/

async function ask(base: string, [method, path, body]: Asked) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { authorization: `Basic ${btoa('guest:guest')}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null }
}

function keysOf(value: unknown, place = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => keysOf(each, `${place}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => [`${place}.${key}`, ...keysOf(each, `${place}.${key}`)])
}

const describeBoth = findRabbitmq() ? describe : describe.skip

describeBoth('beside a live RabbitMQ', () => {
  let leveret: Leveret
  let rabbitmq: Rabbitmq | undefined

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true, http: true })
    rabbitmq = await startRabbitmq()
  })
  afterAll(async () => {
    await leveret?.stop()
    await rabbitmq?.stop()
  })

  it('has the same statuses, and all keys that are not named as missing', async () => {
    for (const each of asked) {
      const [ours, theirs] = [await ask(leveret.httpUrl, each), await ask(rabbitmq?.managementUrl ?? '', each)]
      expect([each, ours.status < 500]).toEqual([each, true])
      // Without its statistics, which are off for speed, RabbitMQ has no answer to some.
      if (theirs.status >= 500) continue
      expect([each, ours.status]).toEqual([each, theirs.status])
      const known = new Set(keysOf(ours.body))
      const missing = keysOf(theirs.body).filter((key) => !known.has(key) && !left.test(key))
      expect([each, missing]).toEqual([each, []])
    }
  })
})
