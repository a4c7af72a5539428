// What a publisher hears of a message that is delayed (behaviour.md §5.9).

import { table } from '../../src/protocol/field-table.ts'
import type { Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let peer: Peer

const args = table({ 'x-delayed-type': 'fanout' })
const delayed = { exchange: 'x', routingKey: 'k', mandatory: true, properties: { headers: table({ 'x-delay': 5000 }) } }

beforeEach(async () => {
  world = await World.create()
  peer = await world.open({}, 1)
  await peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'x-delayed-message', durable: true, arguments: args })
  await peer.ask(1, 'queue.declare', { queue: 'q' })
  await peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'x' })
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

const ready = () => (world.stats('q') as { ready: number }).ready

it('it comes back at once when it is mandatory, and is routed later all the same', async () => {
  peer.publish(1, delayed)
  expect(await peer.heard()).toMatchObject([{ name: 'basic.return', replyCode: 312, exchange: 'x' }])
  expect(ready()).toBe(0)
  world.clock.advance(5000)
  expect(ready()).toBe(1)
})

it('it is confirmed after that, when it is stored', async () => {
  await peer.ask(1, 'confirm.select')
  peer.publish(1, delayed)
  expect(await peer.heard()).toMatchObject([{ name: 'basic.return' }, { name: 'basic.ack', deliveryTag: 1 }])
})

it('it waits from the commit of its transaction on', async () => {
  await peer.ask(1, 'tx.select')
  peer.publish(1, { ...delayed, mandatory: false })
  world.clock.advance(10_000)
  expect(world.vhost.exchange('x').delay?.size).toBe(0)
  await peer.ask(1, 'tx.commit')
  expect(world.vhost.exchange('x').delay?.size).toBe(1)
  world.clock.advance(5000)
  expect(ready()).toBe(1)
})
