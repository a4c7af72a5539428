// A transport over a socket: bytes in order and in one piece, the end said once, and where the peer is.

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { SocketTransport } from '../../src/server/socket-transport.ts'
import type { TransportListener } from '../../src/session/transport.ts'

/** What a transport told its listener. */
class Heard implements TransportListener {
  readonly chunks: Buffer[] = []
  closings = 0
  readonly gone: Promise<void>
  #resolve: () => void = () => {}

  constructor() {
    this.gone = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  data(chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  closed(): void {
    this.closings++
    this.#resolve()
  }
}

let server: Server
let near: Socket
let far: Socket
let transport: SocketTransport
let heard: Heard

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  far = connect(port, '127.0.0.1')
  far.on('error', () => {})
  ;[near] = (await once(server, 'connection')) as [Socket]
  heard = new Heard()
  transport = new SocketTransport(near)
  transport.listen(heard)
})

afterEach(async () => {
  near.destroy()
  far.destroy()
  server.close()
  await once(server, 'close')
})

/** The next `length` octets that the far end receives. */
async function received(length: number): Promise<string> {
  let text = ''
  while (text.length < length) text += `${((await once(far, 'data')) as [Buffer])[0]}`
  return text
}

const bytes = (text: string) => Buffer.from(text)

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
    const spy = (name: 'cork' | 'uncork' | 'write') =>
      jest.spyOn(near, name).mockImplementation((): never => {
        calls.push(name)
        return true as never
      })
    for (const name of ['cork', 'uncork', 'write'] as const) spy(name)
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
    await once(near, 'data')
    transport.pause()
    far.write('two')
    far.write('three')
    expect(near.isPaused()).toBe(true)
    expect(Buffer.concat(heard.chunks).toString()).toBe('one')
    transport.resume()
    while (Buffer.concat(heard.chunks).length < 11) await once(near, 'data')
    expect(Buffer.concat(heard.chunks).toString()).toBe('onetwothree')
  })
})

describe('the end', () => {
  it.each([
    ['the peer ends', () => far.end()],
    ['the peer resets', () => far.resetAndDestroy()],
    ['it is destroyed', () => transport.destroy()],
    [
      'it is destroyed twice',
      () => {
        transport.destroy()
        transport.destroy()
      },
    ],
    ['the socket fails', () => near.destroy(new Error('of the socket'))],
  ])('is told once: %s', async (_, end) => {
    end()
    await heard.gone
    transport.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard.closings).toBe(1)
    expect(near.destroyed).toBe(true)
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
    new SocketTransport({ remoteAddress, remotePort: 7, setNoDelay: () => {} } as unknown as Socket)

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
    expect(transport.peer).toBe(`127.0.0.1:${far.localPort}`)
  })

  it('is sent small frames at once', () => {
    const setNoDelay = jest.fn()
    new SocketTransport({ setNoDelay } as unknown as Socket)
    expect(setNoDelay).toHaveBeenCalledWith(true)
  })
})
