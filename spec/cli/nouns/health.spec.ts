// `leveret health`: a yes or a no, as an exit code.

import { cliPeer } from '../../support/cli.ts'

const peer = cliPeer()
const ok = { status: 'ok' }

describe('health', () => {
  it.each([
    [[], 'ready-to-serve-clients'],
    [['ready'], 'ready-to-serve-clients'],
    [['alarms'], 'alarms'],
    [['local-alarms'], 'local-alarms'],
    [['vhosts'], 'virtual-hosts'],
    [['port', '5672'], 'port-listener/5672'],
    [['protocol', 'amqp'], 'protocol-listener/amqp'],
    [['cert', '2', 'week'], 'certificate-expiration/2/weeks'],
  ])('%j asks %s', async (words, check) => {
    peer.holds({ [`health/checks/${check}`]: ok })
    expect(await peer.run(['health', ...words])).toMatchObject({ code: 0, stderr: expect.stringMatching(/: ok\n$/) })
    peer.api.answer(`GET /api/health/checks/${check}`, { status: 503, body: { status: 'failed', reason: 'it is not' } })
    expect(await peer.run(['health', ...words])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/: it is not\n$/),
    })
  })

  it('asks an older broker what it knows', async () => {
    peer.holds({ 'health/checks/protocol-listener/amqp': ok })
    expect((await peer.run(['health', 'ready'])).code).toBe(0)
  })

  it('tells a check that the broker does not know from one that fails', async () => {
    expect(await peer.run(['health', 'alarms'])).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/knows no check "alarms"/),
    })
    peer.api.answer('GET /api/health/checks/alarms', {
      status: 401,
      body: { error: 'not_authorised', reason: 'Login failed' },
    })
    expect((await peer.run(['health', 'alarms'])).code).toBe(77)
  })

  it('is live as soon as anything answers', async () => {
    expect(await peer.run(['health', 'live'])).toMatchObject({ code: 0, stderr: 'live: it answers (404)\n' })
  })

  it.each([[['cert', 'x', 'days']], [['cert', '2', 'moons']]])('refuses %j', async (words) => {
    expect(await peer.run(['health', ...words])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/expected a number and one of days/),
    })
  })
})
