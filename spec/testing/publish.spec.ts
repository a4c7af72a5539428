// Publishes by the test itself.

import type { GetMessage } from 'amqplib'
import { messageOf } from '../../src/testing/publish.ts'
import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('a publish by the test', () => {
  it('goes where a client’s would, and is durable there', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertExchange('orders', 'topic')
    await channel.assertQueue('q')
    await channel.bindQueue('q', 'orders', 'created.#')
    const result = await vhost.publish('orders', 'created.eu', { id: 1 }, { headers: { a: [1, 'x'] }, type: 't' })
    expect(result).toEqual({ routed: ['q'], stored: true })
    expect(vhost.published()).toMatchObject([{ connection: 0, channel: 0, routed: ['q'], outcome: 'routed' }])
    const got = await channel.get('q')
    expect(got).toMatchObject({
      fields: { exchange: 'orders', routingKey: 'created.eu' },
      properties: { deliveryMode: 2, contentType: 'application/json', type: 't', headers: { a: [1, 'x'] } },
    })
    expect((got as GetMessage).content.toString()).toBe('{"id":1}')
  })

  it('is carbon-copied by its headers', async () => {
    const channel = await site.channel()
    for (const queue of ['a', 'b']) await channel.assertQueue(queue)
    const { routed } = await site.broker.vhost.publish('', 'a', 'x', { headers: { CC: ['b'] } })
    expect(routed).toEqual(['a', 'b'])
  })

  it('says that nobody took it', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q', { maxLength: 0, arguments: { 'x-overflow': 'reject-publish' } })
    const { vhost } = site.broker
    await expect(vhost.publish('', 'nowhere', 'x')).resolves.toEqual({ routed: [], stored: true })
    await expect(vhost.publish('', 'q', 'x')).resolves.toEqual({ routed: ['q'], stored: false })
    await expect(vhost.publish('missing', 'k', 'x')).rejects.toThrow(`no exchange 'missing' in vhost '/'`)
    await expect(vhost.publish('', 'q', 'x', { headers: { f: () => 1 } })).rejects.toThrow('headers.f')
  })

  it('refuses a property that is none', async () => {
    const { vhost } = site.broker
    await expect(vhost.publish('', 'q', 'x', { messageID: 'm' } as never)).rejects.toThrow("did you mean 'messageId'?")
    await expect(vhost.publish('', 'q', 'x', { mandatory: true } as never)).rejects.toThrow("publish has 'mandatory'")
  })

  it.each([
    ['text', 'x', Buffer.from('x')],
    ['octets', new Uint8Array([1, 2]), Buffer.from([1, 2])],
    ['JSON', [1], Buffer.from('[1]')],
    ['nothing', undefined, Buffer.alloc(0)],
  ])('has a body of %s', (_, body, octets) => {
    const message = messageOf('', 'q', body, { persistent: false })
    expect(message.copyBody()).toEqual(octets)
    expect(message.persistent).toBe(false)
  })
})
