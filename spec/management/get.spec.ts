// Taking messages: each once, and none lost on the way back.

import { Firehose } from '../../src/broker/firehose.ts'
import type { Caller } from '../../src/management/auth.ts'
import { ackModes, type GetRequest, getMessages } from '../../src/management/get.ts'
import { Api } from '../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  const args = { 'x-queue-type': 'quorum', 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
  await api.change('PUT', '/api/queues/%2F/q', { durable: true, arguments: args })
  await api.change('PUT', '/api/queues/%2F/dead', { durable: true })
})
afterEach(() => api.close())

const vhost = () => api.broker.vhost('/')!
const counts = () => vhost().counts
const guest: Caller = { name: 'guest', tags: [], address: '192.0.2.1' }
const take = (request: GetRequest) => getMessages(vhost(), queue(), guest, request)
const queue = (name = 'q') => api.broker.vhost('/')!.queues.get(name)!

async function publish(properties: object = {}): Promise<void> {
  const body = { routing_key: 'q', properties, payload: 'hi', payload_encoding: 'string' }
  await api.change('POST', '/api/exchanges/%2F/amq.default/publish', body)
}

it.each(ackModes)('with %s', async (ackmode) => {
  await publish()
  await publish()
  expect(await api.inTime(take({ count: 5, ackmode, encoding: 'auto' }))).toHaveLength(2)
  await api.world.clock.pass()
  const back = ackmode.endsWith('true')
  expect(await queue().stats()).toMatchObject({ ready: back ? 2 : 0, unacked: 0 })
  const again = await take({ count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' })
  // Of those that went back, only what was rejected has failed (behaviour.md §10).
  const headers = ackmode === 'reject_requeue_true' ? { 'x-delivery-count': 1 } : {}
  if (back) expect(again).toMatchObject([{ redelivered: true, properties: { headers } }])
  expect(counts()).toMatchObject({ published: 2, confirmed: 2, gotEmpty: back ? 1 : 2 })
  expect(counts().got + counts().gotNoAck).toBe(back ? 3 : 2)
  const died = ackmode === 'reject_requeue_false' ? 2 : 0
  expect(await queue('dead').stats()).toMatchObject({ ready: died })
})

it('shows nobody whom a message went to in secret', async () => {
  await publish({ headers: { BCC: ['dead'], CC: ['none'] } })
  const [got] = await take({ count: 1, ackmode: 'ack_requeue_false', encoding: 'auto' })
  expect(got).toMatchObject({ properties: { headers: { CC: ['none'] } } })
  expect(JSON.stringify(got)).not.toContain('BCC')
})

it('is traced where its vhost is, as publishing is', async () => {
  const { clock, log } = api.world
  await api.change('PUT', '/api/queues/%2F/copies', {})
  await api.change('POST', '/api/bindings/%2F/e/amq.rabbitmq.trace/q/copies', { routing_key: '#' })
  vhost().firehose = new Firehose(vhost(), { clock, logger: log, node: 'n@here' })
  await publish()
  await api.inTime(take({ count: 1, ackmode: 'ack_requeue_false', encoding: 'auto' }))
  await api.ask('/api/aliveness-test/%2F')
  await clock.pass()
  const url = '/api/queues/%2F/copies/get'
  const body = { count: 9, ackmode: 'ack_requeue_true', encoding: 'auto' }
  const copies: { routing_key: string; properties: { headers: object } }[] = (
    await api.ask(url, { method: 'POST', body })
  ).body
  expect(copies.map(({ routing_key: key }) => key)).toEqual([
    'publish.',
    'deliver.q',
    'publish.',
    'deliver.aliveness-test',
  ])
  expect(copies[0]?.properties.headers).toMatchObject({ user: 'guest', channel: 1, routed_queues: ['q'] })
  expect(copies[1]?.properties.headers).toMatchObject({ connection: 'HTTP 192.0.2.1', redelivered: 0 })
})
