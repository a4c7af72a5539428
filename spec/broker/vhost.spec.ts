// The tables of a virtual host: what is there from the start, what a change does to them, and routes that are remembered
// no longer than they are true.

import { encodeRouting, Message } from '../../src/broker/message.ts'
import { Vhost } from '../../src/broker/vhost.ts'
import { table } from '../../src/protocol/field-table.ts'
import { channelError, notFound } from '../support/errors.ts'
import { isGarbage } from '../support/garbage.ts'
import { bindingSpec, published, Site } from '../support/site.ts'

describe('a new vhost (§5.1)', () => {
  it('has the exchanges that every vhost has', () => {
    const exchanges = [...new Vhost('v', () => 0).exchanges.values()]
    expect(exchanges.map(({ name, type, internal }) => [name, type, internal])).toEqual([
      ['', 'direct', false],
      ['amq.direct', 'direct', false],
      ['amq.fanout', 'fanout', false],
      ['amq.topic', 'topic', false],
      ['amq.headers', 'headers', false],
      ['amq.match', 'headers', false],
      ['amq.rabbitmq.trace', 'topic', true],
    ])
    expect(exchanges.every(({ durable, autoDelete }) => durable && !autoDelete)).toBe(true)
  })

  it('has no queues and no bindings', () => {
    const vhost = new Vhost('v', () => 0)
    expect([vhost.queues.size, vhost.bindings.size]).toEqual([0, 0])
  })
})

describe('a vhost', () => {
  let site: Site

  beforeEach(async () => {
    site = await Site.start()
    await site.declareQueue('q')
    await site.declareExchange('x', 'direct')
  })

  afterEach(() => site.broker.stop())

  describe('asked for a route', () => {
    it.each([['missing'], ['amq.default']])('to %s finds no exchange of that name (§5.5)', (name) => {
      expect(() => site.routed(name, 'q')).toThrow(notFound(`exchange '${name}' in vhost '/'`))
    })

    it('to an internal exchange refuses it (§5.5)', () => {
      const refused = channelError(403, `cannot publish to internal exchange 'amq.rabbitmq.trace' in vhost '/'`)
      expect(() => site.routed('amq.rabbitmq.trace', 'q')).toThrow(refused)
      expect(() => site.vhost.routeKeys('amq.rabbitmq.trace', ['a', 'b'], null)).toThrow(refused)
    })

    it('remembers it while nothing changes', async () => {
      await site.bind('x', 'q', 'k')
      const route = site.vhost.route(published('x', 'k'))
      expect(site.vhost.route(published('x', 'k', 'another'))).toBe(route)
      expect(site.vhost.route(published('x', 'l'))).not.toBe(route)
      expect(site.vhost.route(published('', 'q')).exchange.name).toBe('')
    })

    it('does not take an exchange and a key for another pair of the same letters', async () => {
      await site.declareExchange('xk', 'direct')
      await site.bind('x', 'q', 'k')
      expect([site.routed('x', 'k'), site.routed('xk', '')]).toEqual([['q'], []])
    })

    it('does not remember one that a message’s headers decided', async () => {
      await site.bind('amq.headers', 'q', '', table({ a: 1 }))
      expect(site.routed('amq.headers', '', table({ a: 1 }))).toEqual(['q'])
      expect(site.routed('amq.headers', '', table({ a: 2 }))).toEqual([])
    })

    it('keeps keys apart that are no UTF-8', async () => {
      await site.bind('x', 'q', '\ufffd')
      const message = new Message()
      message.setRouting(Buffer.concat([encodeRouting('x', '').subarray(0, -1), Buffer.of(1, 0xff)]), 0, 4)
      expect(site.vhost.route(message).queues).toEqual([])
      expect(site.routed('x', '\ufffd')).toEqual(['q'])
    })

    it('counts what is remembered, and starts anew when it is too much', async () => {
      await site.bind('amq.fanout', 'q')
      const first = site.vhost.route(published('amq.fanout', 'first'))
      const message = new Message()
      for (let i = 0; i < 65_535; i += 1) {
        const routing = encodeRouting('amq.fanout', `${i}`)
        message.setRouting(routing, 0, routing.length)
        site.vhost.route(message)
      }
      expect(site.vhost.route(published('amq.fanout', 'first'))).toBe(first)
      site.vhost.route(published('amq.fanout', 'one too many'))
      expect(site.vhost.route(published('amq.fanout', 'first'))).not.toBe(first)
    })
  })

  describe('forgets routes', () => {
    /** The routes of a message before and after a change. */
    const around = async (exchange: string, key: string, change: () => Promise<unknown>) => {
      const before = site.routed(exchange, key)
      expect(site.routed(exchange, key)).toEqual(before)
      await change()
      return [before, site.routed(exchange, key)]
    }

    it('when a queue is declared', async () => {
      expect(await around('', 'p', () => site.declareQueue('p'))).toEqual([[], ['p']])
    })

    it('when a queue is deleted, and declared again', async () => {
      const [first] = site.vhost.route(published('', 'q')).queues
      const remove = () => site.topology.deleteQueue('q', site.owner, false, false)
      expect(await around('', 'q', remove)).toEqual([['q'], []])
      expect(await around('', 'q', () => site.declareQueue('q'))).toEqual([[], ['q']])
      expect(site.vhost.route(published('', 'q')).queues[0]).not.toBe(first)
    })

    it('when a queue is bound or unbound', async () => {
      const spec = bindingSpec('x', 'q', 'k')
      expect(await around('x', 'k', () => site.topology.bind(spec, site.owner))).toEqual([[], ['q']])
      expect(await around('x', 'k', () => site.topology.unbind(spec))).toEqual([['q'], []])
    })

    it('when something more is bound', async () => {
      await site.bind('x', 'q', 'k')
      await site.declareQueue('p')
      expect(await around('x', 'k', () => site.bind('x', 'p', 'k'))).toEqual([['q'], ['p', 'q']])
    })

    it('when an exchange on the way is bound or deleted', async () => {
      await site.declareExchange('hop', 'fanout')
      await site.bindExchange('x', 'hop', 'k')
      expect(await around('x', 'k', () => site.bind('hop', 'q'))).toEqual([[], ['q']])
      expect(await around('x', 'k', () => site.topology.deleteExchange('hop', false))).toEqual([['q'], []])
    })

    it('when an alternate exchange is declared or deleted', async () => {
      await site.declareExchange('y', 'fanout', { arguments: table({ 'alternate-exchange': 'ae' }) })
      await site.declareExchange('both', 'fanout')
      await site.bindExchange('both', 'y')
      await site.declareQueue('p')
      await site.bind('both', 'p')
      expect(await around('both', '', () => site.declareExchange('ae', 'fanout'))).toEqual([['p'], ['p']])
      expect(await around('both', '', () => site.bind('ae', 'q'))).toEqual([['p'], ['p', 'q']])
      expect(await around('both', '', () => site.topology.deleteExchange('ae', false))).toEqual([['p', 'q'], ['p']])
    })

    it('that a channel holds, by its generation', async () => {
      const spec = bindingSpec('x', 'q', 'k')
      const changes = [
        () => site.topology.bind(spec, site.owner),
        () => site.topology.unbind(spec),
        () => site.topology.deleteQueue('q', site.owner, false, false),
        () => site.declareExchange('y', 'headers'),
        () => site.topology.deleteExchange('y', false),
      ]
      for (const change of changes) {
        const { generation } = site.vhost.route(published('x', 'k'))
        expect(generation).toBe(site.vhost.generation)
        await change()
        expect(site.vhost.generation).toBeGreaterThan(generation)
      }
    })
  })

  describe('that loses a queue', () => {
    const remove = (name: string) => site.topology.deleteQueue(name, site.owner, false, false)

    it('keeps no binding to it', async () => {
      await site.bind('x', 'q', 'k')
      await site.bind('amq.topic', 'q', '#')
      await remove('q')
      expect(site.vhost.bindings.size).toBe(0)
      expect([site.routed('x', 'k'), site.routed('amq.topic', 'k')]).toEqual([[], []])
      for (const name of ['x', 'amq.topic']) expect(site.vhost.exchange(name).bindings.size).toBe(0)
    })

    it('tells the connection that it belonged to', async () => {
      const queue = await site.declareQueue('mine', { exclusive: true })
      expect(site.owner.exclusiveQueues).toEqual(new Set([queue]))
      await remove('mine')
      expect(site.owner.exclusiveQueues).toEqual(new Set())
    })

    it('holds on to nothing of it', async () => {
      const declareAndDelete = async () => {
        const queue = await site.declareQueue('short', { durable: false })
        await site.bind('x', 'short', 'k')
        site.routed('x', 'k')
        await remove('short')
        site.routed('x', 'k')
        return queue
      }
      expect(await isGarbage(declareAndDelete)).toBe(true)
    })
  })
})
