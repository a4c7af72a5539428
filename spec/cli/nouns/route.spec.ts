// `leveret route`: what it asks the API, and how it tells.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const exchanges = [
  { name: 'events', type: 'topic' },
  { name: '', type: 'direct' },
]
const bindings = [
  { source: 'events', destination: 'orders', destination_type: 'queue', routing_key: 'order.*', arguments: {} },
  { source: '', destination: 'orders', destination_type: 'queue', routing_key: 'orders', arguments: {} },
  { source: '', destination: 'other', destination_type: 'queue', routing_key: 'other', arguments: {} },
]

describe('route', () => {
  beforeEach(() => peer.holds({ 'exchanges/%2F': exchanges, 'bindings/%2F': bindings }))

  it('names the queues and the reasons', async () => {
    expect(await peer.run(['route', 'events', 'order.created', '-o', 'table'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/events\s+topic\s+yes\s+queue\s+orders\s+"order\.\*" matches "order\.created"/),
      stderr: 'would reach "orders"\n',
    })
    expect((await peer.run(['route', '', 'orders', '-o', 'name'])).stdout).toBe('orders\n')
    expect((await peer.run(['route', '', 'orders', '-s'])).stdout.split('\n')).toHaveLength(2)
  })

  it('is an object for programs', async () => {
    const { stdout } = await peer.run(['route', 'events', 'x', '--header', 'a=1', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({
      exchange: 'events',
      headers: { a: 1 },
      queues: [],
      steps: [{ matches: false }],
    })
  })

  it('exits with 1 when no queue would get it', async () => {
    expect(await peer.run(['route', 'events', 'x'])).toMatchObject({ code: 1, stderr: 'no queue would get it\n' })
  })

  it.each([
    [['route', 'evnts'], 65, /there is no exchange "evnts" in vhost "\/" \(did you mean "events"\?\)/],
    [['route', 'events', 'x', '--header', 'a'], 64, /--header: got "a", expected name=value/],
    [['route', 'events', '-p', 'nope'], 65, /there is no vhost "nope"/],
  ])('refuses %j', async (words, code, line) => {
    expect(await peer.run(words)).toMatchObject({ code, stderr: expect.stringMatching(line) })
  })
})
