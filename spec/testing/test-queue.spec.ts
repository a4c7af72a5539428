// A queue as a test sees it.

import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('a test queue', () => {
  it('need not exist', () => {
    const queue = site.broker.vhost.queue('q')
    expect(queue.exists).toBe(false)
    expect(queue.counts()).toEqual({ ready: 0, unacked: 0, consumers: 0 })
    expect(queue.unacked()).toEqual([])
    expect(queue.deadLettered()).toEqual([])
  })

  it('counts exactly', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('dlq')
    await channel.assertQueue('q', { deadLetterExchange: '', deadLetterRoutingKey: 'dlq' })
    const queue = vhost.queue('q')
    expect(queue.exists).toBe(true)
    for (let i = 0; i < 4; i++) await vhost.publish('', 'q', `${i}`)
    expect(queue.depth()).toBe(4)
    const [first, second] = [await channel.get('q'), await channel.get('q'), await channel.get('q')]
    if (first) channel.ack(first)
    if (second) channel.reject(second, false)
    await vhost.waitForDeadLetter()
    expect(queue.acked).toBe(1)
    expect(queue.deadLettered()).toMatchObject([{ reason: 'rejected', message: { body: '1' } }])
    expect(queue.unacked()).toMatchObject([{ message: { body: '2' } }])
    expect(queue.depth()).toBe(1)
    await channel.consume('dlq', () => {})
    expect(vhost.queue('dlq').consumers()).toBe(1)
  })

  it('shows its messages without taking them, also those that somebody has', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    for (const id of [1, 2]) await vhost.publish('', 'q', { id }, { headers: { n: id } })
    await channel.prefetch(1)
    await channel.consume('q', () => {}, { consumerTag: 'c' })
    await vhost.waitFor((v) => v.unacked().length === 1)
    const messages = await vhost.queue('q').messages()
    expect(messages).toMatchObject([
      { sequence: 1, body: { id: 1 }, headers: { n: 1 }, ready: false, consumer: 'c' },
      { sequence: 2, body: { id: 2 }, ready: true, redelivered: false, consumer: null },
    ])
    expect(vhost.queue('q').counts()).toMatchObject({ ready: 1, unacked: 1 })
    await expect(vhost.queue('none').messages()).resolves.toEqual([])
  })
})
