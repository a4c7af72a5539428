// Taking messages: each once, and none lost on the way back.

import { ackModes, getMessages } from '../../src/management/get.ts'
import { Api } from '../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  const args = { 'x-queue-type': 'quorum', 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }
  await api.change('PUT', '/api/queues/%2F/q', { durable: true, arguments: args })
  await api.change('PUT', '/api/queues/%2F/dead', { durable: true })
})
afterEach(() => api.close())

const counts = () => api.broker.vhost('/')!.counts
const queue = (name = 'q') => api.broker.vhost('/')!.queues.get(name)!

async function publish(properties: object = {}): Promise<void> {
  const body = { routing_key: 'q', properties, payload: 'hi', payload_encoding: 'string' }
  await api.change('POST', '/api/exchanges/%2F/amq.default/publish', body)
}

it.each(ackModes)('with %s', async (ackmode) => {
  await publish()
  await publish()
  expect(await api.inTime(getMessages(queue(), counts(), { count: 5, ackmode, encoding: 'auto' }))).toHaveLength(2)
  await api.world.clock.pass()
  const back = ackmode.endsWith('true')
  expect(await queue().stats()).toMatchObject({ ready: back ? 2 : 0, unacked: 0 })
  const again = await getMessages(queue(), counts(), { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' })
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
  const [got] = await getMessages(queue(), counts(), { count: 1, ackmode: 'ack_requeue_false', encoding: 'auto' })
  expect(got).toMatchObject({ properties: { headers: { CC: ['none'] } } })
  expect(JSON.stringify(got)).not.toContain('BCC')
})
