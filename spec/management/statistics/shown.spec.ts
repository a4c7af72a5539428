// Counts and rates as answers have them.

import { countsByVhost } from '../../../src/broker/census.ts'
import type { ConnectionPeer } from '../../../src/broker/peers.ts'
import {
  shownChurn,
  shownOfChannel,
  shownOfConnection,
  shownOfExchange,
  shownOfQueue,
  shownOfVhost,
  statisticsOf,
} from '../../../src/management/statistics/shown.ts'
import { windowsOf } from '../../../src/management/statistics/windows.ts'
import { Api } from '../../support/api.ts'

describe('what is shown', () => {
  let api: Api

  beforeEach(async () => {
    api = await Api.create()
    const peer = await api.world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'queue.declare', { queue: 'idle' })
    peer.publish(1, { routingKey: 'q', body: 'body' })
    peer.publish(1, { routingKey: 'nowhere' })
    await peer.heard()
  })

  afterEach(async () => {
    statisticsOf(api.context).stop()
    await api.close()
  })

  const queue = (name: string) => {
    const found = api.world.vhost.queues.get(name)
    if (!found) throw new Error('there is no such queue')
    return found
  }
  const connection = () => [...api.broker.connections.peers()][0] as ConnectionPeer

  it('of a queue are its counts and lengths, and how they change', () => {
    const shown = shownOfQueue(api.context, queue('q'), { ready: 1, unacked: 0 })
    expect(shown).toMatchObject({
      message_stats: { publish: 1, publish_details: { rate: 0 }, deliver_get: 0, redeliver: 0 },
      lengths: { messages: { rate: 0 }, ready: { rate: 0 }, unacked: { rate: 0 } },
    })
    expect(shown.message_stats).not.toHaveProperty('confirm')
    expect(shownOfQueue(api.context, queue('idle'), { ready: 0, unacked: 0 }).message_stats).toBeUndefined()
  })

  it('of a queue are samples where a query asks for them', () => {
    const windows = windowsOf({ lengths_age: '60', lengths_incr: '5' })
    const shown = shownOfQueue(api.context, queue('q'), { ready: 1, unacked: 0 }, windows)
    expect(shown).toMatchObject({
      lengths: { messages: { avg: 1, avg_rate: 0, rate: 0, samples: expect.arrayContaining([]) } },
      message_stats: { publish_details: { rate: 0 } },
    })
  })

  it('of an exchange is what was published to it', () => {
    expect(shownOfExchange(api.context, api.world.vhost.exchange(''))).toEqual({
      message_stats: {
        ...{ publish_in: 2, publish_in_details: { rate: 0 } },
        ...{ publish_out: 1, publish_out_details: { rate: 0 } },
      },
    })
    expect(shownOfExchange(api.context, api.world.vhost.exchange('amq.topic'))).toEqual({})
  })

  it('of a vhost and of a channel is what clients did', () => {
    const counts = countsByVhost(api.broker.vhosts.values(), api.broker.connections).get('/')
    if (!counts) throw new Error('there is no such vhost')
    const shown = shownOfVhost(api.context, api.world.vhost, counts, { ready: 1, unacked: 0 })
    expect(shown).toMatchObject({ message_stats: { publish: 2, drop_unroutable: 1 }, messages: 1 })
    const [channel] = connection().channels
    if (!channel) throw new Error('there is no channel')
    expect(shownOfChannel(api.context, channel)).toMatchObject({ message_stats: { publish: 2, drop_unroutable: 1 } })
  })

  it('of a connection are octets, of a node what comes and goes', () => {
    expect(shownOfConnection(api.context, connection())).toEqual({
      recv_oct: connection().bytesIn,
      recv_oct_details: { rate: 0 },
      send_oct: connection().bytesOut,
      send_oct_details: { rate: 0 },
    })
    expect(shownChurn(api.context)).toMatchObject({ queue_declared: 2, queue_created: 2, connection_created: 1 })
  })
})
