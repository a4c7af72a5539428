// Records that are published once more.

import { fromNdjson, toNdjson } from '../../src/testing/record.ts'
import { replay } from '../../src/testing/replay.ts'
import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('a replay', () => {
  it('publishes the same messages in the same order, in another vhost', async () => {
    const { broker } = site
    const channel = await site.channel()
    await channel.assertQueue('q')
    channel.sendToQueue('q', Buffer.from([1, 255]), { messageId: 'm', headers: { a: 'b' }, persistent: true })
    channel.sendToQueue('q', Buffer.from('two'))
    await channel.waitForConfirms()
    const record = toNdjson(broker.vhost.events())

    const isolated = await broker.isolate()
    const other = await site.channel(isolated.url)
    await other.assertQueue('q')
    await expect(isolated.replay(fromNdjson(record))).resolves.toBe(2)
    const [first, second] = await isolated.queue('q').messages()
    expect(first).toMatchObject({
      octets: Buffer.from([1, 255]),
      headers: { a: 'b' },
      properties: { messageId: 'm', deliveryMode: 2 },
    })
    expect(second).toMatchObject({ body: 'two', properties: { deliveryMode: 1 } })
  })

  it('keeps distances in time, where that is wanted', async () => {
    const { vhost } = site.broker
    await vhost.publish('', 'q', 'x')
    const [event] = vhost.published()
    if (!event) throw new Error('nothing was published')
    const begun = performance.now()
    await replay(vhost, [event, { ...event, at: event.at + 300 }], { speed: 10 })
    expect(performance.now() - begun).toBeGreaterThan(28)
    await expect(replay(vhost, [], { speed: 0 })).rejects.toThrow('expected a number above 0')
  })
})
