// A vhost of a test's own.

import { LeakError } from '../../src/testing/leaks.ts'
import { closed, TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('an isolated vhost', () => {
  it('shares nothing with others', async () => {
    const [a, b] = [await site.broker.isolate('a test/with odd: name'), await site.broker.isolate('b')]
    expect(a.name).toBe('a-test-with-odd-name-1')
    const [inA, inB] = [await site.channel(a.url), await site.channel(b.url)]
    await inA.assertQueue('q')
    await a.publish('', 'q', 'x')
    await expect(inB.checkQueue('q')).rejects.toThrow('404')
    expect(b.queues()).toEqual([])
    expect(b.published()).toEqual([])
    const stranger = `amqp://${encodeURIComponent(a.user)}:${a.password}@127.0.0.1:${site.broker.port}/${b.name}`
    await expect(site.client(stranger)).rejects.toThrow('ConnectionClose')
  })

  it.each(['', 'ü?# €', 'x'.repeat(300), '/'])('can be reached whatever its test is called: %s', async (name) => {
    const isolated = await site.broker.isolate(name)
    const channel = await site.channel(isolated.url)
    await channel.assertQueue('q')
    expect(isolated.queues()).toEqual(['q'])
  })

  it('is gone once, however often and by whomever it is ended', async () => {
    const nothing = { connections: 0, channels: 0, unacked: [], messages: {}, faults: [] }
    const isolated = await site.broker.isolate()
    await isolated.dispose()
    await expect(isolated.dispose({ failOnLeaks: true })).resolves.toEqual(nothing)
    const reset = await site.broker.isolate()
    await site.broker.reset()
    await expect(reset.dispose()).resolves.toEqual(nothing)
    const stopped = await site.broker.isolate()
    await site.broker.stop()
    await expect(stopped.dispose()).resolves.toEqual(nothing)
  })

  it('goes with all that is in it, and says what was left', async () => {
    const isolated = await site.broker.isolate()
    const client = await site.client(isolated.url)
    const channel = await client.createChannel()
    channel.on('error', () => {})
    await channel.assertQueue('q')
    await isolated.publish('', 'q', 'x')
    const gone = closed(client)
    await expect(isolated.dispose()).resolves.toMatchObject({ connections: 1, channels: 1, messages: { q: 1 } })
    await gone
    expect(site.broker.broker.vhost(isolated.name)).toBeUndefined()
    expect(site.broker.broker.users.get(isolated.user)).toBeUndefined()
    expect(() => isolated.queues()).toThrow(`vhost '${isolated.name}' is gone`)
  })

  it('can have the test fail for what is left, after it has gone', async () => {
    const isolated = await site.broker.isolate()
    const channel = await site.channel(isolated.url)
    await channel.assertQueue('q')
    await isolated.publish('', 'q', 'x')
    await expect(isolated.dispose({ failOnLeaks: true })).rejects.toThrow(LeakError)
    expect(site.broker.broker.vhost(isolated.name)).toBeUndefined()
    await expect((await site.broker.isolate()).dispose({ failOnLeaks: true })).resolves.toMatchObject({ channels: 0 })
  })

  it('goes at the end of a block', async () => {
    const isolated = await site.broker.isolate()
    await isolated[Symbol.asyncDispose]()
    expect(site.broker.broker.vhost(isolated.name)).toBeUndefined()
  })
})
