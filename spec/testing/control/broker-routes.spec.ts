// The broker by HTTP, as a test in another language uses it.

import { ControlSite } from '../../support/control-site.ts'

// The first request has the HTTP API loaded and compiled.
const control = new ControlSite()
const { ask } = control

beforeEach(() => control.open())

afterEach(() => control.close())

describe('the broker by HTTP', () => {
  it('has faults, which end', async () => {
    const begun = await ask('POST', '/faults', { fault: 'nackPublishes', queue: 'q' })
    expect(begun).toEqual({ status: 201, body: { id: 1, text: 'publishes are nacked' } })
    const channel = await control.site.channel()
    await channel.assertQueue('q')
    channel.sendToQueue('q', Buffer.from('x'))
    await expect(channel.waitForConfirms()).rejects.toThrow('message nacked')
    expect((await ask('DELETE', '/faults/1')).status).toBe(204)
    expect(await ask('DELETE', '/faults/1')).toMatchObject({ status: 404, body: { reason: 'there is no fault 1' } })
    await ask('POST', '/faults', { fault: 'blockPublishers', resource: 'disk' })
    await ask('POST', '/faults', { fault: 'slowStore', by: '1s' })
    expect((await ask('GET', '/faults')).body).toHaveLength(2)
    expect((await ask('DELETE', '/faults')).status).toBe(204)
    expect((await ask('GET', '/faults')).body).toEqual([])
    const closed = new Promise((resolve) => channel.once('error', resolve))
    expect((await ask('POST', '/faults', { fault: 'closeChannel', code: 403 })).status).toBe(201)
    expect(await closed).toMatchObject({ code: 403 })
  })

  it('has time that can be moved', async () => {
    await control.close()
    await control.open('virtual')
    const channel = await control.site.channel()
    await channel.assertQueue('q', { messageTtl: 900_000 })
    await control.site.broker.vhost.publish('', 'q', 'x')
    const before = await ask('GET', '/clock')
    expect(before.body.due).toHaveLength(1)
    const after = await ask('POST', '/clock', { advance: '15m' })
    expect(Date.parse(after.body.now) - Date.parse(before.body.now)).toBe(900_000)
    expect(control.site.broker.vhost.queue('q').depth()).toBe(0)
    expect((await ask('POST', '/clock', { run: 'next' })).body.due).toEqual([])
    expect((await ask('POST', '/clock', { run: 'all' })).status).toBe(200)
  })

  it('names the test, tells what happened, and is as new after a reset', async () => {
    expect((await ask('PUT', '/name', { name: 'my test' })).status).toBe(204)
    expect((await ask('GET', '')).body).toMatchObject({ url: control.site.broker.url, test: 'my test' })
    await control.site.broker.vhost.publish('', 'q', 'x')
    const trace = (await ask('GET', '/trace')).body
    expect(trace).toMatchObject({ event: 'published', test: 'my test' })
    expect((await ask('GET', '/trace?format=text&last=1')).body).toBe(`the test published '' 'q' "x", dropped\n`)
    expect((await ask('GET', '/trace?format=mermaid')).body).toContain('Note over p1: q dropped')
    expect((await ask('GET', '/trace?vhost=other')).body).toBe('')
    expect((await ask('GET', '/trace?format=html')).status).toBe(400)
    await ask('POST', '/isolate')
    expect((await ask('POST', '/reset')).status).toBe(204)
    expect([...control.site.broker.broker.vhosts.keys()]).toEqual(['/'])
  })

  it('restarts, on the same ports', async () => {
    const { httpUrl, port } = control.site.broker
    const channel = await control.site.channel()
    await channel.assertQueue('q')
    await control.site.broker.vhost.publish('', 'q', 'kept')
    expect((await ask('GET', '')).body).toMatchObject({ lives: 1 })
    expect((await ask('POST', '/restart', { kill: true, downFor: '5ms' })).status).toBe(202)
    await control.site.broker.settled()
    expect((await ask('GET', '')).body).toMatchObject({ lives: 2 })
    expect(control.site.broker).toMatchObject({ httpUrl, port })
    expect((await ask('GET', '/vhosts/%2F')).body).toMatchObject({ queues: { q: { ready: 1 } } })
  })

  it.each([
    ['POST', '/clock', { advance: '1s' }],
    ['POST', '/clock', {}],
    ['POST', '/restart', { downFor: 'long' }],
    ['POST', '/restart', { kil: true }],
    ['POST', '/faults', { fault: 'nackPublishes', queues: 'q' }],
    ['POST', '/faults', { fault: 'nackPublishes', queue: { pattern: '(' } }],
    ['POST', '/faults', { fault: 'rain' }],
    ['POST', '/faults', { fault: 'delay', method: 'basic.deliver' }],
    ['POST', '/faults', { fault: 'dropConnection', after: 'soon' }],
    ['POST', '/faults', { fault: 'dropConnection', mode: 'gently' }],
    ['POST', '/faults', { fault: 'closeChannel', code: 999 }],
    ['POST', '/faults', { fault: 'blockPublishers', resource: 'luck' }],
  ])('refuses %s %s %j', async (method, path, body) => {
    const answer = await ask(method, path, body)
    expect(answer.status).toBe(400)
    expect(answer.body.reason).not.toBe('')
  })
})
