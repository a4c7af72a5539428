// /api/connections, /api/channels and /api/consumers: who sees whom, and who may close what.

import { Api } from '../../support/api.ts'
import { connectionClose } from '../../support/closes.ts'
import type { Peer } from '../../support/peer.ts'

let api: Api
let peer: Peer
let me: string
const name = encodeURIComponent('127.0.0.1:50001 -> 127.0.0.1:5672')

beforeEach(async () => {
  api = await Api.create()
  me = await api.addUser('me', ['management'], ['/'])
  peer = await api.world.open({}, 1)
  await peer.ask(1, 'queue.declare', { queue: 'q' })
  await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'tag' })
})
afterEach(() => api.close())

it.each([
  '/api/connections',
  '/api/vhosts/%2F/connections',
  '/api/connections/username/guest',
  '/api/channels',
  '/api/vhosts/%2F/channels',
  `/api/connections/${name}/channels`,
])('%s lists them for those who may see all', async (url) => {
  const watcher = await api.addUser('watcher', ['monitoring'])
  const { status, body } = await api.ask(url, { as: watcher })
  expect([status, body.length, body[0].user]).toEqual([200, 1, 'guest'])
  const page = await api.ask(`${url}?page=1&page_size=10&columns=name`)
  expect(page.body).toMatchObject({ total_count: 1, items: [{ name: expect.any(String) }] })
})

it('shows others nothing but their own', async () => {
  expect((await api.ask('/api/connections', { as: me })).body).toEqual([])
  expect((await api.ask('/api/channels', { as: me })).body).toEqual([])
  expect((await api.ask(`/api/connections/${name}`, { as: me })).status).toBe(401)
  await api.world.open({ user: 'me', password: 'secret' })
  expect((await api.ask('/api/connections?columns=user', { as: me })).body).toEqual([{ user: 'me' }])
})

it('shows one, and none that is not there', async () => {
  expect((await api.ask(`/api/connections/${name}`)).body).toMatchObject({ user: 'guest', channels: 1 })
  const channel = encodeURIComponent('127.0.0.1:50001 -> 127.0.0.1:5672 (1)')
  expect((await api.ask(`/api/channels/${channel}`)).body).toMatchObject({ number: 1, consumer_details: [{}] })
  for (const url of ['/api/connections/nobody', '/api/connections/nobody/channels', '/api/channels/none']) {
    expect([url, (await api.ask(url)).status]).toEqual([url, 404])
  }
  expect((await api.ask('/api/vhosts/none/connections')).status).toBe(404)
})

it('shows samples where they are asked for', async () => {
  const { body } = await api.ask(`/api/connections/${name}?data_rates_age=60&data_rates_incr=5`)
  expect(body.recv_oct_details.samples).toHaveLength(13)
  expect((await api.ask(`/api/connections/${name}?data_rates_age=x&data_rates_incr=5`)).status).toBe(400)
})

it('lists consumers of vhosts that the caller sees', async () => {
  expect((await api.ask('/api/consumers', { as: me })).body).toMatchObject([
    { consumer_tag: 'tag', queue: { name: 'q' } },
  ])
  expect((await api.ask('/api/consumers/%2F')).body).toHaveLength(1)
  await api.broker.administration.putVhost('v')
  expect((await api.ask('/api/consumers/v')).body).toEqual([])
  expect((await api.ask('/api/consumers/none')).status).toBe(404)
})

it('closes a connection, with the reason that is given', async () => {
  expect(await api.change('DELETE', `/api/connections/${name}`, undefined, me)).toBe(401)
  const asked = { method: 'DELETE' as const, headers: { 'x-reason': 'enough' } }
  expect((await api.ask(`/api/connections/${name}`, asked)).status).toBe(204)
  expect(await peer.heard()).toEqual([connectionClose(320, 'enough')])
  expect((await api.ask(`/api/connections/${name}`, asked)).status).toBe(404)
})

it('closes the connections of a user', async () => {
  expect(await api.change('DELETE', '/api/connections/username/nobody')).toBe(204)
  expect(await peer.heard()).toEqual([])
  expect(await api.change('DELETE', '/api/connections/username/guest')).toBe(204)
  expect(await peer.heard()).toEqual([connectionClose(320, 'Closed via management plugin')])
})
