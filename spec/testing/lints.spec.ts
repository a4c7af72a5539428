// Bad practice that the broker sees, by what a real client does.

import { connect } from 'amqplib'
import { Suite } from '../../src/testing/suite.ts'
import { closed, TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('lints', () => {
  it('say nothing of good practice', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertExchange('dlx', 'fanout')
    await channel.assertQueue('q', { deadLetterExchange: 'dlx' })
    await channel.prefetch(5)
    await channel.consume('q', (message) => message && channel.ack(message))
    await channel.consume('q', () => {}, { noAck: true })
    channel.publish('', 'nowhere', Buffer.from('x'), { mandatory: true })
    channel.publish('missing', 'k', Buffer.from('x'))
    await vhost.waitFor((v) => v.events().some(({ event }) => event === 'failed'))
    const shared = await site.channel()
    await shared.prefetch(5, true)
    await shared.consume('q', () => {})
    expect(vhost.lints()).toEqual([])
  })

  it('name what goes wrong in production, once', async () => {
    const { vhost } = site.broker
    const channel = await (await site.client()).createChannel()
    channel.on('error', () => {})
    await channel.assertQueue('q', { deadLetterExchange: 'dlx' })
    await channel.consume('q', () => {})
    await channel.consume('q', () => {})
    channel.publish('', 'nowhere', Buffer.from('x'))
    channel.publish('missing', 'k', Buffer.from('x'))
    await vhost.waitFor((v) => v.events().some(({ event }) => event === 'failed'))
    expect(vhost.lints()).toEqual([
      "the consumer of 'q' has no prefetch limit: it is given all there is, whether or not it keeps up",
      `nobody got '' 'nowhere' "x", and its publisher is not told: publish it as mandatory`,
      "a channel without confirms was closed: NOT_FOUND - no exchange 'missing' in vhost '/'; what it published is lost unnoticed",
      "the dead letters of 'q' go nowhere: exchange 'dlx' is not declared",
    ])
  })

  it('make a test fail where the suite is strict', async () => {
    const suite = new Suite({ strict: true })
    await suite.beforeAll()
    await suite.beforeEach('a test')
    const client = await connect(suite.url)
    client.on('error', () => {})
    const gone = closed(client)
    const channel = await client.createChannel()
    await channel.assertQueue('q')
    await channel.consume('q', () => {})
    await suite.vhost.waitForConsumer('q')
    await expect(suite.afterEach(false)).rejects.toThrow("the broker saw bad practice:\n  the consumer of 'q'")
    await suite.afterAll()
    await gone
  })
})
