// From exchange to exchange to queues: end-to-end bindings, cycles and alternate exchanges (behaviour.md §5.4, §5.5).

import type { Message } from '../../src/broker/message.ts'
import { findRoute } from '../../src/broker/routing.ts'
import { table } from '../../src/protocol/field-table.ts'
import { NO_ARGUMENTS, published, Site } from '../support/site.ts'

describe('a route', () => {
  let site: Site

  beforeEach(async () => {
    site = await Site.start()
    for (const name of ['q1', 'q2', 'q3']) await site.declareQueue(name)
  })

  afterEach(() => site.broker.stop())

  const exchange = (name: string, type = 'direct', alternate?: string) =>
    site.declareExchange(name, type, {
      arguments: alternate === undefined ? NO_ARGUMENTS : table({ 'alternate-exchange': alternate }),
    })

  /** The queues for several keys at once, as CC and BCC ask for. */
  const forKeys = (name: string, keys: readonly string[], message: Message | null = null) =>
    findRoute(site.vhost, site.vhost.exchange(name), keys, message)

  const names = (name: string, keys: readonly string[]) =>
    forKeys(name, keys)
      .queues.map((queue) => queue.name)
      .sort()

  it('leads from the default exchange to the queue of that name (§5.1)', () => {
    expect(site.routed('', 'q1')).toEqual(['q1'])
    expect(site.routed('', 'q4')).toEqual([])
    expect(site.routed('', '')).toEqual([])
    expect(names('', ['q1', 'q3', 'nobody', 'q1'])).toEqual(['q1', 'q3'])
  })

  it('has each queue once, whatever bindings, keys and paths lead to it', async () => {
    await exchange('x')
    await exchange('y', 'fanout')
    for (const key of ['a', 'b']) await site.bind('x', 'q1', key)
    await site.bind('x', 'q1', 'a', table({ n: 1 }))
    await site.bindExchange('x', 'y', 'a')
    await site.bind('y', 'q1')
    await site.bind('y', 'q2')
    expect(names('x', ['a', 'b', 'a'])).toEqual(['q1', 'q2'])
    expect(names('x', ['b'])).toEqual(['q1'])
  })

  it('goes on from exchange to exchange with the same keys', async () => {
    await exchange('x', 'topic')
    await exchange('y')
    await site.bindExchange('x', 'y', 'a.#')
    await site.bind('y', 'q1', 'a.b')
    expect(site.routed('x', 'a.b')).toEqual(['q1'])
    expect(site.routed('x', 'a.c')).toEqual([])
    expect(names('x', ['a', 'b', 'a.b'])).toEqual(['q1'])
  })

  it('visits each exchange of a cycle once', async () => {
    for (const name of ['x', 'y', 'z']) await exchange(name, 'fanout')
    await site.bindExchange('x', 'x')
    await site.bindExchange('x', 'y')
    await site.bindExchange('y', 'z')
    await site.bindExchange('z', 'x')
    await site.bind('z', 'q1')
    for (const name of ['x', 'y', 'z']) expect(site.routed(name, '')).toEqual(['q1'])
  })

  it('goes through internal exchanges', async () => {
    await site.declareExchange('inner', 'fanout', { internal: true })
    await exchange('x', 'fanout')
    await site.bindExchange('x', 'inner')
    await site.bind('inner', 'q1')
    expect(site.routed('x', '')).toEqual(['q1'])
  })

  describe('through an alternate exchange', () => {
    it('leads where nothing matches, and only there', async () => {
      await exchange('ae', 'fanout')
      await exchange('x', 'direct', 'ae')
      await site.bind('x', 'q1', 'k')
      await site.bind('ae', 'q2')
      expect(site.routed('x', 'k')).toEqual(['q1'])
      expect(site.routed('x', 'other')).toEqual(['q2'])
      expect(names('x', ['k', 'other'])).toEqual(['q1'])
    })

    it('leads on from an exchange that was bound to', async () => {
      await exchange('ae', 'fanout')
      await exchange('hop', 'direct', 'ae')
      await exchange('x', 'fanout')
      await site.bindExchange('x', 'hop')
      await site.bind('x', 'q1')
      await site.bind('ae', 'q2')
      expect(site.routed('x', 'k')).toEqual(['q1', 'q2'])
    })

    it('is not taken by a match that leads nowhere', async () => {
      await exchange('ae', 'fanout')
      await exchange('nowhere')
      await exchange('x', 'fanout', 'ae')
      await site.bindExchange('x', 'nowhere')
      await site.bind('ae', 'q2')
      expect(site.routed('x', 'k')).toEqual([])
    })

    it('may be a chain, may turn back, may be missing', async () => {
      await exchange('x', 'direct', 'y')
      await exchange('y', 'direct', 'z')
      await exchange('z', 'direct', 'x')
      await exchange('w', 'direct', 'missing')
      expect([site.routed('x', 'k'), site.routed('w', 'k')]).toEqual([[], []])
      await site.bind('z', 'q3', 'k')
      expect(site.routed('x', 'k')).toEqual(['q3'])
      await exchange('missing', 'fanout')
      await site.bind('missing', 'q1')
      expect(site.routed('w', 'k')).toEqual(['q1'])
    })

    it('of its own is no endless loop', async () => {
      await exchange('x', 'direct', 'x')
      expect(site.routed('x', 'k')).toEqual([])
    })

    // Only who publishes to the default exchange reaches queues by their names: seen on RabbitMQ 3.10.8.
    it('leads nowhere where that is the default exchange', async () => {
      await exchange('x', 'direct', '')
      expect(site.routed('x', 'q1')).toEqual([])
    })
  })

  describe('by headers', () => {
    const message = () => published('', 'k', '', { headers: table({ h: 1 }) })

    it('holds for this message only', async () => {
      await site.bind('amq.headers', 'q1', '', table({ h: 1 }))
      await site.bind('amq.headers', 'q2', '', table({ h: 2 }))
      const route = forKeys('amq.headers', ['k'], message())
      expect([route.byKeyOnly, route.queues.map(({ name }) => name)]).toEqual([false, ['q1']])
    })

    it('is one as soon as an exchange on the way looks at them', async () => {
      await exchange('x', 'fanout')
      await site.bind('x', 'q3')
      expect(forKeys('x', ['k'], message()).byKeyOnly).toBe(true)
      await site.bindExchange('x', 'amq.headers')
      expect(forKeys('x', ['k'], message()).byKeyOnly).toBe(false)
      await exchange('behind', 'fanout')
      await site.bindExchange('amq.headers', 'behind', '', table({ h: 1 }))
      expect(forKeys('x', ['k'], message()).byKeyOnly).toBe(false)
    })

    it('is not found without the message, and no exchange is asked then that looks at it', async () => {
      await exchange('x', 'fanout')
      await site.bind('x', 'q3')
      await site.bindExchange('x', 'amq.headers')
      await site.bind('amq.headers', 'q1')
      const match = jest.spyOn(site.vhost.exchange('amq.headers').matcher, 'match')
      const route = forKeys('x', ['k'], null)
      expect([route.byKeyOnly, route.queues]).toEqual([false, []])
      expect(match).not.toHaveBeenCalled()
    })
  })
})
