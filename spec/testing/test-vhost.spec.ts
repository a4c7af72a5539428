// A vhost as a test sees it.

import { runInNewContext } from 'node:vm'
import { WaitError } from '../../src/testing/waiting.ts'
import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('a test vhost', () => {
  it('says how to reach it', () => {
    const { vhost, port } = site.broker
    const url = `amqp://guest:guest@127.0.0.1:${port}/%2F`
    expect(vhost.url).toBe(url)
    expect(vhost.env()).toEqual({ AMQP_URL: url, RABBITMQ_URL: url, LEVERET_URL: url, LEVERET_VHOST: '/' })
  })

  it('shows queues, bindings, and what is unacked by whom', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertExchange('e', 'direct')
    await channel.assertQueue('q')
    await channel.bindQueue('q', 'e', 'k')
    await channel.consume('q', () => {}, { consumerTag: 'c' })
    await vhost.publish('e', 'k', { id: 1 })
    await vhost.waitFor((v) => v.unacked().length === 1)
    expect(vhost.queues()).toEqual(['q'])
    expect(vhost.bindings('e')).toEqual([{ source: 'e', destination: 'q', routingKey: 'k', type: 'queue' }])
    expect(vhost.bindings('other')).toEqual([])
    expect(vhost.queue('q').counts()).toMatchObject({ ready: 0, unacked: 1, consumers: 1 })
    expect(vhost.unacked()).toMatchObject([{ queue: 'q', consumer: 'c', message: { body: { id: 1 } } }])
    expect(vhost.leaks()).toMatchObject({ connections: 1, channels: 1, unacked: [{ consumer: 'c' }], messages: {} })
    expect(() => vhost.expectNoLeaks()).toThrow(`unacked: message 1 of q, held by consumer c`)
  })

  it('waits for messages to come, of which there may have to be several', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    const waited = vhost.waitForMessage({ body: { id: 2 } })
    const second = vhost.waitForMessage({ queue: 'q' }, { count: 2 })
    for (const id of [1, 2]) channel.sendToQueue('q', Buffer.from(JSON.stringify({ id })))
    await expect(waited).resolves.toMatchObject({ routed: ['q'], message: { body: { id: 2 } } })
    await expect(second).resolves.toMatchObject({ message: { body: { id: 2 } } })
  })

  it('waits for a consumer', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    const waited = vhost.waitForConsumer('q', { count: 2 })
    await channel.consume('q', () => {})
    await channel.consume('q', () => {})
    await waited
    await expect(vhost.waitForConsumer('q', { count: 3, timeout: 1 })).rejects.toThrow(
      /3 consumers of queue 'q', in vain. There is instead:\n {2}queue 'q': 0 ready, 0 unacked, 2 consumers/,
    )
  })

  it('waits until nothing is left to do', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    let worked = 0
    for (let i = 0; i < 5; i++) await vhost.publish('', 'q', `${i}`)
    await channel.consume('q', (message) => {
      worked++
      if (message) setImmediate(() => channel.ack(message))
    })
    await vhost.waitForIdle()
    expect(worked).toBe(5)
    await vhost.publish('', 'q', 'x')
    await channel.close()
    await vhost.publish('', 'q', 'y')
    await expect(vhost.waitForIdle({ timeout: '20ms' })).rejects.toThrow(/queue 'q': [12] ready/)
  })

  it('does not take for idle what waits in a delayed exchange', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertExchange('later', 'x-delayed-message', { arguments: { 'x-delayed-type': 'fanout' } })
    await vhost.publish('later', '', 'x', { headers: { 'x-delay': 60_000 } })
    await expect(vhost.waitForIdle({ timeout: 1 })).rejects.toThrow(`exchange 'later' holds 1 messages back`)
  })

  it('does not take for idle what waits for another try, or is held back by a fault', async () => {
    const { vhost, faults } = site.broker
    const channel = await site.channel()
    const retries = { 'x-queue-type': 'quorum', 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 60_000 }
    await channel.assertQueue('q', { arguments: retries })
    await vhost.publish('', 'q', 'x')
    const message = await channel.get('q')
    if (message) channel.nack(message)
    await vhost.waitFor((v) => v.events().some(({ event }) => event === 'settled'))
    await expect(vhost.waitForIdle({ timeout: '20ms' })).rejects.toThrow("queue 'q': 1 wait for their next try")
    await channel.deleteQueue('q')
    const fault = faults.delay({ method: 'basic.publish', by: '1h' })
    channel.publish('', 'nowhere', Buffer.from('x'))
    await expect(vhost.waitForIdle({ timeout: '50ms' })).rejects.toThrow('frames are held back by a fault')
    await fault.remove()
  })

  it('takes a stream for idle when all of it was read, and for no leak', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('log', { arguments: { 'x-queue-type': 'stream' } })
    await vhost.publish('', 'log', 'x')
    await vhost.waitForIdle()
    expect(vhost.leaks().messages).toEqual({})
  })

  it('says what was there instead of the message', async () => {
    const { vhost } = site.broker
    await expect(vhost.waitForMessage({ key: 'q' }, { timeout: 1 })).rejects.toEqual(
      new WaitError('waited 1 ms for a message with key "q", in vain. There is instead:\n  nothing'),
    )
    await vhost.publish('', 'p', { id: 1 })
    await expect(vhost.waitForMessage({ key: 'q' }, { timeout: 1 })).rejects.toThrow(
      `the test published '' 'p' {"id":1}, dropped`,
    )
    await expect(vhost.waitForAck({}, { timeout: 1, count: 2 })).rejects.toThrow(
      'an ack of any message, number 2 of them',
    )
  })

  it('sees what is declared, who comes and who goes', async () => {
    const { vhost } = site.broker
    const declared = vhost.waitFor((v) => v.queue('q').exists)
    const client = await site.client()
    const channel = await client.createChannel()
    await channel.assertQueue('q')
    await declared
    await vhost.publish('', 'q', 'x')
    const idle = vhost.waitForIdle()
    await channel.deleteQueue('q')
    await idle
    const gone = vhost.waitFor((v) => v.leaks().connections === 0)
    await client.close()
    await gone
  })

  it('waits for a predicate that takes its time', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    const two = vhost.waitFor(async (v) => (await v.queue('q').messages()).length === 2)
    await vhost.publish('', 'q', 'x')
    await vhost.publish('', 'q', 'y')
    await two
    await expect(vhost.waitFor(async () => false, { timeout: 1 })).rejects.toThrow(
      /a predicate to hold: async \(\) ?=> ?false, in vain/,
    )
    // Under Jest, what Node itself promises is a promise of another realm.
    const ofNode = () => runInNewContext('Promise.resolve(false)') as Promise<boolean>
    await expect(vhost.waitFor(ofNode, { timeout: 1 })).rejects.toThrow('in vain')
  })

  it('ends waits that nothing can come of', async () => {
    const isolated = await site.broker.isolate()
    const waits = [isolated.waitForMessage(), isolated.waitForAck(), isolated.waitForConsumer('q')]
    const ends = waits.map((wait) => expect(wait).rejects.toThrow(`vhost '${isolated.name}' is gone`))
    await isolated.dispose()
    await Promise.all(ends)
    const stopped = expect(site.broker.vhost.waitForMessage()).rejects.toThrow('the broker was stopped')
    await site.broker.stop()
    await stopped
  })

  it('waits on while the broker is dead', async () => {
    const { vhost } = site.broker
    await site.broker.kill()
    const message = vhost.waitForMessage()
    await expect(vhost.waitForConsumer('q', { timeout: 1 })).rejects.toThrow('a broker that is dead')
    await site.broker.revive()
    await vhost.publish('', 'q', 'x')
    await message
  })

  it('refuses waits that mean nothing', async () => {
    const { vhost } = site.broker
    await expect(vhost.waitForMessage({}, { count: 0 })).rejects.toThrow('count is 0, expected 1 or more')
    await expect(vhost.waitForMessage({}, { timout: 1 } as never)).rejects.toThrow("did you mean 'timeout'?")
    await expect(vhost.waitForMessage({ routingKey: 'x' } as never)).rejects.toThrow("a match has 'routingKey'")
  })

  it('is emptied by a reset, and its connections stay', async () => {
    const { vhost, broker } = site.broker
    const channel = await site.channel()
    await channel.assertExchange('e', 'direct')
    for (const queue of ['q', 'r']) await channel.assertQueue(queue)
    await channel.bindQueue('q', 'amq.topic', 'k')
    await broker.administration.putPolicy('/', 'p', { pattern: '.*', definition: { 'max-length': 1 } })
    await vhost.publish('', 'q', 'x')
    await vhost.reset()
    expect(vhost.queues()).toEqual([])
    expect(vhost.bindings()).toEqual([])
    expect(vhost.events()).toEqual([])
    expect([...(broker.vhost('/')?.policies ?? [])]).toEqual([])
    await expect(channel.assertQueue('q')).resolves.toMatchObject({ messageCount: 0 })
  })
})
