// `leveret connections`, `channels` and `consumers`: what they ask the API.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const rows = [
  {
    vhost: '/',
    name: 'a -> b',
    user: 'web',
    state: 'running',
    channels: 1,
    client_properties: { connection_name: 'shop' },
    recv_oct: 2048,
    send_oct: 0,
  },
  {
    vhost: '/',
    name: 'c -> d',
    user: 'ops',
    state: 'running',
    channels: 200,
    user_provided_name: 'mine',
    recv_oct: 1,
    send_oct: 1,
  },
]

describe('connections', () => {
  it('are listed with the name that the client gave itself', async () => {
    peer.holds({ connections: rows, 'vhosts/shop/connections': [] })
    const { stdout } = await peer.run(['connections', '-s'])
    expect(stdout).toBe('/\ta -> b\tweb\trunning\t1\tshop\t2048\t0\n/\tc -> d\tops\trunning\t200\tmine\t1\t1\n')
    expect((await peer.run(['connections', 'list', '-o', 'table'])).stdout).toContain('2.0 KiB')
    expect((await peer.run(['connections', '-s', '-p', 'shop'])).stdout).toBe('')
  })

  it('are shown', async () => {
    peer.holds({ 'connections/a%20-%3E%20b': rows[0] })
    expect((await peer.run(['connections', 'show', 'a -> b', '-o', 'name'])).stdout).toBe('a -> b\n')
  })

  it.each([
    [['a -> b'], ['a -> b']],
    [['--of-user', 'web'], ['a -> b']],
    [['--filter', 'channels>100'], ['c -> d']],
    [['--all'], ['a -> b', 'c -> d']],
  ])('are closed by %j', async (words, names) => {
    peer.holds({ connections: rows })
    const paths = names.map((name) => `DELETE /api/connections/${encodeURIComponent(name)}`)
    peer.takes(...paths)
    const { code } = await peer.run(['connections', 'close', ...words, '--yes', '--reason', 'maintenance'])
    expect(code).toBe(0)
    expect(peer.changes()).toEqual(paths)
    for (const { method, headers } of peer.api.received) {
      expect(headers['x-reason']).toBe(method === 'GET' ? undefined : 'maintenance')
    }
  })

  it('are not all closed because nothing was said', async () => {
    expect(await peer.run(['connections', 'close', '--yes'])).toMatchObject({
      code: 64,
      stderr: 'leveret: connections close: expected names, or --of-user, --vhost, --filter or --all\n',
    })
    expect(peer.api.received).toEqual([])
  })

  it('of which none matches are none to close', async () => {
    peer.holds({ connections: rows })
    expect((await peer.run(['connections', 'close', '--of-user', 'x', '-y'])).stderr).toBe('no connection matches\n')
  })
})

describe('channels', () => {
  it('are listed and shown', async () => {
    const row = {
      vhost: '/',
      name: 'a (1)',
      user: 'u',
      state: 'running',
      consumer_count: 1,
      prefetch_count: 5,
      messages_unacknowledged: 2,
      messages_unconfirmed: 0,
    }
    peer.holds({ channels: [row], 'channels/a%20(1)': row })
    expect((await peer.run(['channels', '-s'])).stdout).toBe('/\ta (1)\tu\trunning\t1\t5\t2\t0\n')
    expect((await peer.run(['channels', 'show', 'a (1)', '-o', 'name'])).stdout).toBe('a (1)\n')
    expect((await peer.run(['channels', 'show', 'x'])).stderr).toBe('leveret: there is no channel "x"\n')
  })
})

describe('consumers', () => {
  it('are listed', async () => {
    const row = {
      queue: { vhost: '/', name: 'q' },
      consumer_tag: 't',
      channel_details: { name: 'c' },
      ack_required: true,
      prefetch_count: 1,
      active: true,
    }
    peer.holds({ consumers: [row] })
    expect((await peer.run(['consumers', '-s'])).stdout).toBe('/\tq\tt\tc\ttrue\t1\ttrue\n')
  })
})
