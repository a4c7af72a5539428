// `leveret users`: what it asks the API, and that no password is seen.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const web = { name: 'web', password_hash: 'HASH', hashing_algorithm: 'algo', tags: ['monitoring', 'a'], limits: {} }

describe('users', () => {
  it('are listed without their hashes', async () => {
    peer.holds({ users: [web] })
    expect((await peer.run(['users'])).stdout).toBe('name\ttags\nweb\tmonitoring,a\n')
    expect((await peer.run(['users', '-o', 'wide'])).stdout).not.toContain('HASH')
  })

  it('are shown with their permissions', async () => {
    peer.holds({ 'users/web': web, 'users/web/permissions': [{ user: 'web', vhost: '/', read: '.*' }] })
    const { stdout } = await peer.run(['users', 'show', 'web', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'web', permissions: [{ vhost: '/', read: '.*' }] })
    expect(stdout).not.toContain('HASH')
  })

  it.each([
    [['--new-password', 'p', '--tags', 'a,b'], {}, { password: 'p', tags: 'a,b' }],
    [[], { typed: 'secret\n' }, { password: 'secret', tags: '' }],
    [[], { typed: 'secret\n', tty: true }, { password: 'secret', tags: '' }],
    [['--without-password'], {}, { password_hash: '', tags: '' }],
    [
      ['--password-hash', 'h', '--hashing-algorithm', 'x'],
      {},
      { password_hash: 'h', hashing_algorithm: 'x', tags: '' },
    ],
  ])('are added with %j and %j', async (words, terminal, body) => {
    peer.takes('PUT /api/users/web')
    const { code, stdout, stderr } = await peer.run(['users', 'add', 'web', ...words], terminal)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('user "web" is there\n')
    expect(stderr).not.toContain('secret')
    expect(peer.changes()).toEqual([['PUT /api/users/web', body]])
  })

  it('have no empty password by accident', async () => {
    expect(await peer.run(['users', 'add', 'web'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('is empty'),
    })
  })

  it('keep their tags with another password, and their password with other tags', async () => {
    peer.holds({ 'users/web': web })
    peer.takes('PUT /api/users/web')
    await peer.run(['users', 'password', 'web', '--new-password', 'p'])
    await peer.run(['users', 'tags', 'web', 'administrator', 'x,y'])
    await peer.run(['users', 'tags', 'web'])
    expect(peer.changes()).toEqual([
      ['PUT /api/users/web', { password: 'p', tags: 'monitoring,a' }],
      ['PUT /api/users/web', { password_hash: 'HASH', hashing_algorithm: 'algo', tags: 'administrator,x,y' }],
      ['PUT /api/users/web', { password_hash: 'HASH', hashing_algorithm: 'algo', tags: '' }],
    ])
  })

  it('that are not there are exit code 67', async () => {
    peer.holds({ users: [{ name: 'web' }] })
    const missing = { code: 67, stderr: 'leveret: there is no user "wbe" (did you mean "web"?)\n' }
    expect(await peer.run(['users', 'tags', 'wbe'])).toMatchObject(missing)
    expect(await peer.run(['users', 'delete', 'wbe', '-y'])).toMatchObject(missing)
  })

  it('are deleted', async () => {
    peer.holds({ users: [{ name: 'web' }] })
    peer.takes('DELETE /api/users/web')
    expect((await peer.run(['users', 'delete', 'web', '-y'])).stderr).toBe('user "web" deleted\n')
    expect((await peer.run(['users', 'delete', '--pattern', 'x', '-y'])).stderr).toBe('no user matches\n')
  })

  it('can ask who they are', async () => {
    peer.holds({ whoami: { name: 'guest', tags: ['administrator'] } })
    expect((await peer.run(['users', 'whoami', '-o', 'name'])).stdout).toBe('guest\n')
  })
})
