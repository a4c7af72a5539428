// What the journal of a test broker notes, from what a real client does.

import type { BrokerEvent } from '../../src/testing/events.ts'
import { Journal } from '../../src/testing/journal.ts'
import { messageOf } from '../../src/testing/publish.ts'
import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

const words = (events: readonly BrokerEvent[]) => events.map(({ event }) => event)

describe('the journal', () => {
  it('notes a message from its publish to its ack', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    await channel.consume('q', (message) => message && channel.ack(message), { consumerTag: 'c' })
    channel.sendToQueue('q', Buffer.from('hello'), { messageId: 'm' })
    await vhost.waitForAck({ queue: 'q' })
    const events = vhost.events()
    expect(words(events)).toEqual(['connected', 'consuming', 'published', 'queued', 'delivered', 'settled'])
    expect(events.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6])
    const place = { vhost: '/', connection: 1, channel: 1 }
    const message = expect.objectContaining({ body: 'hello', properties: { messageId: 'm' } })
    expect(events.slice(2)).toEqual([
      expect.objectContaining({ ...place, user: 'guest', routed: ['q'], confirm: true, outcome: 'routed', message }),
      expect.objectContaining({ vhost: '/', queue: 'q', sequence: 1 }),
      expect.objectContaining({ ...place, queue: 'q', sequence: 1, consumer: 'c', redelivered: false, message }),
      expect.objectContaining({ ...place, queue: 'q', sequence: 1, consumer: 'c', how: 'acked', message }),
    ])
    expect(vhost.unacked()).toEqual([])
  })

  it('notes who comes and who goes, once, and what comes back by that', async () => {
    const { vhost, faults } = site.broker
    const client = await site.client()
    await client.close()
    const channel = await site.channel()
    await channel.assertQueue('q')
    await vhost.publish('', 'q', 'x')
    await channel.get('q')
    faults.dropConnection()
    await vhost.waitFor((v) => v.leaks().connections === 0 && v.queue('q').depth() === 1)
    expect(words(vhost.events())).toEqual([
      ...['connected', 'disconnected', 'connected', 'published', 'queued', 'delivered'],
      ...['settled', 'disconnected'],
    ])
    expect(vhost.events()[0]).toMatchObject({ connection: 1, user: 'guest', vhost: '/' })
    expect(vhost.events().at(-1)).toMatchObject({ connection: 2, user: 'guest' })
  })

  it('notes what is returned, dropped and refused', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    channel.publish('', 'nowhere', Buffer.from('a'), { mandatory: true })
    channel.publish('', 'nowhere', Buffer.from('b'))
    await channel.waitForConfirms()
    expect(vhost.published().map(({ outcome, routed }) => [outcome, routed])).toEqual([
      ['returned', []],
      ['dropped', []],
    ])
  })

  it('notes deaths with their reasons, and what goes nowhere', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('dlq')
    await channel.assertQueue('q', { deadLetterExchange: '', deadLetterRoutingKey: 'dlq', maxLength: 1 })
    await channel.assertQueue('short', { maxLength: 1 })
    for (const queue of ['q', 'q', 'short', 'short']) channel.sendToQueue(queue, Buffer.from('x'))
    await channel.waitForConfirms()
    const got = await channel.get('q')
    if (got) channel.reject(got, false)
    await vhost.waitForDeadLetter({ queue: 'q' }, { count: 2 })
    expect(vhost.deadLetters().map(({ queue, reason, routed }) => [queue, reason, routed])).toEqual([
      ['q', 'maxlen', ['dlq']],
      ['q', 'rejected', ['dlq']],
    ])
    expect(vhost.deadLetters()[1]?.message.headers).toMatchObject({ 'x-first-death-reason': 'rejected' })
    expect(vhost.events().find(({ event }) => event === 'dropped')).toMatchObject({ queue: 'short', reason: 'maxlen' })
  })

  it('notes what comes back: by nack, by a purge, by the end of a channel', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    channel.sendToQueue('q', Buffer.from('x'))
    await channel.waitForConfirms()
    const got = await channel.get('q')
    if (got) channel.nack(got, false, true)
    const again = await channel.get('q')
    expect(again).toMatchObject({ fields: { redelivered: true } })
    expect(vhost.unacked()).toMatchObject([{ queue: 'q', consumer: null, redelivered: true }])
    await channel.close()
    await vhost.waitFor((v) => v.unacked().length === 0)
    const other = await site.channel()
    await other.purgeQueue('q')
    const settled = vhost.events().flatMap((each) => (each.event === 'settled' ? [each.how] : []))
    expect(settled).toEqual(['requeued', 'returned'])
    expect(vhost.events().at(-1)).toMatchObject({ event: 'purged', queue: 'q', count: 1 })
  })

  it('notes why channels are closed', async () => {
    const channel = await site.channel()
    await expect(channel.checkQueue('nowhere')).rejects.toThrow('404')
    expect(site.broker.events().at(-1)).toMatchObject({ event: 'failed', channel: 1, code: 404 })
  })

  it('keeps the last events, of all vhosts but those that are gone, with the test in which they happened', () => {
    const journal = new Journal({ now: () => 7 }, 3)
    journal.test = 'my test'
    for (let i = 0; i < 7; i++) journal.purged({ vhost: i % 2 ? 'odd' : 'even', name: 'q' } as never, i)
    expect(journal.events().map(({ number }) => number)).toEqual([5, 6, 7])
    expect(journal.events('odd')).toEqual([
      { number: 6, at: 7, test: 'my test', event: 'purged', vhost: 'odd', queue: 'q', count: 5 },
    ])
    journal.forget('even')
    expect(journal.events().map(({ number }) => number)).toEqual([6])
  })

  it('keeps fewer events where their messages are large', () => {
    const journal = new Journal({ now: () => 7 }, 100, 1000)
    const message = messageOf('', 'q', 'x'.repeat(300))
    const numbers = Array.from({ length: 20 }, () => {
      journal.publishedHere('v', message, [])
      return journal.events().length
    })
    expect(Math.max(...numbers)).toBe(6)
    expect(journal.events().at(-1)?.number).toBe(20)
    journal.forget('v')
    expect(journal.events()).toEqual([])
  })
})
