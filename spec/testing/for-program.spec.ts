// A test broker for a program in another process.

import { connect } from 'amqplib'
import { configWith } from '../../src/config/config.ts'
import { serveForTests, startForProgram } from '../../src/testing/for-program.ts'
import { fromNdjson } from '../../src/testing/record.ts'

describe('a broker for a program', () => {
  it('says how to reach it, and what happened', async () => {
    const broker = await startForProgram({ host: '127.0.0.1', port: 0, clock: 'real', compat: 'leveret' })
    try {
      const { AMQP_URL: url, LEVERET_HTTP_URL: http } = broker.env()
      expect(url).toMatch(/^amqp:\/\/guest:guest@127\.0\.0\.1:\d+\/%2F$/)
      expect(http).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(broker.tail(3)).toEqual([])
      expect(fromNdjson(broker.trace())).toEqual([])
    } finally {
      await broker.stop()
    }
  })

  it('tells at the end what happened, also in vhosts that are gone', async () => {
    const broker = await startForProgram({ host: '127.0.0.1', port: 0, clock: 'real', compat: 'leveret' })
    try {
      const control = `${broker.env()['LEVERET_HTTP_URL']}/api/leveret/test`
      const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
      const { name, url } = (await (await fetch(`${control}/isolate`, json)).json()) as { name: string; url: string }
      const client = await connect(url)
      const channel = await client.createChannel()
      await channel.assertQueue('q')
      await channel.consume('q', () => {})
      await client.close()
      expect((await fetch(`${control}/vhosts/${name}`, { method: 'DELETE' })).status).toBe(200)
      expect(broker.lints()).toEqual([expect.stringContaining("the consumer of 'q' has no prefetch limit")])
      expect(fromNdjson(broker.trace()).map(({ event }) => event)).toContain('consuming')
    } finally {
      await broker.stop()
    }
  })
})

describe('a broker that is served', () => {
  it('has the settings that are given, and the control API', async () => {
    const config = configWith(
      { port: 0, host: '127.0.0.1', httpPort: 0, httpHost: '127.0.0.1', defaultUser: 'ann' },
      {},
    )
    const warnings: string[] = []
    const ignore = (): void => {}
    const log = { debug: ignore, info: ignore, error: ignore, warn: (_: object, text: string) => warnings.push(text) }
    const broker = await serveForTests({ ...config, testMode: true, testClock: 'virtual', ephemeral: true }, log)
    try {
      const [amqp, http] = broker.urls
      const told = await (await fetch(`${http}/api/leveret/test`)).json()
      expect(told).toMatchObject({ url: `${amqp?.replace('//', '//ann:guest@')}/%2F` })
      const moved = await fetch(`${http}/api/leveret/test/clock`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"advance":"15m"}',
      })
      expect(moved.status).toBe(200)
      expect(broker.reload({ ...config, heartbeatSeconds: 7 }).now).toEqual(['heartbeatSeconds'])
      expect(warnings[0]).toMatch(/^test mode: /)
    } finally {
      await broker.stop()
    }
  })
})
