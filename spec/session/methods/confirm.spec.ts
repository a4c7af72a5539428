// Class confirm (behaviour.md §8.2). What is confirmed, and when, is in ../channel.spec.ts and ../confirms.spec.ts.

import type { Peer } from '../../support/peer.ts'
import { World } from '../../support/world.ts'

let peer: Peer

beforeEach(async () => {
  peer = await (await World.create()).open({}, 1)
})

describe('confirm.select', () => {
  it('is answered, and may be repeated', async () => {
    for (let i = 0; i < 2; i++) {
      expect(await peer.ask(1, 'confirm.select')).toMatchObject([{ channel: 1, name: 'confirm.select-ok' }])
    }
  })

  it('is not answered with no-wait, and works', async () => {
    expect(await peer.ask(1, 'confirm.select', { noWait: true })).toEqual([])
    peer.publish(1, { routingKey: 'nowhere' })
    expect(await peer.heard()).toMatchObject([{ name: 'basic.ack', deliveryTag: 1 }])
  })

  it('counts from the first publish after it, and goes on counting when it is repeated', async () => {
    peer.publish(1, { routingKey: 'before' })
    await peer.ask(1, 'confirm.select')
    peer.publish(1, { routingKey: 'nowhere' })
    expect(await peer.heard()).toMatchObject([{ deliveryTag: 1 }])
    await peer.ask(1, 'confirm.select')
    peer.publish(1, { routingKey: 'nowhere' })
    expect(await peer.heard()).toMatchObject([{ deliveryTag: 2 }])
  })
})
