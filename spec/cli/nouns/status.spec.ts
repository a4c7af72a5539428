// `leveret status` and `leveret overview`: how the broker is.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const overview = {
  product_name: 'Leveret',
  product_version: '0.1.0',
  rabbitmq_version: '4.1.0',
  node: 'n1',
  cluster_name: 'n1',
  listeners: [
    { protocol: 'amqp', ip_address: '::', port: 5672 },
    { protocol: 'amqp', ip_address: '::', port: 5672 },
  ],
  object_totals: { queues: 2, connections: 1 },
  queue_totals: { messages: 1500, messages_ready: 1500, messages_unacknowledged: 0 },
  message_stats: { publish_details: { rate: 12.5 } },
}
const node = {
  name: 'n1',
  uptime: 7_500_000,
  mem_used: 2 ** 20,
  mem_limit: 2 ** 30,
  mem_alarm: true,
  disk_free: 2 ** 30,
  disk_free_limit: 2 ** 20,
  disk_free_alarm: false,
}

describe('status', () => {
  it('is a few lines for people', async () => {
    peer.holds({ overview, nodes: [node] })
    const { code, stdout } = await peer.run(['status', '-o', 'table'])
    expect(code).toBe(0)
    expect(stdout.replaceAll(/ +/g, ' ').replace(peer.api.url, 'URL')).toBe(
      [
        'broker Leveret 0.1.0 at URL',
        'node n1',
        'uptime 2h05m',
        'alarms memory',
        'memory 1.0 MiB of 1.0 GiB',
        'disk free 1.0 GiB (alarm below 1.0 MiB)',
        'listeners amqp :::5672',
        'objects 2 queues, 1 connections',
        'messages 1.5k in all, 1.5k ready, 0 unacknowledged',
        'per second 13 publish, 0 confirm, 0 deliver_get, 0 ack, 0 redeliver, 0 return_unroutable',
        '',
      ].join('\n'),
    )
  })

  it('is an object for programs', async () => {
    peer.holds({ overview, nodes: [node] })
    const { stdout } = await peer.run(['status', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({
      product: 'Leveret',
      version: '0.1.0',
      alarms: ['memory'],
      memory: { used: 2 ** 20 },
      rates: { publish: 12.5, ack: 0 },
    })
  })

  it('says less to those who may not see nodes', async () => {
    peer.holds({ overview })
    peer.api.answer('GET /api/nodes', { status: 401, body: { error: 'not_authorised', reason: 'Not monitor user' } })
    const { code, stdout } = await peer.run(['status', '-o', 'table'])
    expect(code).toBe(0)
    expect(stdout).not.toContain('memory')
  })
})

it('prints what the API says of the broker', async () => {
  peer.holds({ overview })
  expect(JSON.parse((await peer.run(['overview', '-o', 'json'])).stdout)).toEqual(overview)
})
