// Definitions as RabbitMQ of several versions writes them down, and complaints about those that people write.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyPassword } from '../../../src/broker/access/passwords.ts'
import { readDefinitions } from '../../../src/management/definitions/read.ts'

const sample = (name: string) => JSON.parse(readFileSync(join(__dirname, '..', 'samples', name), 'utf8'))

function complaints(json: unknown, vhost: string | null = null): readonly string[] {
  try {
    readDefinitions(json, vhost)
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

it('an export of RabbitMQ 3.10 is read', () => {
  const definitions = readDefinitions(sample('definitions.json'))
  expect(definitions.users[0]).toEqual({
    place: 'users[0]',
    name: 'u1',
    tags: ['management'],
    password: null,
    passwordHash: '85QONZRpUR782N280XirqhBTr0hrhWVmj1wvw8TsksOnRKDU',
    hashing: 'sha256',
    limits: { 'max-channels': 10 },
  })
  expect(definitions.vhosts).toEqual([
    { place: 'vhosts[0]', name: 't1', settings: {}, limits: null },
    { place: 'vhosts[1]', name: '/', settings: {}, limits: null },
  ])
  expect(definitions.queues[1]).toEqual({
    place: 'queues[1]',
    vhost: '/',
    name: 'q1',
    durable: true,
    autoDelete: false,
    arguments: new Map([
      ['x-dead-letter-exchange', { tag: 'S', value: 'dlx' }],
      ['x-message-ttl', { tag: 'l', value: 60000 }],
    ]),
  })
  const counts = Object.entries(definitions).map(([name, list]) => [name, (list as readonly unknown[]).length])
  expect(Object.fromEntries(counts)).toEqual({
    users: 2,
    vhosts: 2,
    permissions: 3,
    topicPermissions: 1,
    parameters: 2,
    globalParameters: 2,
    policies: 1,
    exchanges: 1,
    queues: 4,
    bindings: 2,
  })
  expect(definitions.policies[0]).toMatchObject({ name: 'p1', applyTo: 'queues', priority: 1 })
  expect(definitions.bindings[0]).toMatchObject({ source: 'e1', destinationType: 'queue', routingKey: 'a.*' })
})

it('an export of one vhost is read for another', () => {
  const definitions = readDefinitions(sample('definitions__2F.json'), 'v')
  const all = [...definitions.queues, ...definitions.exchanges, ...definitions.bindings, ...definitions.parameters]
  expect(new Set(all.map(({ vhost }) => vhost))).toEqual(new Set(['v']))
  const foreign = readDefinitions(sample('definitions.json'), 'v')
  expect([foreign.users, foreign.vhosts, foreign.permissions, foreign.globalParameters]).toEqual([[], [], [], []])
  expect(foreign.queues[0]?.vhost).toBe('v')
})

// docs/passwords.md of RabbitMQ: salt 908DC60A, password test12.
it('password hashes are those that RabbitMQ documents', () => {
  const hash = 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR'
  const { users } = readDefinitions({ users: [{ name: 'u', password_hash: hash, tags: '' }] })
  const [user] = users
  expect(user).toMatchObject({ passwordHash: hash, hashing: 'sha256', tags: [] })
  expect(verifyPassword('test12', user?.passwordHash ?? '', 'sha256')).toBe(true)
  expect(verifyPassword('test13', user?.passwordHash ?? '', 'sha256')).toBe(false)
})

it('hash functions are named, and known by the version where they are not', () => {
  const md5 = Buffer.alloc(20).toString('base64')
  const hashings = (document: object) => readDefinitions(document).users.map(({ hashing }) => hashing)
  const user = { name: 'u', password_hash: md5, tags: 'administrator,management' }
  expect(hashings({ rabbit_version: '3.5.7', users: [user] })).toEqual(['md5'])
  expect(hashings({ users: [{ ...user, hashing_algorithm: 'rabbit_password_hashing_md5' }] })).toEqual(['md5'])
  const sha512 = { ...user, password_hash: Buffer.alloc(68).toString('base64') }
  expect(hashings({ users: [{ ...sha512, hashing_algorithm: 'rabbit_password_hashing_sha512' }] })).toEqual(['sha512'])
  expect(
    complaints({ users: [user, { ...user, hashing_algorithm: 'rot13' }, { ...user, password_hash: '%' }] }),
  ).toEqual([
    expect.stringMatching(/^users\[0\].password_hash: is not what rabbit_password_hashing_sha256 makes of a password/),
    expect.stringMatching(/^users\[1\].hashing_algorithm: expected one of rabbit_password_hashing_sha256, /),
    expect.stringMatching(/^users\[1\].password_hash: /),
    expect.stringMatching(/^users\[2\].password_hash: /),
  ])
})

it('vhosts of RabbitMQ 4 are read, with what is set for them', () => {
  const tags = ['a']
  const vhosts = [
    { name: 'a', description: 'mine', tags, default_queue_type: 'quorum', limits: [], metadata: {} },
    {
      name: 'b',
      default_queue_type: 'undefined',
      metadata: { description: 'yours', tags, default_queue_type: 'classic' },
    },
    { name: 'c', limits: { 'max-queues': 1 } },
  ]
  expect(readDefinitions({ vhosts }).vhosts.map(({ settings, limits }) => [settings, limits])).toEqual([
    [{ description: 'mine', tags, defaultQueueType: 'quorum' }, {}],
    [{ description: 'yours', tags }, null],
    [{}, { 'max-queues': 1 }],
  ])
  expect(complaints({ vhosts: [{ name: 'a', metadata: { tags: 5 } }] })).toEqual([
    'vhosts[0].metadata.tags: expected a list of texts, not 5',
  ])
})

it('what was left out has the value that RabbitMQ’s API gives it', () => {
  const { queues, exchanges, bindings, policies } = readDefinitions({
    queues: [{ name: 'q', vhost: '/' }],
    exchanges: [{ name: 'x', vhost: '/', type: 'topic' }],
    bindings: [{ vhost: '/', source: 'x', destination: 'q' }],
    policies: [{ vhost: '/', name: 'p', pattern: '.*', definition: { expires: 1 } }],
  })
  expect(queues[0]).toMatchObject({ durable: true, autoDelete: false, arguments: new Map() })
  expect(exchanges[0]).toMatchObject({ durable: true, autoDelete: false, internal: false })
  expect(bindings[0]).toMatchObject({ destinationType: 'queue', routingKey: '', arguments: new Map() })
  expect(policies[0]).toEqual({
    place: 'policies[0]',
    vhost: '/',
    name: 'p',
    pattern: '.*',
    definition: { expires: 1 },
  })
})

it('what cannot be read is told by its place', () => {
  expect(complaints([])).toEqual(['definitions: expected an object, not a list'])
  expect(complaints({ queue: [{ name: 'q' }] })).toEqual([
    expect.stringMatching(/^queue: definitions have no such list; expected one of users, vhosts, /),
  ])
  expect(complaints({ explanation: 'x', original_vhost_name: '/', product_name: 'RabbitMQ' })).toEqual([])
  expect(
    complaints({
      queues: [{ name: 'q' }, { vhost: '/', name: 'r', durable: 1, arguments: { 'x-max-length': [1e300] } }],
      exchanges: [{ name: 'x', vhost: '/' }],
      bindings: [{ vhost: '/', source: 'x', destination: 'q', destination_type: 'topic' }],
    }),
  ).toEqual([
    'exchanges[0].type: is missing; expected a text',
    'queues[0].vhost: is missing; expected a text',
    'queues[1].durable: expected true or false, not 1',
    'queues[1].arguments.x-max-length[0]: 1e+300 does not fit into 64 bits',
    'bindings[0].destination_type: expected one of queue, exchange, not "topic"',
  ])
})
