// A transport over a socket: bytes in order and in one piece, the end said once, and where the peer is.

import { EventEmitter, once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { SocketTransport } from '../../src/server/socket-transport.ts'
import type { TransportListener } from '../../src/session/transport.ts'

/** What a transport told its listener. */
class Heard implements TransportListener {
  readonly chunks: Buffer[] = []
  closings = 0
  readonly gone: Promise<void>
  #resolve: () => void = () => {}
  readonly #looks = new Set<() => void>()

  constructor() {
    this.gone = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  data(chunk: Buffer): void {
    this.chunks.push(Buffer.from(chunk))
    for (const look of this.#looks) look()
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  #octets(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0)
  }

  /** Resolves when so many octets have come. */
  octets(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#octets() < count) return
        this.#looks.delete(look)
        resolve()
      }
      this.#looks.add(look)
      look()
    })
  }

  closed(): void {
    this.closings++
    this.#resolve()
  }
}

let server: Server
let far: Socket
let transport: SocketTransport
let heard: Heard

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  ;({ far, transport, heard } = await pair())
})

/** The two ends of a new connection. */
async function pair() {
  const far = connect((server.address() as { port: number }).port, '127.0.0.1')
  far.on('error', () => {})
  const [near] = (await once(server, 'connection')) as [Socket]
  const heard = new Heard()
  const transport = new SocketTransport(near)
  transport.listen(heard)
  return { far, transport, heard }
}

afterEach(() => {
  transport.destroy()
  far.destroy()
  server.close()
})

/** The next `length` octets that the far end receives. */
async function received(length: number): Promise<string> {
  let text = ''
  while (text.length < length) text += `${((await once(far, 'data')) as [Buffer])[0]}`
  return text
}

const bytes = (text: string) => Buffer.from(text)
/** What a transport asks of any socket. */
const stub = { setNoDelay: () => {}, on: () => {} }

describe('writing', () => {
  it('sends the parts in order and tells when they are gone, write by write', async () => {
    const order: string[] = []
    const both = new Promise<void>((resolve) => {
      transport.write([bytes('a'), bytes('bb'), bytes('ccc')], () => order.push('first'))
      transport.write([bytes('d')], () => {
        order.push('second')
        resolve()
      })
    })
    expect(order).toEqual([])
    expect(await received(7)).toBe('abbcccd')
    await both
    expect(order).toEqual(['first', 'second'])
  })

  it('corks the parts of one write, so that they leave together, and a single part not', () => {
    const calls: string[] = []
    const called = (name: string) => () => void calls.push(name)
    const socket = { cork: called('cork'), uncork: called('uncork'), write: called('write'), ...stub }
    const transport = new SocketTransport(socket as unknown as Socket)
    transport.write([bytes('a'), bytes('b')], () => {})
    transport.write([bytes('c')], () => {})
    expect(calls).toEqual(['cork', 'write', 'write', 'uncork', 'write'])
  })

  it.each(['before', 'after'])(
    'tells once that the bytes are free when the peer is gone: %s the write',
    async (when) => {
      let told = 0
      if (when === 'before') transport.destroy()
      const free = new Promise<void>((resolve) => {
        transport.write([Buffer.alloc(8_000_000), bytes('b')], () => {
          told++
          resolve()
        })
      })
      if (when === 'after') transport.destroy()
      await free
      await heard.gone
      expect(told).toBe(1)
    },
  )

  it('sends everything before it ends', async () => {
    far.pause()
    transport.write([Buffer.alloc(3_000_000, 'x')], () => {})
    transport.end()
    const all = received(3_000_000)
    far.resume()
    expect(await all).toHaveLength(3_000_000)
  })
})

describe('reading', () => {
  it('sees the end of the other side also when it was paused before its own', async () => {
    transport.pause()
    far.resume()
    far.write('never looked at')
    transport.end()
    await heard.gone
    expect(heard.closings).toBe(1)
  })

  it('hands on what comes, and nothing while it is paused', async () => {
    far.write('one')
    await heard.octets(3)
    transport.pause()
    await new Promise<void>((resolve) => far.write('two', () => resolve()))
    far.write('three')
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard.text).toBe('one')
    transport.resume()
    await heard.octets(11)
    expect(heard.text).toBe('onetwothree')
  })

  it('is into the same octets for every socket of a server', async () => {
    const other = await pair()
    const seen: Buffer[] = []
    for (const each of [heard, other.heard]) each.data = (chunk) => void seen.push(chunk)
    far.write('one')
    other.far.write('other')
    while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(seen[0]?.buffer).toBe(seen[1]?.buffer)
    other.transport.destroy()
    other.far.destroy()
  })

  it('hands on what a socket emits that has no handle of its own', () => {
    const socket = Object.assign(new EventEmitter(), { setNoDelay: () => {} })
    const transport = new SocketTransport(socket as unknown as Socket)
    transport.listen(heard)
    socket.emit('data', bytes('from TLS'))
    expect(heard.text).toBe('from TLS')
  })

  it('loses nothing of many megabytes that come from several sockets at a time', async () => {
    const others = [await pair(), await pair(), await pair()]
    const sums = others.map(({ far, heard }, at) => {
      far.write(Buffer.alloc(3_000_000, `${at}`))
      return heard.octets(3_000_000)
    })
    await Promise.all(sums)
    expect(others.map(({ heard }) => new Set(heard.text))).toEqual([new Set('0'), new Set('1'), new Set('2')])
    for (const { far, transport } of others) {
      far.destroy()
      transport.destroy()
    }
  })
})

describe('the end', () => {
  it.each([
    ['the peer ends', () => far.end()],
    ['the peer resets', () => far.resetAndDestroy()],
    ['it is destroyed', () => transport.destroy()],
    ['it is reset', () => transport.reset()],
    [
      'it is destroyed twice',
      () => {
        transport.destroy()
        transport.destroy()
      },
    ],
  ])('is told once: %s', async (_, end) => {
    end()
    await heard.gone
    transport.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard.closings).toBe(1)
  })

  it('is told when both sides have ended', async () => {
    transport.end()
    await once(far, 'close')
    await heard.gone
    expect(heard.closings).toBe(1)
  })
})

describe('the peer', () => {
  /** A socket from `address`, as far as a transport looks at it. */
  const from = (remoteAddress?: string) =>
    new SocketTransport({ remoteAddress, remotePort: 7, ...stub } as unknown as Socket)

  it.each(['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1'])('is on this machine at %s', (address) => {
    expect(from(address).loopback).toBe(true)
  })

  it.each([undefined, '10.0.0.1', '128.0.0.1', '::', '::2', '::ffff:10.0.0.1', 'fe80::127.0.0.1', '12.7.0.1'])(
    'is not at %s',
    (address) => {
      expect(from(address).loopback).toBe(false)
    },
  )

  it('is named by address and port', () => {
    expect(from('::1').peer).toBe('::1:7')
    expect(from('::ffff:192.0.2.1')).toMatchObject({ peer: '192.0.2.1:7', address: '192.0.2.1' })
    expect(transport.peer).toBe(`127.0.0.1:${far.localPort}`)
  })

  it('is sent small frames at once', () => {
    const setNoDelay = jest.fn()
    new SocketTransport({ ...stub, setNoDelay } as unknown as Socket)
    expect(setNoDelay).toHaveBeenCalledWith(true)
  })
})
