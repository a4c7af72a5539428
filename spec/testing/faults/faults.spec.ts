// Each fault, as a real client lives through it.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { connect } from 'amqplib'
import type { After } from '../../../src/testing/faults/faults.ts'
import { startBroker, type TestBroker } from '../../../src/testing/index.ts'
import { Authority } from '../../support/certificates.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { closed, TestSite } from '../../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

const failure = (client: { once(event: string, listener: (error: Error) => void): unknown }) =>
  new Promise<Error>((resolve) => client.once('error', resolve))

describe('a connection', () => {
  it('is reset', async () => {
    const client = await site.client()
    const error = failure(client)
    site.broker.faults.dropConnection()
    expect(await error).toMatchObject({ message: 'read ECONNRESET' })
    expect(site.broker.faults.list()).toEqual([])
  })

  it('is closed in order, without a word of AMQP', async () => {
    const client = await site.client()
    const error = failure(client)
    site.broker.faults.dropConnection({ mode: 'fin' })
    expect(await error).toMatchObject({ message: 'Unexpected close' })
  })

  it('falls silent: only heartbeats tell', async () => {
    const channel = await site.channel()
    site.broker.faults.dropConnection({ mode: 'blackhole' })
    let heard = 'silence'
    const answer = channel.assertQueue('q').then(
      () => (heard = 'answered'),
      () => (heard = 'closed'),
    )
    // Whoever comes after it has all its answers.
    await (await site.channel()).assertQueue('other')
    expect(heard).toBe('silence')
    expect(site.broker.vhost.queues()).toEqual(['other'])
    await site.broker.stop()
    expect(await answer).toBe('closed')
  })

  it('drops after so many publishes, which arrive', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    const fault = site.broker.faults.dropConnection({ after: '3 publishes' })
    expect(site.broker.faults.list()).toEqual(['a connection drops (rst) after 3 publishes'])
    const gone = new Promise((resolve) => channel.once('close', resolve))
    for (let i = 0; i < 3; i++) channel.sendToQueue('q', Buffer.from(`${i}`))
    await gone
    expect(site.broker.vhost.queue('q').depth()).toBe(3)
    // It has happened, and is over.
    expect(site.broker.faults.list()).toEqual([])
    fault.remove()
  })

  it('is refused for a while', async () => {
    const there = await site.channel()
    const fault = site.broker.faults.refuseConnections()
    await expect(connect(site.broker.url)).rejects.toThrow('ECONNREFUSED')
    // Who is there stays.
    await there.assertQueue('q')
    await fault.remove()
    await site.channel()
  })

  it('is refused until the last fault that has it so is removed, also one by the clock', async () => {
    const { broker } = site
    const first = broker.faults.refuseConnections()
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
    broker.faults.refuseConnections({ for: '1h' })
    await first.remove()
    await expect(connect(broker.url)).rejects.toThrow('ECONNREFUSED')
    await jest.advanceTimersByTimeAsync(3_600_000)
    jest.useRealTimers()
    expect(broker.faults.list()).toEqual([])
    await site.channel()
  })

  it('is refused by the next life of the broker as well, and taken in by that', async () => {
    const { broker } = site
    const { url } = broker
    const fault = broker.faults.refuseConnections()
    await broker.restart()
    await expect(connect(url)).rejects.toThrow('ECONNREFUSED')
    await broker.kill()
    // Nobody listens for a broker that is dead.
    await fault.remove()
    await expect(connect(url)).rejects.toThrow('ECONNREFUSED')
    await broker.revive()
    await site.channel()
  })

  it('is refused for good where somebody has taken the port, and whoever removes the fault is told', async () => {
    const fault = site.broker.faults.refuseConnections()
    const other = createServer().listen(site.broker.port, '127.0.0.1')
    await once(other, 'listening')
    await expect(fault.remove()).rejects.toMatchObject({ code: 'EADDRINUSE', port: site.broker.port })
    other.close()
  })

  it('is reset under TLS as well', async () => {
    const folder = await createTemporaryDirectory()
    const authority = new Authority(folder)
    const { cert: tlsCert, key: tlsKey } = authority.issue('server', { subject: '/CN=localhost', san: 'IP:127.0.0.1' })
    const broker = await startBroker({ settings: { tlsCert, tlsKey, tlsPort: 0 } })
    const url = broker.urls.find((each) => each.startsWith('amqps:'))?.replace('//', '//guest:guest@') ?? ''
    const ends: ((broker: TestBroker) => unknown)[] = [({ faults }) => faults.dropConnection(), (dead) => dead.kill()]
    for (const end of ends) {
      const client = await connect(url, { ca: [authority.read()] } as object)
      const error = failure(client)
      await end(broker)
      expect(await error).toMatchObject({ code: 'ECONNRESET' })
    }
    await broker.stop()
    await removeTemporaryDirectory(folder)
  })
})

describe('a publish', () => {
  it('is nacked, and no queue has it', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    const { faults, vhost } = site.broker
    faults.nackPublishes({ queue: 'q', next: 1 })
    const outcomes = await Promise.all(
      ['a', 'b'].map((body) => {
        return new Promise((resolve) => channel.sendToQueue('q', Buffer.from(body), {}, (error) => resolve(error)))
      }),
    )
    expect(outcomes).toEqual([expect.objectContaining({ message: 'message nacked' }), null])
    expect(vhost.queue('q').depth()).toBe(1)
    expect(vhost.published().map(({ outcome }) => outcome)).toEqual(['refused', 'routed'])
  })

  it('is never confirmed, and arrives', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    const { faults, vhost } = site.broker
    const fault = faults.withholdConfirms()
    let confirms = 0
    channel.sendToQueue('q', Buffer.from('a'), {}, () => confirms++)
    await vhost.waitForMessage({ body: 'a' })
    fault.remove()
    await new Promise((resolve) => channel.sendToQueue('q', Buffer.from('b'), {}, resolve))
    expect(confirms).toBe(0)
    expect(vhost.queue('q').depth()).toBe(2)
  })

  it('comes back as unroutable', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    site.broker.faults.returnUnroutable({ key: 'q' })
    const returned = new Promise((resolve) => channel.once('return', resolve))
    channel.sendToQueue('q', Buffer.from('a'), { mandatory: true })
    expect(await returned).toMatchObject({ fields: { replyCode: 312, replyText: 'NO_ROUTE' } })
    await channel.waitForConfirms()
    expect(site.broker.vhost.queue('q').depth()).toBe(0)
  })
})

describe('a channel', () => {
  it('is closed with the code that is asked for', async () => {
    const channel = await site.channel()
    const error = failure(channel)
    site.broker.faults.closeChannel({ code: 404, text: 'it is gone' })
    expect(await error).toMatchObject({ code: 404, message: expect.stringContaining('NOT_FOUND - it is gone') })
  })
})

describe('publishers', () => {
  it('are blocked, and told', async () => {
    const client = await site.client()
    const channel = await client.createChannel()
    await channel.assertQueue('q')
    const fault = site.broker.faults.blockPublishers('disk')
    const blocked = new Promise((resolve) => client.once('blocked', resolve))
    channel.sendToQueue('q', Buffer.from('x'))
    expect(await blocked).toBe('low on disk')
    const unblocked = new Promise<void>((resolve) => void client.once('unblocked', () => resolve()))
    fault.remove()
    await unblocked
    await site.broker.vhost.waitForMessage()
  })

  it('wait for a slow store, and are told that it failed', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    const fault = site.broker.faults.slowStore({ by: 40 })
    const begun = performance.now()
    channel.sendToQueue('q', Buffer.from('x'), { persistent: true })
    await channel.waitForConfirms()
    expect(performance.now() - begun).toBeGreaterThan(38)
    fault.remove()
    const failing = site.broker.faults.slowStore({ by: 0, fails: true })
    channel.sendToQueue('q', Buffer.from('y'), { persistent: true })
    await expect(channel.waitForConfirms()).rejects.toThrow('message nacked')
    failing.remove()
  })
})

describe('faults', () => {
  it('are listed until they are removed, in the leak report as well, and a reset removes them all', async () => {
    const { broker } = site
    broker.faults.lose({ method: 'basic.ack' })
    const late = broker.faults.delay({ method: 'basic.deliver', by: '1s' })
    expect(broker.vhost.leaks().faults).toEqual(['basic.ack is lost', 'basic.deliver is 1000 ms late'])
    late[Symbol.dispose]()
    late.remove()
    expect(broker.faults.list()).toEqual(['basic.ack is lost'])
    await broker.reset()
    expect(broker.faults.list()).toEqual([])
  })

  it('outlive a restart', async () => {
    const { broker } = site
    broker.faults.nackPublishes()
    await broker.restart()
    const channel = await site.channel()
    await channel.assertQueue('q')
    channel.sendToQueue('q', Buffer.from('x'))
    await expect(channel.waitForConfirms()).rejects.toThrow('message nacked')
  })

  it.each(['soon', '0 publishes', '3 what', '2 basic.nothing'])('refuse to come after %j', (after) => {
    expect(() => site.broker.faults.dropConnection({ after: after as After })).toThrow(
      `after is ${JSON.stringify(after)}, expected`,
    )
  })

  it('can come after any method', async () => {
    const client = await site.client()
    const gone = closed(client)
    site.broker.faults.dropConnection({ after: '1 queue.declare', mode: 'fin' })
    const channel = await client.createChannel()
    channel.on('error', () => {})
    await channel.assertQueue('q').catch(() => {})
    await gone
    expect(site.broker.vhost.queues()).toEqual(['q'])
    expect(() => site.broker.faults.lose({ method: 'basic.nothing' as never })).toThrow('expected a method of AMQP')
  })
})

describe('a fault', () => {
  it('is refused where it says what nobody reads', () => {
    const { faults } = site.broker
    const wrong: readonly (readonly [() => unknown, string])[] = [
      [() => faults.dropConnection({ aftr: '1 publishes' } as never), "dropConnection has 'aftr'"],
      [() => faults.delay({ method: 'basic.ack', by: 1, time: 2 } as never), "delay has 'time'"],
      [() => faults.lose({ method: 'basic.ack', times: 0 }), 'times is 0, expected a number from 1 on'],
      [() => faults.lose({ method: 'toString' as never }), 'expected a method of AMQP'],
      [() => faults.lose({ method: 'basic.ack', direction: 'up' as never }), 'direction is "up", expected in or out'],
      [() => faults.closeChannel({ reason: 'x' } as never), "closeChannel has 'reason'"],
      [() => faults.slowStore({ by: 1, fail: true } as never), "did you mean 'fails'?"],
      [() => faults.refuseConnections({ fro: '1s' } as never), "refuseConnections has 'fro'"],
    ]
    for (const [ask, complaint] of wrong) expect(ask).toThrow(complaint)
    expect(faults.list()).toEqual([])
  })

  it('says how many connections it has dropped', async () => {
    expect(site.broker.faults.dropConnection().text).toBe('0 connections were dropped (rst)')
    const gone = closed(await site.client())
    expect(site.broker.faults.dropConnection({ mode: 'fin' }).text).toBe('1 connection was dropped (fin)')
    await gone
  })

  it('is over when it has happened as often as it was to', async () => {
    const channel = await site.channel()
    site.broker.faults.nackPublishes({ next: 1 })
    channel.sendToQueue('q', Buffer.from('x'))
    await expect(channel.waitForConfirms()).rejects.toThrow()
    expect(site.broker.vhost.leaks().faults).toEqual([])
  })

  it('does not end what another one asks for as well', () => {
    const { faults, broker } = site.broker
    const first = faults.blockPublishers()
    const second = faults.blockPublishers()
    first.remove()
    expect(broker.alarms.on).toBe(true)
    second.remove()
    expect(broker.alarms.on).toBe(false)
  })

  it('is no leak of another vhost', async () => {
    const [mine, other] = [await site.broker.isolate(), await site.broker.isolate()]
    site.broker.faults.nackPublishes({ vhost: other.name })
    site.broker.faults.dropConnection({ vhost: other.name, after: '1 publish' })
    expect(mine.leaks().faults).toEqual([])
    expect(other.leaks().faults).toEqual(['publishes are nacked', 'a connection drops (rst) after 1 publish'])
  })
})
