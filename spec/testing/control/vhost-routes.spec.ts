// Vhosts by HTTP, as a test in another language uses them.

import { ControlSite } from '../../support/control-site.ts'

// The first request has the HTTP API loaded and compiled.
const control = new ControlSite()
const { ask } = control

beforeEach(() => control.open())

afterEach(() => control.close())

describe('vhosts by HTTP', () => {
  it('are made for a test, used, looked at, and go with what is in them', async () => {
    const made = await ask('POST', '/isolate', { name: 'my test' })
    expect(made.status).toBe(201)
    const { name, url, env } = made.body
    expect(env).toMatchObject({ AMQP_URL: url, LEVERET_VHOST: name })
    const path = `/vhosts/${encodeURIComponent(name)}`
    const channel = await control.site.channel(url)
    await channel.assertQueue('q')
    const published = await ask('POST', `${path}/publish`, {
      exchange: '',
      key: 'q',
      body: { id: 1 },
      headers: { a: 1 },
    })
    expect(published).toEqual({ status: 200, body: { routed: ['q'], stored: true } })
    await channel.get('q')
    const events = await ask('POST', `${path}/events?event=delivered`, { queue: 'q', body: { id: 1 } })
    expect(events.body).toMatchObject([{ event: 'delivered', consumer: null, message: { body: { id: 1 } } }])
    expect((await ask('POST', `${path}/events`, { key: { pattern: '^x' } })).body).toEqual([])
    expect((await ask('GET', path)).body).toMatchObject({ queues: { q: { ready: 0, unacked: 1 } } })
    const left = await ask('DELETE', path)
    expect(left.body.lines).toEqual([
      '1 open connections, with 1 channels',
      `unacked: message 1 of q, held by basic.get: '' 'q' {"id":1}`,
    ])
    expect((await ask('GET', path)).status).toBe(404)
  })

  it('are waited for', async () => {
    const channel = await control.site.channel()
    await channel.assertQueue('q')
    const waited = ask('POST', '/vhosts/%2F/wait', { for: 'message', match: { key: { pattern: '^q' } } })
    const acked = ask('POST', '/vhosts/%2F/wait', { for: 'ack', match: { queue: 'q' } })
    const consumed = ask('POST', '/vhosts/%2F/wait', { for: 'consumer', queue: 'q' })
    await channel.consume('q', (message) => message && channel.ack(message))
    channel.sendToQueue('q', Buffer.from([0xff]))
    expect((await waited).body).toMatchObject({ event: 'published', message: { body: null, base64: '/w==' } })
    expect((await acked).body).toMatchObject({ event: 'settled', how: 'acked' })
    expect((await consumed).status).toBe(200)
    expect((await ask('POST', '/vhosts/%2F/wait', { for: 'idle' })).status).toBe(200)
  })

  it('are waited for no longer than somebody listens', async () => {
    const { broker } = control.site
    const hangUp = new AbortController()
    const body = JSON.stringify({ for: 'message', timeout: '1m' })
    const headers = { 'content-type': 'application/json' }
    const url = `${broker.httpUrl}/api/leveret/test/vhosts/%2F/wait`
    const ended = jest.fn()
    const listens = jest.spyOn(broker.journal, 'listen').mockReturnValue(ended)
    const waited = fetch(url, { method: 'POST', body, headers, signal: hangUp.signal })
    while (listens.mock.results.length === 0) await new Promise((resolve) => setImmediate(resolve))
    hangUp.abort()
    await expect(waited).rejects.toThrow('aborted')
    while (ended.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toHaveBeenCalledTimes(1)
  })

  it('say what was there instead', async () => {
    const { status, body } = await ask('POST', '/vhosts/%2F/wait', { for: 'dead-letter', timeout: '1ms' })
    expect(status).toBe(408)
    expect(body).toMatchObject({ error: 'timeout', reason: expect.stringContaining('There is instead:\n  no queue') })
  })

  it.each([
    ['/wait', { for: 'rain' }, "'for' in the body must be 'message' or 'ack' or 'dead-letter' or 'consumer' or 'idle'"],
    ['/wait', { for: 'message', match: { key: { pattern: '(' } } }, 'the pattern of key is none'],
    [
      '/wait',
      { for: 'message', match: { color: 'red' } },
      "'match' in the body has 'color', expected exchange, key, queue, body, headers, properties",
    ],
    ['/wait', { for: 'idle', timout: 1 }, "the body has 'timout', expected for, match, queue, count, timeout"],
    ['/publish', { exchange: '', body: 'x' }, "the body lacks 'key'"],
    ['/publish', { exchange: '', key: 'q', body: 'x', header: {} }, "the body has 'header', expected exchange, key"],
  ])('refuse %s %j, and say what was expected', async (path, body, reason) => {
    const answer = await ask('POST', `/vhosts/%2F${path}`, body)
    expect(answer.status).toBe(400)
    expect(answer.body.reason).toContain(reason)
  })
  it('know no vhost that is missing', async () => {
    const { status, body } = await ask('POST', '/vhosts/gone/wait', { for: 'idle' })
    expect([status, body.reason]).toEqual([404, "there is no vhost 'gone'"])
  })
  it('refuse a name for isolation that is misspelt', async () => {
    const { status, body } = await ask('POST', '/isolate', { nam: 'orders' })
    expect([status, body.reason]).toEqual([400, expect.stringContaining("the body has 'nam', expected name")])
  })
  it('know no exchange that is missing', async () => {
    const { status, body } = await ask('POST', '/vhosts/%2F/publish', { exchange: 'missing', key: 'k', body: '' })
    expect(status).toBe(404)
    expect(body.reason).toContain("no exchange 'missing'")
  })
})
