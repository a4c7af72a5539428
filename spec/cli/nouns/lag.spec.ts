// `leveret lag`: what it asks the API, and how it tells.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const rows = [
  { vhost: '/', queue: 'late', messages: 1500, oldest_age_ms: 90_000, consumers: [{}, {}] },
  { vhost: '/', queue: 'quick', messages: 0, oldest_age_ms: null, consumers: [] },
]

describe('lag', () => {
  it('is a line a queue, with ages for people', async () => {
    peer.holds({ 'leveret/lag': rows })
    const { stdout } = await peer.run(['lag', '-o', 'table'])
    expect(stdout.replaceAll(/ +/g, ' ')).toBe(
      'vhost queue messages oldest consumers\n/ late 1.5k 1m30s 2\n/ quick 0 0\n',
    )
    expect((await peer.run(['lag', '-s', '--filter', 'oldest_age_ms>60000'])).stdout).toBe('/\tlate\t1500\t90000\t2\n')
  })

  it('is asked of one vhost where one is named', async () => {
    peer.holds({ 'leveret/lag?vhost=shop': [] })
    expect((await peer.run(['lag', '-p', 'shop', '-s'])).code).toBe(0)
    expect(peer.api.received).toMatchObject([{ path: '/api/leveret/lag?vhost=shop' }])
  })

  it('is not told by RabbitMQ', async () => {
    expect(await peer.run(['lag'])).toMatchObject({ code: 69, stderr: expect.stringMatching(/only Leveret does/) })
  })
})
