// `leveret policies` and `leveret operator-policies`: what they ask the API.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()

describe.each(['policies', 'operator-policies'])('%s', (noun) => {
  const at = `${noun}/%2F/short`

  it('are listed and shown', async () => {
    const row = {
      vhost: '/',
      name: 'short',
      pattern: '^a',
      'apply-to': 'queues',
      priority: 1,
      definition: { expires: 5 },
    }
    peer.holds({ [noun]: [row], [at]: row })
    expect((await peer.run([noun, '-s'])).stdout).toBe('/\tshort\t^a\tqueues\t1\t{"expires":5}\n')
    expect((await peer.run([noun, 'show', 'short', '-o', 'name'])).stdout).toBe('short\n')
  })

  it('are set by JSON and by words', async () => {
    peer.takes(`PUT /api/${at}`)
    await peer.run([noun, 'set', 'short', '^a', '{"expires":5}', '--define', 'max-length=6', '--priority', '2'])
    await peer.run([noun, 'set', 'short', '^a', '{"expires":5}', '--apply-to', 'classic_queues'])
    const applyTo = noun === 'policies' ? 'all' : 'queues'
    expect(peer.changes()).toEqual([
      [
        `PUT /api/${at}`,
        { pattern: '^a', definition: { expires: 5, 'max-length': 6 }, priority: 2, 'apply-to': applyTo },
      ],
      [`PUT /api/${at}`, { pattern: '^a', definition: { expires: 5 }, priority: 0, 'apply-to': 'classic_queues' }],
    ])
  })

  it('say something, to something that there is', async () => {
    expect(await peer.run([noun, 'set', 'short', '^a'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('says nothing'),
    })
    const { stderr } = await peer.run([noun, 'set', 'short', '^a', '{"a":1}', '--apply-to', 'x'])
    expect(stderr).toMatch(/--apply-to: got "x", expected one of all, exchanges/)
  })

  it('are deleted', async () => {
    peer.takes(`DELETE /api/${at}`)
    expect((await peer.run([noun, 'delete', 'short'])).stderr).toMatch(/"short" deleted from vhost "\/"/)
    expect((await peer.run([noun, 'clear', 'x'])).stderr).toMatch(/there is no (operator )?policy "x" in vhost "\/"/)
  })
})
