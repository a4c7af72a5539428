// Records that are published once more.

import { type ConfirmChannel, connect } from 'amqplib'
import { startBroker } from '../../src/testing/index.ts'
import { fromNdjson, toNdjson } from '../../src/testing/record.ts'
import { replay } from '../../src/testing/replay.ts'
import { socketOf, TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

/** Headers of every type that a client can send, as amqp.node writes them. */
const headers = {
  text: 'ä',
  yes: true,
  byte: 5,
  short: 300,
  long: 70_000,
  longlong: 5_000_000_000,
  negative: -1,
  double: 0.5,
  whole: { '!': 'double', value: 3 },
  float: { '!': 'float', value: 1.5 },
  when: { '!': 'timestamp', value: 1_700_000_000 },
  price: { '!': 'decimal', value: { places: 2, digits: 1999 } },
  octets: Buffer.from([0, 0xff]),
  nothing: null,
  list: [1, 'a', { '!': 'timestamp', value: 1 }, [Buffer.from([1])]],
  table: { deep: { when: { '!': 'timestamp', value: 2 } } },
}

/** What a consumer of `queue` is sent until there were so many messages: the octets of content headers and bodies. */
async function contents(url: string, queue: string, count: number): Promise<readonly string[]> {
  const client = await connect(url)
  const channel = await client.createChannel()
  const chunks: Buffer[] = []
  socketOf(client).on('data', (chunk: Buffer) => chunks.push(chunk))
  let left = count
  await new Promise<void>((resolve) => {
    void channel.consume(queue, () => --left === 0 && resolve(), { noAck: true })
  })
  const octets = Buffer.concat(chunks)
  await client.close()
  const frames: string[] = []
  for (let at = 0; at < octets.length; at += 8 + octets.readUInt32BE(at + 3)) {
    const payload = octets.subarray(at + 7, at + 7 + octets.readUInt32BE(at + 3))
    if (octets[at] === 2 || octets[at] === 3) frames.push(payload.toString('hex'))
  }
  return frames
}

function publishAll(channel: ConfirmChannel): Promise<void> {
  const everything = {
    ...{ contentType: 'text/plain', contentEncoding: 'x', priority: 3, correlationId: 'c', replyTo: 'r' },
    ...{ expiration: '60000', messageId: 'm', timestamp: 1_700_000_000, type: 't', userId: 'guest', appId: 'a' },
  }
  channel.sendToQueue('q', Buffer.from([1, 255]), { ...everything, headers, persistent: true })
  channel.sendToQueue('q', Buffer.from('no property at all'))
  channel.sendToQueue('q', Buffer.alloc(0), { headers: {}, deliveryMode: 1 })
  channel.sendToQueue('q', Buffer.from('{"a": 1 }'), { contentType: 'application/json' })
  return channel.waitForConfirms()
}

describe('a replay', () => {
  it('publishes what was published, octet for octet, in another broker', async () => {
    const { broker } = site
    const channel = await site.channel()
    await channel.assertQueue('q')
    await publishAll(channel)
    const record = toNdjson(broker.vhost.events())
    expect(JSON.parse(record.split('\n').find((line) => line.includes('"published"')) ?? '')).toMatchObject({
      message: { headers: { text: 'ä', yes: true, byte: 5, list: [1, 'a', 1, ['AQ==']] }, properties: { priority: 3 } },
    })

    await using fresh = await startBroker()
    const other = await site.channel(fresh.url)
    await other.assertQueue('q')
    await expect(fresh.vhost.replay(fromNdjson(record))).resolves.toBe(4)
    const before = broker.vhost.published()
    expect(fresh.vhost.published()).toMatchObject(before.map(({ message, user }) => ({ message, user })))
    const sent = await contents(broker.url, 'q', 4)
    expect(sent).toHaveLength(7)
    await expect(contents(fresh.url, 'q', 4)).resolves.toEqual(sent)
    // And a record of the replay says the same.
    const again = fromNdjson(toNdjson(fresh.vhost.published()))
    expect(again.map((event) => 'message' in event && event.message)).toEqual(before.map(({ message }) => message))
  })

  it('keeps who published, whether it was mandatory, and the time to live', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('q')
    channel.publish('', 'nowhere', Buffer.from('x'), { mandatory: true })
    channel.publish('', 'q', Buffer.from('y'), { expiration: 1000, CC: ['copy'] })
    await channel.waitForConfirms()
    const record = vhost.events()
    await using fresh = await startBroker({ clock: 'virtual' })
    const other = await site.channel(fresh.url)
    await other.assertQueue('q')
    await other.assertQueue('copy')
    await fresh.vhost.replay(record)
    expect(fresh.vhost.published()).toMatchObject([
      { user: 'guest', mandatory: true, confirm: true, outcome: 'returned', connection: 0 },
      { user: 'guest', mandatory: false, routed: ['q', 'copy'] },
    ])
    await fresh.clock.advance('1s')
    expect(fresh.vhost.queue('q').depth()).toBe(0)
  })

  it('keeps distances in time, where that is wanted', async () => {
    const { vhost } = site.broker
    await vhost.publish('', 'q', 'x')
    const [event] = vhost.published()
    if (!event) throw new Error('nothing was published')
    const later = [event, { ...event, at: event.at + 3000 }, { ...event, at: event.at + 3000 }]
    const passed: number[] = []
    const host = { publishAgain: async () => {}, pass: async (ms: number) => void passed.push(ms) }
    await expect(replay(host, later, { speed: 10 })).resolves.toBe(3)
    expect(passed).toEqual([300])
    await expect(replay(host, [], { speed: 0 })).rejects.toThrow('expected a number above 0')
    // A clock that can be moved is moved.
    await using virtual = await startBroker({ clock: 'virtual' })
    const start = virtual.clock.now().getTime()
    await virtual.vhost.replay(later, { speed: 1 })
    expect(virtual.vhost.published().map(({ at }) => at - start)).toEqual([0, 3000, 3000])
  })

  it('says which event cannot be published here', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertExchange('e', 'fanout')
    await vhost.publish('e', 'k', 'x')
    const record = vhost.published()
    await channel.deleteExchange('e')
    await expect(vhost.replay(record)).rejects.toThrow(
      `event ${record[0]?.number} of the record cannot be published here: no exchange 'e' in vhost '/'`,
    )
  })
})
