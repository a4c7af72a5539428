// What is inside of a vhost by HTTP.

import { toNdjson } from '../../../src/testing/record.ts'
import { ControlSite } from '../../support/control-site.ts'

// The first request has the HTTP API loaded and compiled.
const control = new ControlSite()
const { ask } = control

beforeEach(() => control.open())

afterEach(() => control.close())

describe('the inside of a vhost by HTTP', () => {
  it('has queues with their messages, and bindings', async () => {
    const { vhost } = control.site.broker
    const channel = await control.site.channel()
    await channel.assertExchange('e', 'topic')
    await channel.assertQueue('q/1')
    await channel.bindQueue('q/1', 'e', 'k')
    await vhost.publish('e', 'k', { id: 1 }, { headers: { a: 1 } })
    await vhost.publish('e', 'k', Buffer.from([0xff]))
    await channel.get('q/1')
    const { status, body } = await ask('GET', '/vhosts/%2F/queues/q%2F1')
    expect(status).toBe(200)
    expect(body).toMatchObject({ ready: 1, unacked: 1, consumers: 0, acked: 0, deadLettered: [] })
    expect(body.messages).toMatchObject([
      { routingKey: 'k', body: { id: 1 }, headers: { a: 1 }, ready: false },
      { body: null, base64: '/w==', ready: true },
    ])
    expect(body.held).toMatchObject([{ event: 'delivered', queue: 'q/1', message: { body: { id: 1 } } }])
    expect((await ask('GET', '/vhosts/%2F/bindings?exchange=e')).body).toEqual([
      { source: 'e', destination: 'q/1', routingKey: 'k', type: 'queue' },
    ])
    expect((await ask('GET', '/vhosts/%2F/bindings?exchange=f')).body).toEqual([])
    expect(await ask('GET', '/vhosts/%2F/queues/typo')).toMatchObject({
      status: 404,
      body: { reason: "there is no queue 'typo' in vhost '/'" },
    })
  })

  it('has bad practice, but for what is allowed', async () => {
    const channel = await control.site.channel()
    channel.publish('', 'nowhere', Buffer.from('x'))
    await channel.waitForConfirms()
    expect((await ask('POST', '/vhosts/%2F/lints')).body).toEqual([expect.stringContaining('nobody got')])
    expect((await ask('POST', '/vhosts/%2F/lints', { allow: [{ pattern: '^nobody' }] })).body).toEqual([])
    expect((await ask('POST', '/vhosts/%2F/lints', { allow: [{ pattern: '(' }] })).status).toBe(400)
  })

  it('can be kept, emptied, put back, and published again', async () => {
    const { vhost } = control.site.broker
    const channel = await control.site.channel()
    await channel.assertQueue('q')
    await vhost.publish('', 'q', 'x')
    const { body: kept } = await ask('POST', '/vhosts/%2F/snapshots')
    const trace = toNdjson(vhost.events())
    expect((await ask('POST', '/vhosts/%2F/reset')).status).toBe(204)
    expect(vhost.queues()).toEqual([])
    expect((await ask('POST', '/vhosts/%2F/restore', kept)).status).toBe(204)
    expect(vhost.queue('q').depth()).toBe(1)
    expect(await ask('POST', '/vhosts/%2F/replay', { trace })).toEqual({ status: 200, body: { published: 1 } })
    expect(vhost.queue('q').depth()).toBe(2)
    expect(await ask('POST', '/vhosts/%2F/restore', { id: 99 })).toMatchObject({
      status: 404,
      body: { reason: 'there is no snapshot 99' },
    })
    expect(await ask('POST', '/vhosts/%2F/replay', { trace: 'no json' })).toMatchObject({
      status: 400,
      body: { reason: expect.stringContaining('line 1 is no event') },
    })
    const elsewhere = trace.replaceAll('"exchange":""', '"exchange":"e"')
    expect(await ask('POST', '/vhosts/%2F/replay', { trace: elsewhere })).toMatchObject({
      status: 400,
      body: { reason: expect.stringMatching(/^event \d+ of the record cannot be published here: no exchange 'e'/) },
    })
  })
})
