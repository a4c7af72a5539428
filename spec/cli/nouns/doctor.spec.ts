// `leveret doctor`: what it looks at, and its exit code.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const empty = { exchanges: [], bindings: [], consumers: [], connections: [], users: [], nodes: [] }

describe('doctor', () => {
  it('exits with 0 where there is nothing worse than a warning', async () => {
    peer.holds({ ...empty, queues: [{ name: 'q', vhost: '/', messages: 5, consumers: 0, arguments: {} }] })
    expect(await peer.run(['doctor', '-o', 'name'])).toMatchObject({
      code: 0,
      stdout: 'queue q\nqueue q\n',
      stderr: '0 errors, 1 warning, 1 hint\n',
    })
    expect((await peer.run(['doctor', '--skip', 'unbounded,no-consumers', '-q'])).stdout).toBe(
      'severity\tsubject\tfinding\tlint\n',
    )
  })

  it('exits with 1 where there are errors', async () => {
    peer.holds({ ...empty, queues: [], nodes: [{ name: 'n', mem_alarm: true }] })
    expect((await peer.run(['doctor'])).code).toBe(1)
  })

  it('does not look at what the user may not see', async () => {
    peer.holds({ ...empty, queues: [] })
    peer.api.answer('GET /api/users', {
      status: 401,
      body: { error: 'not_authorised', reason: 'Not administrator user' },
    })
    expect((await peer.run(['doctor'])).code).toBe(0)
  })

  it('knows its lints', async () => {
    expect(await peer.run(['doctor', '--skip', 'x'])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/--skip: got "x", expected some of no-consumers/),
    })
  })
})
