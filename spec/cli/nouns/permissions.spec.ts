// `leveret permissions` and `leveret topic-permissions`: what they ask the API.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const rows = [
  { vhost: '/', user: 'web', configure: '', write: 'a', read: 'b' },
  { vhost: 'shop', user: 'web', configure: '', write: 'a', read: 'b' },
]

describe('permissions', () => {
  it('are listed of all, of a vhost, of a user, of both', async () => {
    peer.holds({ permissions: rows, 'vhosts/shop/permissions': rows.slice(1), 'users/web/permissions': rows })
    const names = async (...words: string[]) =>
      (await peer.run(['permissions', 'list', ...words, '-o', 'ndjson', '--columns', 'vhost'])).stdout
    expect(await names()).toBe('{"vhost":"/"}\n{"vhost":"shop"}\n')
    expect(await names('-p', 'shop')).toBe('{"vhost":"shop"}\n')
    expect(await names('--of-user', 'web')).toBe('{"vhost":"/"}\n{"vhost":"shop"}\n')
    expect(await names('--of-user', 'web', '-p', '/')).toBe('{"vhost":"/"}\n')
    expect((await peer.run(['permissions', 'list', '-p', 'x'])).stderr).toBe('leveret: there is no vhost "x"\n')
    expect((await peer.run(['permissions', 'list', '--of-user', 'x'])).code).toBe(67)
  })

  it('are set, all of them where nothing is said, and cleared', async () => {
    peer.takes('PUT /api/permissions/shop/web', 'DELETE /api/permissions/shop/web')
    await peer.run(['permissions', 'set', 'web', '-p', 'shop'])
    await peer.run(['permissions', 'set', 'web', '', '^a', '-p', 'shop'])
    await peer.run(['permissions', 'clear', 'web', '-p', 'shop'])
    expect(peer.changes()).toEqual([
      ['PUT /api/permissions/shop/web', { configure: '.*', write: '.*', read: '.*' }],
      ['PUT /api/permissions/shop/web', { configure: '', write: '^a', read: '.*' }],
      'DELETE /api/permissions/shop/web',
    ])
  })

  it('name what is missing', async () => {
    peer.api.answer('PUT /api/permissions/v/x', {
      status: 400,
      body: { error: 'bad_request', reason: 'vhost_or_user_not_found' },
    })
    expect((await peer.run(['permissions', 'set', 'x', '-p', 'v'])).stderr).toBe('leveret: there is no user "x"\n')
    expect((await peer.run(['permissions', 'set', 'web'])).stderr).toBe('leveret: there is no user "web"\n')
    peer.holds({ 'users/web': {} })
    expect((await peer.run(['permissions', 'clear', 'web', '-p', 'x'])).stderr).toBe('leveret: there is no vhost "x"\n')
  })
})

describe('topic permissions', () => {
  it('are listed, set and cleared', async () => {
    peer.holds({ 'topic-permissions': [{ vhost: '/', user: 'web', exchange: 'x', write: 'a', read: 'b' }] })
    peer.takes('PUT /api/topic-permissions/%2F/web', 'DELETE /api/topic-permissions/%2F/web')
    expect((await peer.run(['topic-permissions', '-s'])).stdout).toBe('/\tweb\tx\ta\tb\n')
    await peer.run(['topic-permissions', 'set', 'web', 'x', 'a', 'b'])
    await peer.run(['topic-permissions', 'clear', 'web'])
    expect(peer.changes()).toEqual([
      ['PUT /api/topic-permissions/%2F/web', { exchange: 'x', write: 'a', read: 'b' }],
      'DELETE /api/topic-permissions/%2F/web',
    ])
  })
})
