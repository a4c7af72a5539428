// The test broker as a test uses it: over real sockets, with amqp.node, as its users do.

import { connect } from 'amqplib'
import { startBroker } from '../../src/testing/index.ts'
import { closed, socketOf, TestSite } from '../support/test-site.ts'

// A request by HTTP has that API loaded and compiled.
let site: TestSite | null = null

async function open(...options: Parameters<typeof TestSite.open>) {
  site = await TestSite.open(...options)
  return site
}

afterEach(async () => {
  await site?.close()
  site = null
})

describe('a test broker', () => {
  it('is ready when it is there, as many as are wanted, and gone when it has stopped', async () => {
    const brokers = await Promise.all([startBroker(), startBroker(), startBroker()])
    expect(new Set(brokers.map(({ port }) => port)).size).toBe(3)
    const url = brokers[0]?.url ?? ''
    const client = await connect(url)
    client.on('error', () => {})
    const gone = closed(client)
    await Promise.all(brokers.map((broker) => broker.stop()))
    await gone
    await brokers[0]?.stop()
    expect(() => brokers[0]?.url).toThrow('the broker is not running')
    await expect(connect(url)).rejects.toThrow('ECONNREFUSED')
  })

  it('takes settings of the real broker', async () => {
    const { broker } = await open({ settings: { channelMax: 7 } })
    const client = await site?.client(broker.url)
    expect(client?.connection).toMatchObject({ channelMax: 7 })
  })

  it('refuses a login at once, however often it is tried', async () => {
    await using broker = await startBroker()
    const { users, logins } = broker.broker
    const attempt = { user: 'nobody', password: 'wrong', address: '127.0.0.1', loopback: true }
    for (let tries = 0; tries < 500; tries++) expect(logins.attempt(attempt)).toMatchObject({ kind: 'password' })
    await broker.broker.administration.putUser('somebody', { password: 'secret' })
    expect(users.get('somebody')?.hashing).toBe('sha256')
  })

  it('is reached from where it is asked to be', async () => {
    const { broker } = await open({ host: '::' })
    expect(broker.url).toMatch(/^amqp:\/\/guest:guest@localhost:\d+\/%2F$/)
    await site?.client(broker.url.replace('localhost', '[::1]'))
    await site?.client(broker.url.replace('localhost', '127.0.0.1'))
  })

  it('opens the HTTP API where it is asked to', async () => {
    const { broker } = await open({ http: true })
    const response = await fetch(`${broker.httpUrl}/api/whoami`, {
      headers: { authorization: `Basic ${btoa('guest:guest')}` },
    })
    expect(await response.json()).toMatchObject({ name: 'guest' })
    expect(broker.env()).toMatchObject({ LEVERET_HTTP_URL: broker.httpUrl })
  })

  it('stops in time however its peers behave', async () => {
    const broker = await startBroker()
    const client = await connect(broker.url)
    client.on('error', () => {})
    // It reads nothing any more, and so does not hear that it is to close.
    socketOf(client).pause()
    const begun = performance.now()
    await broker.stop()
    expect(performance.now() - begun).toBeLessThan(1000)
    socketOf(client).destroy()
  })

  it('comes back on the same port with what was durable', async () => {
    const { broker } = await open()
    const { vhost, port } = broker
    const channel = await site?.channel()
    await channel?.assertQueue('q')
    await vhost.publish('', 'q', 'kept')
    await vhost.publish('', 'q', 'lost', { persistent: false })
    await broker.restart()
    expect(broker.port).toBe(port)
    expect(vhost.queue('q').depth()).toBe(1)
    await broker.restart({ keepData: false })
    expect(vhost.queues()).toEqual([])
  })

  it('dies as by a power cut, and finds again what was confirmed', async () => {
    const { broker } = await open()
    const { vhost } = broker
    const client = await (site as TestSite).client()
    const channel = await client.createConfirmChannel()
    await channel.assertQueue('q')
    channel.sendToQueue('q', Buffer.from('confirmed'), { persistent: true })
    await channel.waitForConfirms()
    const reset = new Promise((resolve) => client.once('error', resolve))
    await broker.kill()
    expect(await reset).toMatchObject({ message: 'read ECONNRESET' })
    expect(() => broker.url).toThrow('the broker is not running')
    await expect(broker.revive()).resolves.toBeUndefined()
    await expect(broker.revive()).rejects.toThrow('the broker is running')
    await expect(broker.restart({ keepDta: false } as object)).rejects.toThrow("did you mean 'keepData'?")
    expect(vhost.queue('q').depth()).toBe(1)
    await broker.kill()
    await broker.revive({ keepData: false })
    expect(vhost.queues()).toEqual([])
  })

  it('is as new after a reset', async () => {
    const { broker } = await open()
    const isolated = await broker.isolate()
    await (await site?.channel())?.assertQueue('q')
    await broker.reset()
    expect([...broker.broker.vhosts.keys()]).toEqual(['/'])
    expect([...broker.broker.users].map(({ name }) => name)).toEqual(['guest'])
    expect(broker.broker.vhost(isolated.name)).toBeUndefined()
    expect(broker.vhost.queues()).toEqual([])
  })
})

describe('time by hand', () => {
  it('passes for messages, queues, delays and consumers, and for nobody else', async () => {
    const { broker } = await open({ clock: 'virtual' })
    const { vhost, clock } = broker
    const channel = await site?.channel()
    await channel?.assertQueue('dlq')
    const dying = { deadLetterExchange: '', deadLetterRoutingKey: 'dlq' }
    await channel?.assertQueue('q', { ...dying, messageTtl: 900_000 })
    await channel?.assertQueue('unused', { expires: 3_600_000 })
    await vhost.publish('', 'q', 'x')
    await clock.advance('14m')
    expect(vhost.deadLetters()).toEqual([])
    await clock.advance('1m')
    expect(vhost.deadLetters()).toMatchObject([{ queue: 'q', reason: 'expired', routed: ['dlq'] }])
    expect(vhost.queue('dlq').depth()).toBe(1)
    expect(clock.due).toHaveLength(1)
    await clock.runNext()
    expect(vhost.queue('unused').exists).toBe(false)
    await expect(channel?.checkQueue('dlq')).resolves.toMatchObject({ messageCount: 1 })
  })

  it('lets deliveries time out', async () => {
    const { broker } = await open({ clock: 'virtual' })
    const { vhost, clock } = broker
    const channel = await site?.channel()
    await channel?.assertQueue('q', { arguments: { 'x-queue-type': 'quorum' } })
    await vhost.publish('', 'q', 'x')
    await channel?.consume('q', () => {}, { consumerTag: 'c' })
    await vhost.waitFor((v) => v.unacked().length === 1)
    await clock.advance('32m')
    expect(vhost.unacked()).toEqual([])
    expect(vhost.queue('q').depth()).toBe(1)
    expect(vhost.queue('q').consumers()).toBe(0)
  })

  it('drives retries with a growing delay', async () => {
    const { broker } = await open({ clock: 'virtual' })
    const { vhost, clock } = broker
    const channel = await site?.channel()
    const retry = { 'x-delayed-retry-type': 'failed', 'x-delayed-retry-min': 1000, 'x-delayed-retry-max': 10_000 }
    await channel?.assertQueue('q', { arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 2, ...retry } })
    await vhost.publish('', 'q', 'x')
    await channel?.consume('q', (message) => message && channel.reject(message, true))
    await vhost.waitFor((v) => v.events().some(({ event }) => event === 'settled'))
    await clock.runAll()
    const started = vhost.events()[0]?.at ?? 0
    const deliveries = vhost.events().flatMap((each) => (each.event === 'delivered' ? [each.at - started] : []))
    expect(deliveries).toEqual([0, 1000, 3000])
    expect(vhost.events().at(-1)).toMatchObject({ event: 'dropped', reason: 'delivery_limit' })
  })
})
