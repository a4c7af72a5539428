// The broker as a whole: identity, node, what comes and goes, messages, deaths, sizes and logins.

import type { Family } from '../../../src/management/metrics/family.ts'
import { look } from '../../../src/management/metrics/look.ts'
import {
  churnFamilies,
  deadLetterFamilies,
  globalFamilies,
  identity,
  loginFamilies,
  nodeFamilies,
  sizeFamily,
} from '../../../src/management/metrics/node.ts'
import { Api } from '../../support/api.ts'

const numberOf = (families: readonly Family[], name: string, labels: object = {}) => {
  const wanted = Object.entries(labels)
  const samples = families.find((family) => family.name === name)?.samples ?? []
  return samples.find((sample) => wanted.every(([label, value]) => sample.labels[label] === value))?.value
}

describe('the families of a node', () => {
  let api: Api

  beforeEach(async () => {
    api = await Api.create()
  })

  afterEach(() => api.close())

  it('say which node of which cluster it is', async () => {
    const [build, identified] = identity(await look(api.context), 'aggregated')
    expect(build?.samples[0]?.labels).toMatchObject({ rabbitmq_version: expect.stringMatching(/^\d+\./) })
    expect(identified?.samples[0]?.labels).toEqual({
      rabbitmq_node: 'leveret@here',
      rabbitmq_cluster: 'leveret',
      rabbitmq_cluster_permanent_id: expect.stringMatching(/^rabbitmq-cluster-id-/),
      rabbitmq_endpoint: 'aggregated',
    })
  })

  it('show alarms and uptime', async () => {
    api.broker.alarms.raise('memory')
    const families = nodeFamilies(await look(api.context))
    expect(numberOf(families, 'rabbitmq_alarms_memory_used_watermark')).toBe(1)
    expect(numberOf(families, 'rabbitmq_alarms_free_disk_space_watermark')).toBe(0)
    expect(numberOf(families, 'erlang_uptime_seconds')).toBe(api.world.clock.now() / 1000)
  })

  it('are there before anything happens, and count what does', async () => {
    const all = async () => {
      const seen = await look(api.context)
      return [...churnFamilies(seen), ...globalFamilies(seen), ...deadLetterFamilies(seen), sizeFamily(seen)]
    }
    const before = await all()
    expect(before.flatMap(({ samples }) => samples).every(({ value }) => value === 0)).toBe(true)
    const strategies = { queue_type: 'rabbit_classic_queue', dead_letter_strategy: 'disabled' }
    expect(numberOf(before, 'rabbitmq_global_messages_dead_lettered_maxlen_total', strategies)).toBe(0)

    const peer = await api.world.open({}, 1)
    const limited = new Map([['x-max-length', { tag: 'l' as const, value: 1 }]])
    await peer.ask(1, 'queue.declare', { queue: 'q', arguments: limited })
    for (const size of [1, 101, 5000]) peer.publish(1, { routingKey: 'q', body: 'x'.repeat(size) })
    await peer.ask(1, 'basic.get', { queue: 'q' })
    const after = await all()
    expect(numberOf(after, 'rabbitmq_queues_declared_total')).toBe(1)
    expect(numberOf(after, 'rabbitmq_connections')).toBe(1)
    expect(numberOf(after, 'rabbitmq_global_messages_received_total')).toBe(3)
    expect(numberOf(after, 'rabbitmq_global_publishers')).toBe(1)
    const classic = { queue_type: 'rabbit_classic_queue' }
    expect(numberOf(after, 'rabbitmq_global_messages_delivered_get_manual_ack_total', classic)).toBe(1)
    expect(numberOf(after, 'rabbitmq_global_messages_dead_lettered_maxlen_total', strategies)).toBe(2)
    const sizes = after.at(-1)?.samples.map(({ labels, value }) => [labels['le'], value])
    expect(sizes?.slice(0, 4)).toEqual([
      ['100', 1],
      ['1000', 2],
      ['10000', 3],
      ['100000', 3],
    ])
    expect(sizes?.slice(-3)).toEqual([
      ['+Inf', 3],
      [undefined, 5102],
      [undefined, 3],
    ])
  })

  it('count logins', async () => {
    api.broker.census.loginsAccepted = 2
    api.broker.census.loginsRefused = 1
    const families = loginFamilies(await look(api.context))
    expect(families.map(({ samples }) => samples[0]?.value)).toEqual([3, 2, 1])
  })
})
