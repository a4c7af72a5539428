// A connection on which things go wrong: over real sockets, with a broker behind it.

import { closed, TestSite } from '../../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(async () => {
  jest.useRealTimers()
  await site.close()
})

describe('a carrier', () => {
  it('concerns those who are meant only', async () => {
    const channel = await site.channel()
    const isolated = await site.broker.isolate()
    const other = await site.client(isolated.url)
    const gone = closed(other)
    site.broker.faults.dropConnection({ vhost: isolated.name })
    site.broker.faults.dropConnection({ user: 'nobody' })
    site.broker.faults.dropConnection({ connection: 99 })
    await gone
    await channel.assertQueue('q')
  })

  it('lets large messages through whole, both ways', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    const body = Buffer.alloc(3_000_000, 7)
    channel.sendToQueue('q', body)
    await channel.waitForConfirms()
    const got = await channel.get('q', { noAck: true })
    expect(got && body.equals(got.content)).toBe(true)
  })

  it('has one method come late, and what follows on its channel behind it', async () => {
    const client = await site.client()
    const [slow, quick] = [await client.createChannel(), await client.createChannel()]
    site.broker.faults.delay({ method: 'queue.declare', by: '1s', times: 1 })
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
    const order: string[] = []
    const declared = slow.assertQueue('q').then(() => order.push('declared'))
    await quick.assertExchange('e', 'direct').then(() => order.push('other channel'))
    slow.sendToQueue('q', Buffer.from('behind it'))
    expect(order).toEqual(['other channel'])
    await jest.advanceTimersByTimeAsync(1000)
    await declared
    expect(order).toEqual(['other channel', 'declared'])
    await site.broker.vhost.waitForMessage({ body: 'behind it', queue: 'q' })
    // Time stands still: nothing that comes now is late.
    await slow.assertQueue('q')
  })

  it('loses a delivery with its content', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    site.broker.faults.lose({ method: 'basic.deliver', times: 1 })
    const bodies: string[] = []
    await channel.consume('q', (message) => message && bodies.push(message.content.toString()))
    for (const body of ['lost', 'comes']) await site.broker.vhost.publish('', 'q', body)
    await site.broker.vhost.waitFor(() => bodies.length > 0 || site.broker.vhost.unacked().length === 2)
    await channel.checkQueue('q')
    expect(bodies).toEqual(['comes'])
    expect(site.broker.vhost.unacked()).toHaveLength(2)
  })
})
