// A connection on which things go wrong: over real sockets, with a broker behind it.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { PROTOCOL_HEADER } from '../../../src/protocol/frame.ts'
import { method, methodBytes } from '../../support/peer.ts'
import { closed, TestSite } from '../../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(async () => {
  jest.useRealTimers()
  await site.close()
})

/** A socket after connection.tune-ok, and what it has heard since. */
class TunedSocket {
  heard = Buffer.alloc(0)
  readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.heard = Buffer.concat([this.heard, bytes])
    })
  }

  /** Resolves once so many octets have come. */
  async bytes(count: number): Promise<void> {
    while (this.heard.length < count) await once(this.socket, 'data')
  }
}

async function tuned(): Promise<TunedSocket> {
  const socket = connect(site.broker.port, '127.0.0.1')
  socket.write(PROTOCOL_HEADER)
  await once(socket, 'data')
  const response = Buffer.from('\0guest\0guest')
  socket.write(methodBytes(0, method('connection.start-ok', { mechanism: 'PLAIN', response, locale: 'en_US' })))
  await once(socket, 'data')
  const peer = new TunedSocket(socket)
  socket.write(methodBytes(0, method('connection.tune-ok', { channelMax: 1, frameMax: 131_072 })))
  return peer
}

describe('a carrier', () => {
  it('concerns those who are meant only', async () => {
    const channel = await site.channel()
    const isolated = await site.broker.isolate()
    const other = await site.client(isolated.url)
    const gone = closed(other)
    site.broker.faults.dropConnection({ vhost: isolated.name })
    site.broker.faults.dropConnection({ user: 'nobody' })
    site.broker.faults.dropConnection({ connection: 99 })
    await gone
    await channel.assertQueue('q')
  })

  it('lets large messages through whole, both ways', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    const body = Buffer.alloc(3_000_000, 7)
    channel.sendToQueue('q', body)
    await channel.waitForConfirms()
    const got = await channel.get('q', { noAck: true })
    expect(got && body.equals(got.content)).toBe(true)
  })

  it('has one method come late, and what follows on its channel behind it', async () => {
    const client = await site.client()
    const [slow, quick] = [await client.createChannel(), await client.createChannel()]
    site.broker.faults.delay({ method: 'queue.declare', by: '1s', times: 1 })
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
    const order: string[] = []
    const declared = slow.assertQueue('q').then(() => order.push('declared'))
    await quick.assertExchange('e', 'direct').then(() => order.push('other channel'))
    slow.sendToQueue('q', Buffer.from('behind it'))
    expect(order).toEqual(['other channel'])
    await jest.advanceTimersByTimeAsync(1000)
    await declared
    expect(order).toEqual(['other channel', 'declared'])
    await site.broker.vhost.waitForMessage({ body: 'behind it', queue: 'q' })
    // Time stands still: nothing that comes now is late.
    await slow.assertQueue('q')
  })

  it('lets the beginning of an answer through at once, and whole where a rule is about it', async () => {
    const hasty = await tuned()
    await hasty.bytes(3)
    expect(hasty.heard).toEqual(Buffer.of(1, 0, 0))
    site.broker.faults.lose({ method: 'queue.purge-ok' })
    const other = await tuned()
    // Another one comes all the way meanwhile.
    await site.client()
    expect(other.heard).toHaveLength(0)
    for (const peer of [hasty, other]) {
      peer.socket.write(methodBytes(0, method('connection.open', { virtualHost: '/' })))
      await peer.bytes(13)
      expect(peer.heard.toString('hex')).toBe('01000000000005000a002900ce')
      peer.socket.destroy()
    }
  })

  it('loses a delivery with its content', async () => {
    const channel = await site.channel()
    await channel.assertQueue('q')
    site.broker.faults.lose({ method: 'basic.deliver', times: 1 })
    const bodies: string[] = []
    await channel.consume('q', (message) => message && bodies.push(message.content.toString()))
    for (const body of ['lost', 'comes']) await site.broker.vhost.publish('', 'q', body)
    await site.broker.vhost.waitFor(() => bodies.length > 0 || site.broker.vhost.unacked().length === 2)
    await channel.checkQueue('q')
    expect(bodies).toEqual(['comes'])
    expect(site.broker.vhost.unacked()).toHaveLength(2)
  })
})
