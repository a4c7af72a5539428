// Who may ask: credentials, tags, vhosts, and where the request comes from.

import { isLoopback } from '../../src/broker/access/loopback.ts'
import type { BrokerEvent } from '../../src/broker/events.ts'
import { existingVhost, opens, ownerOf, visibleVhosts } from '../../src/management/auth.ts'
import { Api } from '../support/api.ts'
import { World } from '../support/world.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

describe('credentials', () => {
  it.each([
    ['none', null, {}],
    ['a wrong password', 'guest:wrong', {}],
    ['an unknown user', 'nobody:guest', {}],
    ['no password', 'guest:', {}],
    ['another scheme', null, { authorization: 'Bearer abc' }],
    ['no base64', null, { authorization: 'Basic ***' }],
    ['no colon', null, { authorization: `Basic ${Buffer.from('guest').toString('base64')}` }],
  ])('are refused: %s', async (_, as, headers) => {
    const { status, body, headers: answered } = await api.ask('/api/whoami', { as, headers })
    expect(status).toBe(401)
    expect(body).toMatchObject({ error: 'not_authorized' })
    expect(answered['www-authenticate']).toBe('Basic realm="RabbitMQ Management"')
  })

  it('that are refused are told to who listens', async () => {
    const told: BrokerEvent[] = []
    api.broker.events.listen((event) => told.push(event))
    await api.ask('/api/whoami', { as: 'guest:wrong' })
    await api.ask('/api/whoami', { as: null })
    const fields = { protocol: 'HTTP', peer_host: '127.0.0.1', error: "wrong password or unknown user 'guest'" }
    expect(told).toMatchObject([{ name: 'user.authentication.failure', fields }])
    expect(told).toHaveLength(1)
  })

  it('may have colons and any letters in the password', async () => {
    await api.broker.administration.putUser('ü', { password: 'a:b:ß', tags: ['management'] })
    expect(await api.ask('/api/whoami', { as: 'ü:a:b:ß' })).toMatchObject({
      status: 200,
      body: { name: 'ü', tags: ['management'] },
    })
  })

  it('may have a slow hash', async () => {
    const { administration } = api.broker
    await administration.putUser('slow', { password: 'secret', hashing: 'scrypt', tags: ['management'] })
    for (let times = 0; times < 2; times++) {
      expect(await api.ask('/api/whoami', { as: 'slow:secret' })).toMatchObject({ status: 200, body: { name: 'slow' } })
      expect(await api.ask('/api/users', { as: 'slow:secret' })).toMatchObject({ status: 401 })
      expect(await api.ask('/api/whoami', { as: 'slow:wrong' })).toMatchObject({ status: 401 })
    }
  })

  it('that were wrong too often are not looked at', async () => {
    const limited = await Api.create(await World.create({ rules: { loginFailures: 2 } }))
    const ask = (as: string) => limited.ask('/api/whoami', { as, from: '10.0.0.1' })
    for (let times = 0; times < 2; times++) expect((await ask('guest:wrong')).status).toBe(401)
    expect(await ask('guest:wrong')).toMatchObject({
      status: 429,
      body: { error: 'too_many_requests', reason: 'Too many failed logins: try again in 30 s' },
    })
    await limited.close()
  })

  it('of guest count on this machine only', async () => {
    expect((await api.ask('/api/whoami', { from: '10.0.0.1' })).body).toEqual({
      error: 'not_authorised',
      reason: 'User can only log in via localhost',
    })
    expect((await api.ask('/api/whoami', { from: '::1' })).status).toBe(200)
    const other = await api.addUser('other', ['management'])
    expect((await api.ask('/api/whoami', { as: other, from: '10.0.0.1' })).status).toBe(200)
  })
})

describe('gates', () => {
  it.each([
    ['management', ['management', 'policymaker', 'monitoring', 'administrator']],
    ['policymaker', ['policymaker', 'administrator']],
    ['monitoring', ['monitoring', 'administrator']],
    ['administrator', ['administrator']],
    ['none', ['', 'management']],
  ] as const)('%s are opened by %j', (access, tags) => {
    for (const tag of ['', 'impersonator', 'management', 'policymaker', 'monitoring', 'administrator']) {
      const open = access === 'none' || tags.some((each) => each === tag)
      expect([tag, opens({ tags: [tag] }, access)]).toEqual([tag, open])
    }
  })

  it('refuse in the words of RabbitMQ', async () => {
    const nobody = await api.addUser('nobody', ['impersonator'])
    const manager = await api.addUser('manager', ['management'])
    const reason = async (as: string, url: string) => {
      const { status, body } = await api.ask(url, { as })
      expect([status, body.error]).toEqual([401, 'not_authorised'])
      return body.reason
    }
    expect(await reason(nobody, '/api/whoami')).toBe('Not management user')
    expect(await reason(manager, '/api/users')).toBe('Not administrator user')
    expect(await reason(manager, '/api/vhosts/%2F')).toBe('User not authorised to access virtual host')
  })
})

describe('vhosts', () => {
  it('are seen by who has permissions there, by monitors and administrators', async () => {
    await api.broker.administration.putVhost('a')
    const names = (tags: readonly string[], name = 'other') =>
      visibleVhosts(api.context, { name, tags, address: '' }).map((vhost) => vhost.name)
    await api.addUser('me', [], ['a'])
    expect(names(['management'])).toEqual([])
    expect(names(['management'], 'me')).toEqual(['a'])
    expect(names(['monitoring'])).toEqual(['/', 'a'])
    expect(names(['administrator'])).toEqual(['/', 'a'])
    expect(() => existingVhost(api.context, 'none')).toThrow('Not Found')
  })

  it('are acted on with the permissions of the user', async () => {
    const owner = ownerOf(api.context, { name: 'other', tags: ['administrator'], address: '' }, '/')
    expect(() => owner.access.queue('configure', 'q')).toThrow("refused for user 'other'")
    expect(owner.exclusiveQueues.size).toBe(0)
  })
})

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['fe80::1', false],
])('%s is on this machine: %s', (address, local) => {
  expect(isLoopback(address)).toBe(local)
})
