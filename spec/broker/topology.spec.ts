// Declaring, deleting, binding, one after the other: RabbitMQ's rules and words (behaviour.md §5.2 to §5.4, §6.1 to §6.4).
// What happens when several ask at once is in topology-races.spec.ts.

import { Consumer } from '../../src/broker/consumer.ts'
import type { Owner, Queue } from '../../src/broker/queue/queue.ts'
import { type FieldTable, table } from '../../src/protocol/field-table.ts'
import { channelError, notFound } from '../support/errors.ts'
import { bindingSpec, Site } from '../support/site.ts'

const LOCKED =
  'It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.'
const locked = (queue: string) =>
  channelError(405, `cannot obtain exclusive access to locked queue '${queue}' in vhost '/'. ${LOCKED}`)
const onDefault = channelError(403, 'operation not permitted on the default exchange')

let site: Site
let other: Owner

beforeEach(async () => {
  site = await Site.start()
  other = site.broker.registerOwner()
})

afterEach(() => site.broker.stop())

const deleteQueue = (name: string, ifUnused = false, ifEmpty = false, owner = site.owner) =>
  site.topology.deleteQueue(name, owner, ifUnused, ifEmpty)

function subscribe(queue: Queue): Consumer {
  const sink = { hasRoomFor: () => false, deliver: () => {}, cancelled: () => {} }
  const options = { tag: 'c', noAck: false, exclusive: false, prefetch: 0, arguments: new Map() }
  const consumer = new Consumer(queue, sink, options)
  queue.consume(consumer)
  return consumer
}

describe('declaring a queue (§6.1)', () => {
  it('makes one with what was asked for', async () => {
    const queue = await site.declareQueue('q', { durable: true, autoDelete: true, arguments: table({ 'x-mine': 1 }) })
    expect({ ...queue }).toMatchObject({ name: 'q', vhost: '/', durable: true, autoDelete: true, owner: null })
    expect(queue.arguments.get('x-mine')).toEqual({ tag: 'I', value: 1 })
    expect(site.vhost.queues.get('q')).toBe(queue)
  })

  it('gives numbers that no queue had before', async () => {
    const ids = []
    for (const name of ['a', 'b', 'a']) {
      ids.push((await site.declareQueue(name)).id)
      await deleteQueue(name)
    }
    expect(new Set(ids).size).toBe(3)
    expect(ids.every(Number.isSafeInteger)).toBe(true)
  })

  it('finds the one that is there', async () => {
    const queue = await site.declareQueue('q')
    expect(await site.declareQueue('q', {}, other)).toBe(queue)
    await expect(site.declareQueue('q', { durable: false })).rejects.toEqual(
      channelError(
        406,
        `inequivalent arg 'durable' for queue 'q' in vhost '/': received 'false' but current is 'true'`,
      ),
    )
  })

  it('makes up a name of 22 characters where none is given', async () => {
    const names = await Promise.all(['', '', '\r\n'].map(async (name) => (await site.declareQueue(name)).name))
    for (const name of names) expect(name).toMatch(/^amq\.gen-[\w-]{22}$/)
    expect(new Set(names).size).toBe(3)
  })

  it.each(['amq.mine', 'amq.', '\namq.x'])('refuses %j, which is reserved', async (name) => {
    const text = `queue name '${name.trim()}' contains reserved prefix 'amq.*'`
    await expect(site.declareQueue(name)).rejects.toEqual(channelError(403, text))
    expect(site.vhost.queues.size).toBe(0)
  })

  it('takes any other name, without its line breaks', async () => {
    const names = ['Amq.x', 'amq', 'a/b c', 'ключ', 'x'.repeat(255)]
    for (const name of names) expect((await site.declareQueue(name)).name).toBe(name)
    expect((await site.declareQueue('two\r\nlines\n')).name).toBe('twolines')
    expect(await site.declareQueue('twolines')).toBe(site.vhost.queues.get('twolines'))
  })

  it.each<[string, FieldTable]>([
    ['nothing', new Map()],
    ['classic', table({ 'x-queue-type': 'classic' })],
    ['an empty type', table({ 'x-queue-type': '' })],
  ])('makes a classic queue of %s, and keeps the type among its arguments', async (_, args) => {
    const queue = await site.declareQueue('q', { arguments: args })
    expect(queue.arguments.get('x-queue-type')).toEqual({ tag: 'S', value: 'classic' })
    const again = (plain: { readonly [name: string]: string }) => site.declareQueue('q', { arguments: table(plain) })
    for (const plain of [{}, { 'x-queue-type': 'classic' }]) expect(await again(plain)).toBe(queue)
    const differs = `inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received 'quorum' but current is 'classic'`
    await expect(again({ 'x-queue-type': 'quorum' })).rejects.toEqual(channelError(406, differs))
  })
})

describe('an exclusive queue (§6.1)', () => {
  it('belongs to its connection, and is never durable', async () => {
    const queue = await site.declareQueue('mine', { exclusive: true, durable: true })
    expect([queue.owner, queue.durable]).toEqual([site.owner, false])
    expect(await site.declareQueue('mine', { exclusive: true, durable: false })).toBe(queue)
    expect(site.topology.queue('mine', site.owner)).toBe(queue)
  })

  it('is closed to every other connection', async () => {
    await site.declareQueue('mine', { exclusive: true })
    expect(() => site.topology.queue('mine', other)).toThrow(locked('mine'))
    await expect(site.declareQueue('mine', { exclusive: true }, other)).rejects.toEqual(locked('mine'))
    await expect(site.declareQueue('mine', {}, other)).rejects.toEqual(locked('mine'))
    await expect(deleteQueue('mine', false, false, other)).rejects.toEqual(locked('mine'))
    await expect(site.topology.bind(bindingSpec('amq.direct', 'mine'), other)).rejects.toEqual(locked('mine'))
  })

  it('takes what anybody publishes', async () => {
    await site.declareQueue('mine', { exclusive: true })
    expect(site.routed('', 'mine')).toEqual(['mine'])
  })

  it('is another thing than one that is not, also to its own connection', async () => {
    await site.declareQueue('mine', { exclusive: true })
    await site.declareQueue('everybodys')
    await expect(site.declareQueue('mine', { exclusive: false })).rejects.toEqual(locked('mine'))
    await expect(site.declareQueue('everybodys', { exclusive: true })).rejects.toEqual(locked('everybodys'))
  })

  it('is deleted when its connection ends, and no other', async () => {
    for (const name of ['one', 'two']) await site.declareQueue(name, { exclusive: true })
    await site.declareQueue('theirs', { exclusive: true }, other)
    await site.declareQueue('everybodys')
    await site.broker.releaseOwner(site.owner)
    expect([...site.vhost.queues.keys()].sort()).toEqual(['everybodys', 'theirs'])
    await site.declareQueue('one', { exclusive: true }, other)
  })
})

describe('asking for a queue', () => {
  it.each(['missing', ''])('that is missing is an error: %j', (name) => {
    expect(() => site.topology.queue(name, site.owner)).toThrow(notFound(`queue '${name}' in vhost '/'`))
  })
})

describe('deleting a queue (§6.4)', () => {
  it('counts the messages that were ready', async () => {
    const queue = await site.declareQueue('q')
    for (const body of ['a', 'b', 'c']) site.publish('', 'q', body)
    await queue.get()
    expect(await deleteQueue('q')).toBe(2)
    expect([site.vhost.queues.has('q'), queue.deleted]).toEqual([false, true])
  })

  it('that is missing succeeds', async () => {
    expect(await deleteQueue('missing', true, true)).toBe(0)
  })

  it('is refused where it has consumers and must not, before it is asked whether it is empty', async () => {
    const queue = await site.declareQueue('q')
    const consumer = subscribe(queue)
    site.publish('', 'q', 'a')
    await expect(deleteQueue('q', true, true)).rejects.toEqual(channelError(406, `queue 'q' in vhost '/' in use`))
    await expect(deleteQueue('q', false, true)).rejects.toEqual(channelError(406, `queue 'q' in vhost '/' not empty`))
    queue.cancel(consumer)
    expect(await deleteQueue('q', true, false)).toBe(1)
  })

  it('counts as empty what holds only messages that are out', async () => {
    const queue = await site.declareQueue('q')
    site.publish('', 'q', 'a')
    await queue.get()
    expect(await deleteQueue('q', true, true)).toBe(0)
  })

  it('strips line breaks from the name, as RabbitMQ does', async () => {
    await site.declareQueue('qab')
    await deleteQueue('qa\r\nb')
    expect(site.vhost.queues.has('qab')).toBe(false)
  })
})

describe('an auto-delete queue (§6.3)', () => {
  it('goes with its last consumer, and not before its first', async () => {
    const queue = await site.declareQueue('q', { autoDelete: true })
    const consumers = [subscribe(queue), subscribe(queue)]
    queue.cancel(consumers[0]!)
    await site.clock.pass()
    expect(site.vhost.queues.has('q')).toBe(true)
    queue.cancel(consumers[1]!)
    await site.clock.pass()
    expect(site.vhost.queues.has('q')).toBe(false)
  })
})

describe('declaring an exchange (§5.2)', () => {
  it('makes one with what was asked for', async () => {
    const args = table({ 'alternate-exchange': 'missing', other: 1 })
    await site.declareExchange('x', 'topic', { autoDelete: true, internal: true, arguments: args })
    expect({ ...site.vhost.exchange('x') }).toMatchObject({
      ...{ name: 'x', type: 'topic', durable: true, autoDelete: true, internal: true, arguments: args },
    })
  })

  it.each([
    ['Direct', `unknown exchange type 'Direct'`],
    ['x-event', `unknown exchange type 'x-event'`],
    ['toString', `unknown exchange type 'toString'`],
    ['', `invalid exchange type ''`],
  ])('does not know the type %j', async (type, text) => {
    await expect(site.declareExchange('x', type)).rejects.toEqual(channelError(406, text))
    await expect(site.declareExchange('', type)).rejects.toEqual(channelError(406, text))
    expect(site.vhost.exchanges.has('x')).toBe(false)
  })

  it.each(['', '\n'])('does not touch the default exchange: %j', async (name) => {
    await expect(site.declareExchange(name, 'direct')).rejects.toEqual(onDefault)
  })

  it('refuses a new name that is reserved, but not an old one', async () => {
    const text = `exchange name 'amq.mine' contains reserved prefix 'amq.*'`
    await expect(site.declareExchange('amq.mine', 'direct')).rejects.toEqual(channelError(403, text))
    await site.declareExchange('amq.direct', 'direct')
    await expect(site.declareExchange('amq.direct', 'topic')).rejects.toEqual(
      channelError(
        406,
        `inequivalent arg 'type' for exchange 'amq.direct' in vhost '/': received 'topic' but current is 'direct'`,
      ),
    )
  })

  it('finds the one that is there', async () => {
    await site.declareExchange('x', 'direct')
    const exchange = site.vhost.exchange('x')
    await site.declareExchange('x\r\n', 'direct')
    expect(site.vhost.exchange('x')).toBe(exchange)
  })

  it('asks for a string as alternate exchange, where the exchange is new', async () => {
    const args = table({ 'alternate-exchange': 5 })
    await expect(site.declareExchange('x', 'direct', { arguments: args })).rejects.toEqual(
      channelError(406, `invalid type 'signedint' for arg 'alternate-exchange' in exchange 'x' in vhost '/'`),
    )
    await site.declareExchange('x', 'direct')
    await expect(site.declareExchange('x', 'direct', { arguments: args })).rejects.toMatchObject({
      message: expect.stringContaining(`received the value '5' of type 'signedint' but current is none`),
    })
  })
})

describe('deleting an exchange (§5.3)', () => {
  const remove = (name: string, ifUnused = false) => site.topology.deleteExchange(name, ifUnused)

  it('takes its bindings with it, those to it as well', async () => {
    for (const name of ['x', 'y']) await site.declareExchange(name, 'fanout')
    await site.declareQueue('q')
    await site.bind('x', 'q')
    await site.bindExchange('y', 'x')
    await site.bindExchange('x', 'x', 'self')
    await remove('x')
    expect([site.vhost.exchanges.has('x'), site.vhost.bindings.size]).toEqual([false, 0])
    expect([...site.vhost.bindingsTo(site.vhost.queues.get('q')!)]).toEqual([])
  })

  it('that is missing succeeds', () => remove('missing', true))

  it.each(['amq.direct', 'amq.', 'amq.mine'])('is not allowed where %s says it is the system’s', async (name) => {
    const text = `deletion of system exchange '${name}' in vhost '/' not allowed`
    await expect(remove(name)).rejects.toEqual(channelError(403, text))
  })

  it('is not allowed where it is the default exchange', async () => {
    await expect(remove('')).rejects.toEqual(onDefault)
  })

  it('is refused where it has bindings and must not', async () => {
    for (const name of ['x', 'y']) await site.declareExchange(name, 'fanout')
    await site.bindExchange('x', 'y')
    await expect(remove('x', true)).rejects.toEqual(channelError(406, `exchange 'x' in vhost '/' in use`))
    await remove('y', true)
    await remove('x', true)
  })

  it('strips line breaks from the name, as RabbitMQ does', async () => {
    await site.declareExchange('xab', 'fanout')
    await remove('xa\r\nb')
    expect(site.vhost.exchanges.has('xab')).toBe(false)
  })
})

describe('an auto-delete exchange (§5.3)', () => {
  beforeEach(async () => {
    await site.declareExchange('auto', 'direct', { autoDelete: true })
    await site.declareExchange('to', 'fanout')
    for (const name of ['q', 'p']) await site.declareQueue(name)
  })

  const there = () => site.vhost.exchanges.has('auto')

  it('stays until it was bound', async () => {
    await site.bindExchange('to', 'auto')
    await site.topology.unbind(bindingSpec('to', 'auto', '', undefined, 'exchange'))
    expect(there()).toBe(true)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['unbound', () => site.topology.unbind(bindingSpec('auto', 'q'))],
    ['deleted with its queue', () => deleteQueue('q')],
  ])('goes when its last binding is %s', async (_, end) => {
    await site.bind('auto', 'p')
    await site.bind('auto', 'q')
    await site.topology.unbind(bindingSpec('auto', 'p'))
    expect(there()).toBe(true)
    await end()
    expect(there()).toBe(false)
  })

  it('goes when the exchange that it was bound to is deleted', async () => {
    await site.bindExchange('auto', 'to')
    await site.topology.deleteExchange('to', false)
    expect(there()).toBe(false)
  })

  it('goes one after the other', async () => {
    await site.declareExchange('first', 'fanout', { autoDelete: true })
    await site.bindExchange('first', 'auto')
    await site.bind('auto', 'q')
    await deleteQueue('q')
    expect([there(), site.vhost.exchanges.has('first')]).toEqual([false, false])
  })
})

describe('binding (§5.4)', () => {
  beforeEach(async () => {
    await site.declareExchange('x', 'direct')
    await site.declareQueue('q')
  })

  const bind = (source: string, destination: string, type: 'queue' | 'exchange' = 'queue') =>
    site.topology.bind(bindingSpec(source, destination, 'k', undefined, type), site.owner)

  it('looks for the exchange first, then for the queue', async () => {
    await expect(bind('no', 'nor')).rejects.toEqual(notFound(`exchange 'no' in vhost '/'`))
    await expect(bind('x', 'nor')).rejects.toEqual(notFound(`queue 'nor' in vhost '/'`))
    await expect(bind('x', 'nor', 'exchange')).rejects.toEqual(notFound(`exchange 'nor' in vhost '/'`))
  })

  it('leaves the default exchange alone, on either side, before it looks for anything', async () => {
    await expect(bind('', 'q')).rejects.toEqual(onDefault)
    await expect(bind('', 'nor')).rejects.toEqual(onDefault)
    await expect(bind('x', '', 'exchange')).rejects.toEqual(onDefault)
    await expect(site.topology.unbind(bindingSpec('', 'q'))).rejects.toEqual(onDefault)
    await expect(site.topology.unbind(bindingSpec('x', '', '', undefined, 'exchange'))).rejects.toEqual(onDefault)
  })

  it('asks the type of the exchange last', async () => {
    const args = table({ 'x-match': 'some' })
    await expect(site.bind('amq.headers', 'nor', '', args)).rejects.toMatchObject({ code: 404 })
    await expect(site.bind('amq.headers', 'q', '', args)).rejects.toMatchObject({ code: 406 })
    await site.bind('amq.topic', 'q', '', args)
  })

  it('is by key and arguments: the same again is one, others are others', async () => {
    const all = [table({}), table({ a: 1 }), table({ a: 2 }), table({ a: 1, b: 1 })]
    for (const args of all) await site.bind('x', 'q', 'k', args)
    await site.bind('x', 'q', 'k', table({ b: 1, a: 1 }))
    expect(site.vhost.bindings.size).toBe(4)
    const unbind = (args: FieldTable) => site.topology.unbind(bindingSpec('x', 'q', 'k', args))
    await unbind(table({ a: 3 }))
    expect(site.vhost.bindings.size).toBe(4)
    for (const args of all) await unbind(args)
    expect([site.vhost.bindings.size, site.routed('x', 'k')]).toEqual([0, []])
  })

  it.each([
    ['no', 'q'],
    ['x', 'nor'],
    ['x', 'q'],
    ['x', 'theirs'],
  ])('takes back nothing that is not there: from %s to %s', async (source, destination) => {
    await site.declareQueue('theirs', { exclusive: true }, other)
    await site.topology.unbind(bindingSpec(source, destination))
  })

  it('may go to an internal exchange, and to itself', async () => {
    await site.declareExchange('inner', 'fanout', { internal: true })
    await bind('x', 'inner', 'exchange')
    await bind('x', 'x', 'exchange')
    expect(site.vhost.bindings.size).toBe(2)
  })

  it('strips line breaks from names, not from keys, as RabbitMQ does', async () => {
    const odd = bindingSpec('\rx', 'q\n', 'k\n')
    await site.topology.bind(odd, site.owner)
    expect([site.routed('x', 'k\n'), site.routed('x', 'k')]).toEqual([['q'], []])
    await site.topology.unbind(odd)
    expect(site.vhost.bindings.size).toBe(0)
  })
})
