// `leveret vhosts`: what it asks the API, and what it says.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()

describe('vhosts', () => {
  it('are listed and shown', async () => {
    peer.holds({ vhosts: [{ name: '/', description: 'd', tags: [], messages: 1500 }], 'vhosts/%2F': { name: '/' } })
    expect((await peer.run(['vhosts', '-s'])).stdout).toBe('/\td\t\t1500\n')
    expect((await peer.run(['vhosts', 'show', '/'])).stdout).toBe('name\t/\n')
  })

  it('are added with what is said of them only', async () => {
    peer.takes('PUT /api/vhosts/shop')
    await peer.run(['vhosts', 'add', 'shop', '--description', 'd', '--tags', 'a,b', '--default-queue-type', 'quorum'])
    await peer.run(['vhosts', 'add', 'shop', '--tracing'])
    expect(peer.changes()).toEqual([
      ['PUT /api/vhosts/shop', { description: 'd', tags: 'a,b', default_queue_type: 'quorum' }],
      ['PUT /api/vhosts/shop', { tracing: true }],
    ])
  })

  it('are deleted after a question only', async () => {
    peer.takes('DELETE /api/vhosts/shop')
    expect((await peer.run(['vhosts', 'delete', 'shop'])).code).toBe(64)
    expect((await peer.run(['vhosts', 'delete', 'shop'], { tty: true, typed: 'y\n' })).stderr).toBe(
      'delete vhost "shop" with all queues, messages and permissions in it? [y/N] vhost "shop" deleted\n',
    )
    expect(peer.changes()).toEqual(['DELETE /api/vhosts/shop'])
  })

  it('are protected and unprotected', async () => {
    peer.takes('POST /api/vhosts/shop/deletion/protection', 'DELETE /api/vhosts/shop/deletion/protection')
    expect((await peer.run(['vhosts', 'protect', 'shop'])).stderr).toBe('vhost "shop" cannot be deleted\n')
    expect((await peer.run(['vhosts', 'unprotect', 'shop'])).stderr).toBe('vhost "shop" can be deleted\n')
    expect((await peer.run(['vhosts', 'protect', 'x'])).stderr).toBe('leveret: there is no vhost "x"\n')
  })
})
