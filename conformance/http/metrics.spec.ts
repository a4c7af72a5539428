// Metrics of a real process: what Prometheus itself says of them, and of the alerts in docs/, where promtool is installed
// (Debian's package prometheus has it).

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Leveret, startLeveret } from '../support/leveret.ts'

const promtool = process.env['PROMTOOL'] ?? 'promtool'
const isThere = spawnSync(promtool, ['--version']).status === 0
const withPromtool = isThere ? it : it.skip
const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`

describe('metrics', () => {
  let leveret: Leveret
  let metrics: string

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true, http: true, args: ['--metrics-port', '0'] })
    const overview = await fetch(`${leveret.httpUrl}/api/overview`, { headers: { authorization } })
    const { listeners } = (await overview.json()) as { listeners: { protocol: string; port: number }[] }
    metrics = `http://127.0.0.1:${listeners.find(({ protocol }) => protocol === 'http/prometheus')?.port}`
  })

  afterAll(() => leveret.stop())

  it('are there, and so are the probes', async () => {
    const answer = await fetch(`${metrics}/metrics`)
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('rabbitmq_identity_info{')])
    for (const probe of ['livez', 'readyz', 'healthz']) expect((await fetch(`${metrics}/${probe}`)).status).toBe(200)
  })

  withPromtool.each(['/metrics', '/metrics/per-object', '/metrics/detailed?family=queue_metrics'])(
    '%s is what Prometheus reads',
    async (page) => {
      const input = await (await fetch(metrics + page)).text()
      const { status, stderr } = spawnSync(promtool, ['check', 'metrics'], { input, encoding: 'utf8' })
      // 3: it could be read, and names are not to promtool's taste; they are RabbitMQ's.
      expect([0, 3]).toContain(status)
      expect(stderr).not.toContain('error while linting')
    },
  )

  withPromtool('has alerts that Prometheus takes', () => {
    const rules = join(__dirname, '../../docs/alerts.yml')
    expect(spawnSync(promtool, ['check', 'rules', rules], { encoding: 'utf8' })).toMatchObject({ status: 0 })
  })
})
