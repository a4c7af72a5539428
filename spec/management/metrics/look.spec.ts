// One look at a broker: everything that is there, in turns of the loop that stay short.

import { look } from '../../../src/management/metrics/look.ts'
import { Api } from '../../support/api.ts'

describe('a look', () => {
  let api: Api

  beforeEach(async () => {
    api = await Api.create()
  })

  afterEach(() => api.close())

  it('sees queues, exchanges, connections and channels, of the vhosts that are wanted', async () => {
    await api.broker.administration.putVhost('v')
    const peer = await api.world.open({}, 1, 2)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    const seen = await look(api.context)
    expect([seen.queues.length, seen.exchanges.length, seen.connections.length, seen.channels.length]).toEqual([
      ...[1, 14, 1, 2],
    ])
    const other = await look(api.context, new Set(['v']))
    expect([other.queues.length, other.exchanges.length, other.connections.length]).toEqual([0, 7, 0])
  })

  it('gives others their turn where there are many queues', async () => {
    const owner = api.broker.registerOwner()
    const topology = api.broker.topology(api.world.vhost)
    const asked = { durable: false, exclusive: false, autoDelete: false, arguments: new Map() }
    for (let index = 0; index < 450; index++) await topology.declareQueue({ name: `q${index}`, ...asked }, owner)
    let turns = 0
    const soon = jest.spyOn(api.world.clock, 'soon').mockImplementation((task) => {
      turns++
      queueMicrotask(task)
    })
    expect((await look(api.context)).queues).toHaveLength(450)
    expect(turns).toBe(2)
    soon.mockRestore()
  })
})
