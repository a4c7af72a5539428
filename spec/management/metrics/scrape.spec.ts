// The pages of the metrics port: every name that RabbitMQ's dashboards and alerts ask for is there from the start.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CONTENT_TYPE,
  detailedPage,
  groupNames,
  memoryPage,
  metricsPage,
  perObjectPage,
} from '../../../src/management/metrics/scrape.ts'
import { Api } from '../../support/api.ts'

/** The names of Grafana's dashboard 10991, without their prefix. */
const dashboard =
  `build_info identity_info erlang_uptime_seconds resident_memory_limit_bytes process_resident_memory_bytes
disk_space_available_bytes disk_space_available_limit_bytes process_max_fds process_open_fds queue_messages_ready
queue_messages_unacked queues queues_declared_total queues_created_total queues_deleted_total channels
channels_opened_total channels_closed_total connections connections_opened_total connections_closed_total
global_publishers global_consumers global_messages_received_total global_messages_received_confirm_total
global_messages_confirmed_total global_messages_routed_total global_messages_unroutable_dropped_total
global_messages_unroutable_returned_total global_messages_delivered_total
global_messages_delivered_consume_auto_ack_total global_messages_delivered_consume_manual_ack_total
global_messages_delivered_get_auto_ack_total global_messages_delivered_get_manual_ack_total
global_messages_redelivered_total global_messages_acknowledged_total global_messages_get_empty_total
message_size_bytes_bucket message_size_bytes_sum message_size_bytes_count`.split(/\s+/)

const namesIn = (text: string) => new Set([...text.matchAll(/^(\w+)(?:\{| )/gm)].map(([, name]) => name as string))
const sample = (name: string) => readFileSync(join(__dirname, '../samples', name), 'utf8')

describe('the pages', () => {
  let api: Api

  beforeEach(async () => {
    api = await Api.create()
    // Between turns of a loop that nobody else moves.
    jest.spyOn(api.world.clock, 'soon').mockImplementation((task) => queueMicrotask(task))
    const owner = api.broker.registerOwner()
    const topology = api.broker.topology(api.world.vhost)
    const asked = { durable: true, exclusive: false, autoDelete: false, arguments: new Map() }
    for (const name of ['a', 'b"\\']) await topology.declareQueue({ name, ...asked }, owner)
  })

  afterEach(() => api.close())

  it('have all that Grafana 10991 draws', async () => {
    const names = namesIn(await metricsPage(api.context))
    expect(dashboard).toHaveLength(40)
    expect(dashboard.filter((name) => !names.has(`rabbitmq_${name}`))).toEqual([])
  })

  it('have all that a live RabbitMQ has, but for Erlang, Raft, its files and its processes', async () => {
    const theirs = [...namesIn(sample('metrics.txt'))].filter((name) => name.startsWith('rabbitmq_'))
    const foreign =
      /^rabbitmq_(raft|io|queue_index|msg_store|schema|erlang|unreachable|limits)|reductions|_ram$|_disk_(read|write)s_total/
    const names = namesIn(await metricsPage(api.context))
    const missing = theirs.filter((name) => !names.has(name) && !foreign.test(name))
    expect(missing).toEqual([])
  })

  it('measure the process as Node.js sees it', async () => {
    const names = namesIn(await metricsPage(api.context))
    for (const name of ['nodejs_eventloop_lag_p99_seconds', 'nodejs_heap_size_used_bytes'])
      expect(names).toContain(name)
  })

  it('are of each object, with names that are escaped', async () => {
    const text = await perObjectPage(api.context)
    expect(text).toContain('rabbitmq_queue_messages_ready{vhost="/",queue="a"} 0')
    expect(text).toContain(String.raw`rabbitmq_queue_messages_ready{vhost="/",queue="b\"\\"} 0`)
    expect(text).toMatch(/^rabbitmq_queue_head_message_timestamp\{vhost="\/",queue="a"\} NaN$/im)
  })

  it('are of what is asked for', async () => {
    const ask = (query: string) => detailedPage(api.context, new URLSearchParams(query))
    expect([...namesIn(await ask(''))]).toEqual(['rabbitmq_build_info', 'rabbitmq_identity_info'])
    const one = await ask('family=queue_coarse_metrics&vhost=%2F&queue=^a')
    expect(one).toContain('rabbitmq_detailed_queue_messages{vhost="/",queue="a"} 0')
    expect(one).not.toContain('queue="b')
    expect(await ask('family=queue_coarse_metrics&vhost=other')).not.toContain('queue="a"')
    for (const family of groupNames)
      expect([family, (await ask(`family=${family}`)).length > 100]).toEqual([family, true])
  })

  it('say what the memory goes to', async () => {
    expect([...namesIn(await memoryPage(api.context))]).toContain('rabbitmq_memory_messages_bytes')
    expect(CONTENT_TYPE).toMatch(/^text\/plain/)
  })
})
