// Which permission each operation needs (behaviour.md §13.1): refused without it, allowed with it alone, and in which
// order it is asked for among the other checks.

import { FULL_PERMISSION, type Permission } from '../../src/broker/access/users.ts'
import { table } from '../../src/protocol/field-table.ts'
import type { MethodName, MethodOf } from '../../src/protocol/methods.ts'
import { channelClose } from '../support/closes.ts'
import type { Arrival, Peer, Publication } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let guest: Peer
let peer: Peer

beforeEach(async () => {
  world = await World.create()
  guest = await world.open({}, 1)
  for (const queue of ['q', 'p']) await guest.ask(1, 'queue.declare', { queue })
  for (const exchange of ['x', 'y']) await guest.ask(1, 'exchange.declare', { exchange, type: 'topic' })
  await world.broker.administration.putUser('u', { password: 'u' })
  await permit({})
  peer = await world.open({ user: 'u', password: 'u' }, 1)
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

const permit = (permission: Partial<Permission>) =>
  world.broker.administration.setPermission('u', '/', { configure: '', write: '', read: '', ...permission })

/** The names and reply texts that come, on a channel that is open again afterwards. */
async function answers(arrivals: Promise<Arrival[]>): Promise<string[]> {
  const texts = (await arrivals).map((each) => ('replyText' in each ? each.replyText : each.name))
  if (texts.some((text) => text.includes(' - '))) {
    peer.send(1, 'channel.close-ok')
    await peer.ask(1, 'channel.open')
  }
  return texts
}

function refusal(permission: string, what: string): string {
  return `ACCESS_REFUSED - ${permission} access to ${what} in vhost '/' refused for user 'u'`
}

type Case = {
  readonly [Name in MethodName]: readonly [Name, Partial<MethodOf<Name>>, [keyof Permission, string, string][]]
}[MethodName]

const queue = (permission: keyof Permission, name: string): [keyof Permission, string, string] => [
  permission,
  name,
  `queue '${name}'`,
]
const exchange = (permission: keyof Permission, name: string): [keyof Permission, string, string] => [
  permission,
  name,
  `exchange '${name}'`,
]

describe('an operation needs its permissions, in this order', () => {
  const cases: readonly Case[] = [
    ['queue.declare', { queue: 'new' }, [queue('configure', 'new')]],
    ['queue.declare', { queue: 'q' }, [queue('configure', 'q')]],
    [
      'queue.declare',
      { queue: 'new', arguments: table({ 'x-dead-letter-exchange': 'dlx' }) },
      [queue('configure', 'new'), queue('read', 'new'), exchange('write', 'dlx')],
    ],
    ['queue.delete', { queue: 'q' }, [queue('configure', 'q')]],
    ['queue.delete', { queue: 'none' }, [queue('configure', 'none')]],
    ['queue.purge', { queue: 'q' }, [queue('read', 'q')]],
    ['queue.bind', { queue: 'q', exchange: 'x' }, [queue('write', 'q'), exchange('read', 'x')]],
    ['queue.unbind', { queue: 'q', exchange: 'x' }, [queue('write', 'q'), exchange('read', 'x')]],
    ['exchange.declare', { exchange: 'new', type: 'fanout' }, [exchange('configure', 'new')]],
    ['exchange.declare', { exchange: 'x', type: 'topic' }, [exchange('configure', 'x')]],
    [
      'exchange.declare',
      { exchange: 'new', type: 'fanout', arguments: table({ 'alternate-exchange': 'ae' }) },
      [exchange('configure', 'new'), exchange('read', 'new'), exchange('write', 'ae')],
    ],
    ['exchange.delete', { exchange: 'x' }, [exchange('configure', 'x')]],
    ['exchange.delete', { exchange: 'none' }, [exchange('configure', 'none')]],
    ['exchange.bind', { source: 'x', destination: 'y' }, [exchange('write', 'y'), exchange('read', 'x')]],
    ['exchange.unbind', { source: 'x', destination: 'y' }, [exchange('write', 'y'), exchange('read', 'x')]],
    ['basic.consume', { queue: 'q' }, [queue('read', 'q')]],
    ['basic.get', { queue: 'q' }, [queue('read', 'q')]],
  ]

  it.each(cases)('%s %j', async (name, fields, needed) => {
    const ask = () => answers(peer.ask(1, name, fields as Partial<MethodOf<typeof name>>))
    const granted: { -readonly [permission in keyof Permission]?: string } = {}
    for (const [permission, pattern, what] of needed) {
      expect(await ask()).toEqual([refusal(permission, what)])
      granted[permission] = `^${pattern}$`
      await permit(granted)
    }
    expect(await ask()).toEqual([expect.not.stringContaining(' - ')])
  })

  it.each([
    ['queue.declare', { queue: 'q', passive: true }, 'q', "access to queue 'q'"],
    ['queue.declare', { queue: 'none', passive: true }, 'q', "access to queue 'none'"],
    ['exchange.declare', { exchange: 'x', passive: true }, 'x', "access to exchange 'x'"],
  ] as const)('%s %j: any of the three', async (name, fields, pattern, what) => {
    const ask = () => answers(peer.ask(1, name, fields))
    expect(await ask()).toEqual([`ACCESS_REFUSED - ${what} in vhost '/' refused for user 'u'`])
    for (const permission of ['configure', 'write', 'read'] as const) {
      await permit({ [permission]: `^(${pattern}|none)$` })
      expect(await ask()).toEqual([expect.not.stringContaining('refused')])
    }
  })
})

describe('permissions', () => {
  it('of a missing queue or exchange are asked for before it is looked for', async () => {
    expect(await answers(peer.ask(1, 'basic.consume', { queue: 'none' }))).toEqual([refusal('read', "queue 'none'")])
    expect(await answers(peer.ask(1, 'queue.bind', { queue: 'none', exchange: 'x' }))).toEqual([
      refusal('write', "queue 'none'"),
    ])
  })

  it('for a server-named queue are those for its name', async () => {
    await permit({ configure: '^amq\\.gen-' })
    expect(await answers(peer.ask(1, 'queue.declare'))).toEqual(['queue.declare-ok'])
    await permit({ configure: '^other' })
    expect(await answers(peer.ask(1, 'queue.declare'))).toEqual([
      expect.stringMatching(/^ACCESS_REFUSED - configure access to queue 'amq\.gen-[\w-]{22}' in vhost/),
    ])
  })

  it('come after what is wrong whoever asks, and before the rest', async () => {
    expect(await answers(peer.ask(1, 'queue.declare', { queue: 'amq.new' }))).toEqual([
      expect.stringContaining('reserved prefix'),
    ])
    expect(await answers(peer.ask(1, 'exchange.declare', { exchange: 'new', type: 'nope' }))).toEqual([
      expect.stringContaining('unknown exchange type'),
    ])
    expect(await answers(peer.ask(1, 'exchange.declare', { exchange: 'amq.new', type: 'topic' }))).toEqual([
      refusal('configure', "exchange 'amq.new'"),
    ])
    expect(await answers(peer.ask(1, 'exchange.delete', { exchange: 'amq.topic' }))).toEqual([
      expect.stringContaining('deletion of system exchange'),
    ])
    expect(await answers(peer.ask(1, 'queue.bind', { queue: 'q', exchange: '' }))).toEqual([
      refusal('write', "queue 'q'"),
    ])
    await permit({ write: '.*' })
    expect(await answers(peer.ask(1, 'queue.bind', { queue: 'q', exchange: '' }))).toEqual([
      expect.stringContaining('operation not permitted on the default exchange'),
    ])
  })

  it('are asked for in the name that counts, without line breaks', async () => {
    await permit({ configure: '^new$' })
    expect(await answers(peer.ask(1, 'queue.declare', { queue: 'n\r\new' }))).toEqual(['queue.declare-ok'])
  })
})

describe('a publish', () => {
  /** Publishes with confirms; what was answered. */
  async function publish(publication: Publication): Promise<string[]> {
    await peer.ask(1, 'confirm.select')
    peer.publish(1, publication)
    return answers(peer.heard())
  }

  it('needs write on its exchange; the default one is amq.default', async () => {
    expect(await publish({ routingKey: 'q' })).toEqual([refusal('write', "exchange 'amq.default'")])
    expect(await publish({ exchange: 'none' })).toEqual([refusal('write', "exchange 'none'")])
    await permit({ write: '^(amq\\.default|none)$' })
    expect(await publish({ routingKey: 'q' })).toEqual(['basic.ack'])
    expect(await publish({ exchange: 'none' })).toEqual([expect.stringContaining('no exchange')])
    expect(await publish({ exchange: 'x' })).toEqual([refusal('write', "exchange 'x'")])
  })

  it('to where one has been published is refused as soon as the permission is gone', async () => {
    await permit({ write: '.*' })
    for (let i = 0; i < 3; i++) expect(await publish({ routingKey: 'q' })).toEqual(['basic.ack'])
    await permit({ write: '^x$' })
    expect(await publish({ routingKey: 'q' })).toEqual([refusal('write', "exchange 'amq.default'")])
    await permit({ write: '^amq' })
    for (let i = 0; i < 3; i++) expect(await publish({ routingKey: 'q' })).toEqual(['basic.ack'])
    await world.broker.administration.clearPermission('u', '/')
    expect(await publish({ routingKey: 'q' })).toEqual([refusal('write', "exchange 'amq.default'")])
  })

  it('is one for all its routing keys, where topics are restricted', async () => {
    await permit({ write: '.*' })
    await guest.ask(1, 'queue.bind', { queue: 'q', exchange: 'x', routingKey: '#' })
    for (let i = 0; i < 2; i++) expect(await publish({ exchange: 'x', routingKey: 'b' })).toEqual(['basic.ack'])
    await world.broker.administration.setTopicPermission('u', '/', 'x', { write: '^{username}\\.', read: '' })
    const refused = (key: string) => [
      `ACCESS_REFUSED - write access to topic '${key}' in exchange 'x' in vhost '/' refused for user 'u'`,
    ]
    expect(await publish({ exchange: 'x', routingKey: 'b' })).toEqual(refused('b'))
    for (let i = 0; i < 2; i++) expect(await publish({ exchange: 'x', routingKey: 'u.a' })).toEqual(['basic.ack'])
    const copies = { headers: new Map([['CC', { tag: 'A', value: [{ tag: 'S', value: 'c' }] } as const]]) }
    expect(await publish({ exchange: 'x', routingKey: 'u.a', properties: copies })).toEqual(refused('c'))
    const odd = { ...copies, expiration: 'x' }
    expect(await publish({ exchange: 'x', routingKey: 'b', properties: odd })).toEqual([
      expect.stringContaining('invalid expiration'),
    ])
    expect(await publish({ exchange: 'x', routingKey: 'b', properties: { userId: 'y' } })).toEqual(refused('b'))
    expect(await publish({ exchange: 'y', routingKey: 'b' })).toEqual(['basic.ack'])
    await world.broker.administration.clearTopicPermission('u', '/', 'x')
    expect(await publish({ exchange: 'x', routingKey: 'b' })).toEqual(['basic.ack'])
  })

  it('of one user minds no restriction of another, nor one on an exchange that is no topic exchange', async () => {
    await permit({ write: '.*' })
    await world.broker.administration.setTopicPermission('guest', '/', 'x', { write: '', read: '' })
    await world.broker.administration.setTopicPermission('u', '/', 'amq.direct', { write: '', read: '' })
    expect(await publish({ exchange: 'x', routingKey: 'b' })).toEqual(['basic.ack'])
    expect(await publish({ exchange: 'amq.direct', routingKey: 'b' })).toEqual(['basic.ack'])
  })
})

it('consumers of queues that may not be read any more go on until the secret is updated (§2.7)', async () => {
  await permit({ read: '.*' })
  const notified = await world.open({ user: 'u', password: 'u', capabilities: ['consumer_cancel_notify'] }, 1)
  for (const queue of ['q', 'p']) await notified.ask(1, 'basic.consume', { queue, consumerTag: `of ${queue}` })
  await notified.ask(1, 'basic.consume', { queue: 'amq.rabbitmq.reply-to', noAck: true })
  await permit({ read: '^p$' })
  guest.publish(1, { routingKey: 'q', body: 'm' })
  expect(await notified.heard()).toMatchObject([{ name: 'basic.deliver', consumerTag: 'of q' }])
  expect(await notified.ask(0, 'connection.update-secret')).toMatchObject([
    { channel: 0, name: 'connection.update-secret-ok' },
    { channel: 1, name: 'basic.cancel', consumerTag: 'of q' },
  ])
  expect(world.stats('q')).toMatchObject({ unacked: 1, consumers: 0 })
  expect(await notified.ask(1, 'basic.ack', { deliveryTag: 1 })).toEqual([])
  guest.publish(1, { routingKey: 'p', body: 'm' })
  expect(await notified.heard()).toMatchObject([{ name: 'basic.deliver', consumerTag: 'of p' }])
})

it('a binding to a topic exchange is one that the user may read', async () => {
  await world.broker.administration.setPermission('u', '/', FULL_PERMISSION)
  await world.broker.administration.setTopicPermission('u', '/', 'x', { write: '', read: '^a\\.' })
  const bind = (routingKey: string) => peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'x', routingKey })
  expect(await answers(bind('a.b'))).toEqual(['queue.bind-ok'])
  expect(await bind('#')).toMatchObject([
    channelClose(1, 403, "read access to topic '#' in exchange 'x' in vhost '/' refused for user 'u'", '50/20'),
  ])
})
