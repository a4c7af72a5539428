// `leveret limits`: what it asks the API.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()

describe('limits', () => {
  it('are listed, a line each', async () => {
    peer.holds({
      'vhost-limits': [{ vhost: '/', value: { 'max-queues': 5, 'max-connections': 6 } }],
      'user-limits': [{ user: 'web', value: { 'max-channels': 7 } }],
      'vhost-limits/shop': [],
    })
    expect((await peer.run(['limits', '-s'])).stdout).toBe(
      'vhost\t/\tmax-queues\t5\nvhost\t/\tmax-connections\t6\nuser\tweb\tmax-channels\t7\n',
    )
    expect((await peer.run(['limits', '-s', '-p', 'shop'])).stdout).toBe('')
  })

  it('are set and cleared, of vhosts and users', async () => {
    peer.takes('PUT /api/vhost-limits/%2F/max-queues', 'DELETE /api/user-limits/web/max-channels')
    expect((await peer.run(['limits', 'set', 'max-queues', '5'])).stderr).toBe('max-queues of vhost "/" is 5\n')
    expect((await peer.run(['limits', 'clear', 'max-channels', '--of-user', 'web'])).stderr).toBe(
      'user "web" has no max-channels\n',
    )
    expect(peer.changes()).toEqual([
      ['PUT /api/vhost-limits/%2F/max-queues', { value: 5 }],
      'DELETE /api/user-limits/web/max-channels',
    ])
  })

  it.each([
    [['set', 'max-x', '1'], 64, /a vhost has no limit "max-x", expected one of max-connections, max-queues/],
    [['set', 'max-queues', '1', '--of-user', 'web'], 64, /a user has no limit "max-queues"/],
    [['set', 'max-queues', 'x'], 64, /max-queues: got "x", expected a whole number/],
    [['set', 'max-queues', '1', '-p', 'x'], 65, /there is no vhost "x"/],
    [['clear', 'max-channels', '--of-user', 'x'], 67, /there is no user "x"/],
  ])('refuse %j', async (words, code, line) => {
    expect(await peer.run(['limits', ...words])).toMatchObject({ code, stderr: expect.stringMatching(line) })
  })
})
