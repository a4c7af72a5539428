// Which method is carried out by which function: all that a client may send on a channel are answered or refused for a
// reason of their own, and none falls through (behaviour.md §4).

import type { MethodName, MethodOf } from '../../../src/protocol/methods.ts'
import { methodNames } from '../../support/arbitraries.ts'
import { connectionClose } from '../../support/closes.ts'
import { World } from '../../support/world.ts'

type Fields = { readonly [Name in MethodName]?: Partial<MethodOf<Name>> }

/** Methods that are answered with `-ok`, and what they have to say for that. */
const answered: Fields = {
  'channel.close': {},
  'channel.flow': { active: true },
  'access.request': {},
  'exchange.declare': { exchange: 'x', type: 'fanout' },
  'exchange.delete': { exchange: 'x' },
  'exchange.bind': { source: 'amq.fanout', destination: 'amq.direct' },
  'exchange.unbind': { source: 'amq.fanout', destination: 'amq.direct' },
  'queue.declare': { queue: 'q' },
  'queue.delete': { queue: 'q' },
  'queue.bind': { queue: 'q', exchange: 'amq.fanout' },
  'queue.unbind': { queue: 'q', exchange: 'amq.fanout' },
  'queue.purge': { queue: 'q' },
  'basic.qos': {},
  'basic.consume': { queue: 'q' },
  'basic.cancel': { consumerTag: 'any' },
  'basic.recover': { requeue: true },
  'confirm.select': {},
  'tx.select': {},
}

/** Methods that are not answered, or not so. */
const others: readonly MethodName[] = [
  'channel.open',
  'basic.get',
  'basic.publish',
  'basic.ack',
  'basic.nack',
  'basic.reject',
  'basic.recover-async',
  'basic.cancel-ok',
  'tx.commit',
  'tx.rollback',
]

const unimplemented = methodNames.filter((name) => !(name in answered) && !others.includes(name))

describe('a method on a channel', () => {
  it.each(Object.keys(answered) as MethodName[])('%s is answered', async (name) => {
    const world = await World.create()
    const peer = await world.open({}, 1)
    if (name !== 'queue.declare') await peer.ask(1, 'queue.declare', { queue: 'q' })
    const [answer] = await peer.ask(1, name, answered[name])
    expect(answer).toMatchObject({ channel: 1, name: `${name}-ok` })
    expect(world.log.defects).toEqual([])
  })

  it.each(unimplemented)('%s is none that a client sends', async (name) => {
    const peer = await (await World.create()).open({}, 1)
    expect(await peer.ask(1, name)).toMatchObject([
      { ...connectionClose(503, 'unimplemented method'), classId: expect.any(Number), methodId: expect.any(Number) },
    ])
  })

  it.each(['basic.cancel-ok', 'basic.recover-async'] as const)('%s is heard without an answer', async (name) => {
    const peer = await (await World.create()).open({}, 1)
    peer.send(1, name, name === 'basic.recover-async' ? { requeue: true } : {})
    expect(await peer.ask(1, 'channel.flow', { active: true })).toMatchObject([{ name: 'channel.flow-ok' }])
  })
})
