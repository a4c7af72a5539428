// Declared things on their way to the store and back, with names and arguments as odd as they may be.

import fc from 'fast-check'
import {
  accountEntry,
  bindingEntry,
  bindingKey,
  entryKey,
  exchangeEntry,
  type Kind,
  keyNames,
  kinds,
  limitsEntry,
  permissionEntry,
  policyEntry,
  queueEntry,
  topicPermissionEntry,
  vhostEntry,
} from '../../src/broker/entries.ts'
import { PLAIN_VHOST } from '../../src/broker/vhost-settings.ts'
import { table } from '../../src/protocol/field-table.ts'
import { cases, fieldTable, text } from '../support/arbitraries.ts'
import { bindingSpec } from '../support/site.ts'

const name = fc.oneof(
  text(60),
  fc.constantFrom('', '/', '%', '%2F', 'a/b', 'vhost', '..', 'é', 'line\nbreak', '\u0000'),
)

describe('a key', () => {
  it('tells its kind and its names', () => {
    expect(keyNames(entryKey('queue', '/', 'a/b c'))).toEqual({ kind: 'queue', names: ['/', 'a/b c'] })
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.array(name, { maxLength: 6 }), (kind, names) => {
        expect(keyNames(entryKey(kind, ...names))).toEqual({ kind, names })
      }),
      cases(400),
    )
  })

  it('is never that of another kind or other names', () => {
    const parts = fc.tuple(fc.constantFrom(...kinds), fc.array(name, { maxLength: 3 }))
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const [first, second] = [one, other].map(([kind, names]) => entryKey(kind, ...names))
        expect(first === second).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      cases(400),
    )
  })

  it('loads what others rest on first: vhosts before exchanges and queues, those before bindings', () => {
    const order = (...some: readonly Kind[]) => some.map((kind) => kinds.indexOf(kind))
    for (const kind of ['policy', 'operator-policy', 'vhost-limits', 'exchange'] as const) {
      expect(order('vhost', kind)).toEqual(order('vhost', kind).toSorted((one, other) => one - other))
    }
    const rest = order('vhost', 'user', 'permission', 'exchange', 'queue', 'binding')
    expect(rest).toEqual(rest.toSorted((one, other) => one - other))
  })
})

describe('a binding', () => {
  it('comes back from its key alone', () => {
    const type = fc.constantFrom('queue' as const, 'exchange' as const)
    fc.assert(
      fc.property(name, name, name, fieldTable, type, (vhost, end, routingKey, args, destinationType) => {
        const spec = bindingSpec(end, `${end}.q`, routingKey, args, destinationType)
        const read = bindingEntry.read(keyNames(bindingKey(vhost, spec)).names)
        expect(read).toEqual(spec)
        expect(bindingKey(vhost, read)).toBe(bindingKey(vhost, spec))
      }),
      cases(400),
    )
  })

  const key = (spec: Parameters<typeof bindingKey>[1], vhost = '/') => bindingKey(vhost, spec)

  it('is its source, destination, routing key and arguments (§5.4)', () => {
    const specs = [
      bindingSpec('x', 'q', 'k'),
      bindingSpec('y', 'q', 'k'),
      bindingSpec('x', 'p', 'k'),
      bindingSpec('x', 'q', 'l'),
      bindingSpec('x', 'q', 'k', table({ a: 1 })),
      bindingSpec('x', 'q', 'k', new Map([['a', { tag: 'l', value: 1 }]])),
      bindingSpec('x', 'q', 'k', undefined, 'exchange'),
    ]
    expect(new Set(specs.map((spec) => key(spec))).size).toBe(specs.length)
    expect(key(specs[0]!, 'other')).not.toBe(key(specs[0]!))
  })

  // A Go map is sent in another order every time; RabbitMQ 3.10.8 unbinds by it all the same.
  it('is the same in whatever order its arguments come', () => {
    const [one, other] = [table({ a: 1, b: 'x', 'x-match': 'any' }), table({ 'x-match': 'any', b: 'x', a: 1 })]
    expect(key(bindingSpec('x', 'q', 'k', other))).toBe(key(bindingSpec('x', 'q', 'k', one)))
  })
})

describe('entries', () => {
  it('of queues come back', () => {
    const args = table({ 'x-max-length': 5, 'x-queue-type': 'classic' })
    const entry = { id: 2 ** 40 + 1, durable: true, autoDelete: false, owner: 7, arguments: args }
    expect(queueEntry.read(queueEntry.write(entry))).toEqual(entry)
  })

  it('of exchanges come back', () => {
    const flags = { durable: true, autoDelete: true, internal: true }
    const spec = { name: 'x', type: 'topic', ...flags, arguments: table({ 'alternate-exchange': 'ae' }) } as const
    expect(exchangeEntry.read('x', exchangeEntry.write(spec))).toEqual(spec)
  })

  it('keep arguments of every type', () => {
    fc.assert(
      fc.property(fieldTable, (args) => {
        const entry = { id: 1, durable: true, autoDelete: true, owner: 0, arguments: args }
        expect(queueEntry.read(queueEntry.write(entry)).arguments).toEqual(args)
      }),
      cases(200),
    )
  })

  it('of accounts and permissions come back', () => {
    const account = { name: 'u', passwordHash: 'aGFzaA==', hashing: 'sha512', tags: ['monitoring'] } as const
    expect(accountEntry.read('u', accountEntry.write(account))).toEqual(account)
    const permission = { configure: '^a$', write: '', read: '.*' }
    expect(permissionEntry.read(permissionEntry.write(permission))).toEqual(permission)
  })
  it('of vhosts, policies and limits come back', () => {
    const settings = {
      defaultQueueType: 'quorum',
      description: 'mine',
      tags: ['a'],
      protectedFromDeletion: true,
    } as const
    expect(vhostEntry.read(vhostEntry.write(settings))).toEqual(settings)
    expect(vhostEntry.read('{}')).toEqual(PLAIN_VHOST)
    const definition = { 'max-length': 5, 'dead-letter-exchange': 'x' }
    const policy = { name: 'p', pattern: '^q', applyTo: 'queues', priority: -1, definition } as const
    expect(policyEntry.read('p', policyEntry.write(policy))).toEqual(policy)
    const limits = { 'max-connections': 0, 'max-queues': -1 }
    expect(limitsEntry.read(limitsEntry.write(limits))).toEqual(limits)
    const topics = { write: '^{username}', read: '' }
    expect(topicPermissionEntry.read(topicPermissionEntry.write(topics))).toEqual(topics)
  })
})
