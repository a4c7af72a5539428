// /api/overview and /api/nodes: all that RabbitMQ answers there, exact at the moment of asking.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

const sample = (name: string) => JSON.parse(readFileSync(join(__dirname, '../samples', name), 'utf8'))

it('has the fields of RabbitMQ, in the overview and in the node', async () => {
  const overview = (await api.ask('/api/overview')).body
  expect(Object.keys(sample('overview.json')).filter((key) => !(key in overview))).toEqual([])
  const [node] = (await api.ask('/api/nodes')).body
  expect(Object.keys(sample('nodes.json')[0]).filter((key) => !(key in node))).toEqual([])
})

it('counts what is there, at once', async () => {
  const peer = await api.world.open({}, 1)
  await peer.ask(1, 'queue.declare', { queue: 'q' })
  peer.publish(1, { routingKey: 'q' })
  await peer.heard()
  expect((await api.ask('/api/overview')).body).toMatchObject({
    product_name: 'Leveret',
    rabbitmq_version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    cluster_name: 'leveret',
    object_totals: { channels: 1, connections: 1, consumers: 0, exchanges: 7, queues: 1 },
    queue_totals: { messages: 1, messages_ready: 1, messages_unacknowledged: 0, messages_details: { rate: 0 } },
    message_stats: { publish: 1, publish_details: { rate: 0 } },
    churn_rates: { queue_created: 1, connection_created: 1 },
    listeners: [{ protocol: 'amqp', port: 5672 }],
  })
})

it('shows the node to monitors, under its own name only', async () => {
  const me = await api.addUser('me', ['management'], ['/'])
  expect((await api.ask('/api/nodes', { as: me })).status).toBe(401)
  const url = '/api/nodes/leveret@here'
  expect((await api.ask(url)).body).toMatchObject({ name: 'leveret@here', running: true, mem_alarm: false })
  api.broker.alarms.raise('memory')
  expect((await api.ask(url)).body).toMatchObject({ mem_alarm: true, disk_free_alarm: false })
  expect((await api.ask(`${url}/memory`)).body.memory.total.rss).toBeGreaterThan(0)
  expect((await api.ask('/api/nodes/rabbit@here')).status).toBe(404)
  expect((await api.ask('/api/nodes/rabbit@here/memory')).status).toBe(404)
})
