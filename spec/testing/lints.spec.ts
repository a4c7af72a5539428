// Bad practice that the broker sees, by what a real client does.

import { type Channel, connect } from 'amqplib'
import { type Isolation, startBroker, type TestBroker } from '../../src/testing/index.ts'
import { Suite } from '../../src/testing/suite.ts'
import { closed, TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

async function comesBack(broker: TestBroker): Promise<void> {
  broker.comeBack({ kill: true })
  await broker.settled()
}

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

  it.each(['leveret', 'rabbitmq-3.13', 'rabbitmq-4.3'] as const)(
    'find nothing in an answer that is got, with %s',
    async (compat) => {
      await site.close()
      site = await TestSite.open({ compat })
      const { vhost } = site.broker
      const channel = await (await site.client()).createChannel()
      const replyTo = 'amq.rabbitmq.reply-to'
      await channel.assertQueue('requests', { exclusive: true })
      const answered = new Promise((resolve) => channel.consume(replyTo, resolve, { noAck: true }))
      channel.sendToQueue('requests', Buffer.from('?'), { replyTo })
      await vhost.waitForMessage({ body: '?' })
      const request = await channel.get('requests', { noAck: true })
      channel.sendToQueue(request ? request.properties.replyTo : '', Buffer.from('!'))
      expect(await answered).toMatchObject({ content: Buffer.from('!') })
      expect(vhost.lints()).toEqual([])
    },
  )

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

  it('know whether a channel had confirms, and what it asked for', async () => {
    const { vhost } = site.broker
    const failures = (count: number) =>
      vhost.waitFor((v) => v.events().filter(({ event }) => event === 'failed').length === count)
    const channel = await site.channel()
    channel.publish('missing', 'k', Buffer.from('first of all'))
    await failures(1)
    const plain = await (await site.client()).createChannel()
    plain.on('error', () => {})
    await expect(plain.checkExchange('missing')).rejects.toThrow()
    await failures(2)
    expect(vhost.lints()).toEqual([])
  })

  it('name what is settled twice, requeued for ever, rejected for nobody, and polled', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    for (const queue of ['again', 'lost', 'polled', 'q']) await channel.assertQueue(queue)
    await channel.assertQueue('dying', { deadLetterExchange: '', deadLetterRoutingKey: 'nowhere' })
    for (const queue of ['again', 'lost']) await vhost.publish('', queue, 'x')
    for (let times = 0; times < 21; times++) {
      const message = await channel.get('again')
      if (message) channel.nack(message)
    }
    const lost = await channel.get('lost')
    if (lost) channel.reject(lost, false)
    for (let times = 0; times < 11; times++) {
      await vhost.publish('', 'polled', 'x')
      await channel.get('polled', { noAck: true })
    }
    channel.ack({ fields: { deliveryTag: 999 } } as never)
    await vhost.waitFor((v) => v.events().some(({ event }) => event === 'failed'))
    const lints = [
      "a message of 'lost' was rejected and is lost: the queue has no dead-letter exchange",
      'a channel settled what it does not hold, twice or for another channel, and was closed: PRECONDITION_FAILED - unknown delivery tag 999',
      "message 1 of 'again' was requeued more than 20 times: what cannot be worked on goes round for ever",
      "channel 1/1 took more than 10 messages out of 'again' with basic.get, one by one: a consumer is given them",
      "channel 1/1 took more than 10 messages out of 'polled' with basic.get, one by one: a consumer is given them",
      "the dead letters of 'dying' go nowhere: queue 'nowhere' is not declared",
    ]
    expect(vhost.lints()).toEqual(lints)
    expect(vhost.lints({ allow: [/basic.get/, (text) => text.includes('rejected')] })).toEqual([
      lints[1],
      lints[2],
      lints[5],
    ])
    expect(() => vhost.expectNoLints({ allow: /again|lost|tag|polled/ })).toThrow('the dead letters of')
    expect(() => vhost.lints({ except: 'x' } as never)).toThrow("lints has 'except'")
  })

  it('are remembered by the broker when what they were seen in is gone', async () => {
    await using broker = await startBroker({ keepEvents: 5 })
    const gone: Promise<void>[] = []
    const seen = async (name: string, queue: string): Promise<Isolation> => {
      const isolated = await broker.isolate(name)
      const client = await connect(isolated.url)
      client.on('error', () => {})
      gone.push(closed(client))
      const channel = await client.createChannel()
      await channel.assertQueue(queue, { deadLetterExchange: `${queue}-dlx` })
      await channel.consume(queue, () => {})
      await isolated.waitForConsumer(queue)
      return isolated
    }
    const nowhere = (queue: string) =>
      `the dead letters of '${queue}' go nowhere: exchange '${queue}-dlx' is not declared`
    const greedy = (queue: string) => expect.stringContaining(`the consumer of '${queue}' has no prefetch limit`)

    await (await seen('disposed', 'a')).dispose()
    expect(broker.lints()).toEqual([greedy('a'), nowhere('a')])
    await (await seen('reset', 'b')).reset()
    await seen('deleted', 'c')
    await broker.reset()
    // More happens than is kept.
    for (let count = 0; count < 30; count++) await broker.vhost.publish('', 'nowhere', 'x')
    await broker.broker.administration.putVhost('made by others')
    await broker.kill()
    const all = [greedy('a'), nowhere('a'), greedy('b'), nowhere('b'), greedy('c'), nowhere('c')]
    expect(broker.lints()).toEqual(all)
    await Promise.all(gone)
    expect(broker.lints({ allow: [/dead letters/, /'a'/] })).toEqual([greedy('b'), greedy('c')])
  })

  it.each([
    ['restarts', (broker: TestBroker) => broker.restart()],
    ['dies and is revived', (broker: TestBroker) => broker.kill().then(() => broker.revive())],
    ['comes back by itself', comesBack],
  ])('are about what is declared when somebody asks, also where the broker %s meanwhile', async (_, meanwhile) => {
    await using broker = await startBroker()
    const declare = async (name: string, make: (channel: Channel) => Promise<unknown>) => {
      const connection = await connect(broker.url)
      await make(await connection.createChannel())
      await connection.close()
      return name
    }
    await declare('q', (channel) => channel.assertQueue('q', { deadLetterExchange: 'dlx' }))
    expect(broker.lints()).toHaveLength(1)
    await meanwhile(broker)
    await declare('dlx', (channel) => channel.assertExchange('dlx', 'fanout'))
    await declare('d', (channel) => channel.assertQueue('d').then(() => channel.bindQueue('d', 'dlx', '')))
    expect(broker.lints()).toEqual([])
    // What is gone for good was as it was.
    await declare('p', (channel) => channel.assertQueue('p', { deadLetterExchange: 'nowhere' }))
    await broker.restart({ keepData: false })
    expect(broker.lints()).toEqual(["the dead letters of 'p' go nowhere: exchange 'nowhere' is not declared"])
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
