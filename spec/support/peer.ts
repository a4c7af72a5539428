// A peer for specs: a small AMQP client that speaks and reads with the product's codec, over bytes in memory (or any other
// way to send them). It does what a spec tells it and keeps what arrives; it knows no rule of the protocol, except that
// what a server sends has to be well-formed.

import { isUtf8 } from 'node:buffer'
import { FRAME_BODY, FRAME_HEADER, FRAME_HEARTBEAT, FRAME_METHOD, PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import { BODY_END, BODY_PIECE, FrameDecoder } from '../../src/protocol/frame-decoder.ts'
import { decodeMethod, encodeMethod } from '../../src/protocol/method-codec.ts'
import { type Method, type MethodName, type MethodOf, methods, type Rule } from '../../src/protocol/methods.ts'
import { decodeProperties, encodeHeader, type Properties } from '../../src/protocol/properties.ts'
import type { Secured, Transport, TransportListener } from '../../src/session/transport.ts'
import { frameBytes } from './frames.ts'

/** A method that arrived, with its content if it has one, or a heartbeat. `frames` are the sizes of its body frames. */
export type Arrival = {
  readonly channel: number
  readonly properties?: Properties
  readonly body?: string
  readonly frames?: readonly number[]
} & (Method | { readonly name: 'heartbeat' })

/** How a peer introduces itself. */
export interface PeerOptions {
  readonly loopback?: boolean
  readonly secured?: Secured
  readonly user?: string
  readonly password?: string
  readonly vhost?: string
  readonly heartbeat?: number
  readonly frameMax?: number
  readonly channelMax?: number
  /** Names of capabilities that it has. */
  readonly capabilities?: readonly string[]
}

/** What basic.publish and its content are to say. */
export interface Publication {
  readonly exchange?: string
  readonly routingKey?: string
  readonly mandatory?: boolean
  readonly immediate?: boolean
  readonly properties?: Properties
  readonly body?: string | Buffer
}

/** The two ends of a byte stream in memory: the connection writes here, the spec puts bytes in. */
export class MemoryTransport implements Transport {
  readonly peer = 'memory:1'
  readonly address = 'memory'
  readonly remote = { host: '127.0.0.1', port: 50_001 }
  readonly local = { host: '127.0.0.1', port: 5672 }
  readonly loopback: boolean
  readonly secured: Secured | null
  listener: TransportListener | null = null
  /** Takes what the connection writes. */
  receive: (bytes: Buffer) => void = () => {}
  paused = false
  /** How the connection ended it. */
  ended: 'ended' | 'destroyed' | null = null
  /** While true, writes wait: the peer does not read. */
  stalled = false
  #gone = false
  #unread: Buffer[] = []
  #unsent: { readonly parts: readonly Uint8Array[]; readonly bytes: Buffer; readonly written: () => void }[] = []

  constructor(loopback: boolean, secured: Secured | null = null) {
    this.loopback = loopback
    this.secured = secured
  }

  write(parts: readonly Uint8Array[], written: () => void): void {
    if (this.ended === 'ended') throw new Error('the connection writes after it ended its side')
    this.#unsent.push({ parts, bytes: Buffer.concat(parts), written })
    queueMicrotask(() => this.#send())
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    queueMicrotask(() => this.#deliver())
  }

  end(): void {
    this.ended ??= 'ended'
  }

  destroy(): void {
    this.ended = 'destroyed'
    this.vanish()
  }

  /** The peer sends bytes. */
  put(bytes: Buffer): void {
    this.#unread.push(bytes)
    this.#deliver()
  }

  /** The peer reads, or does not. */
  stall(stalled: boolean): void {
    this.stalled = stalled
    this.#send()
  }

  /** The stream is no more, for whatever reason; writes that wait are told, as a socket tells them. */
  vanish(): void {
    if (this.#gone) return
    this.#gone = true
    queueMicrotask(() => {
      this.#send()
      this.listener?.closed()
    })
  }

  #deliver(): void {
    while (!this.paused && !this.#gone) {
      const bytes = this.#unread.shift()
      if (!bytes) return
      // A socket reads into the same octets again.
      const octets = Buffer.from(bytes)
      this.listener?.data(octets)
      octets.fill(0xee)
    }
  }

  #send(): void {
    while (this.#gone || !this.stalled) {
      const write = this.#unsent.shift()
      if (!write) return
      if (!Buffer.concat(write.parts).equals(write.bytes)) throw new Error('bytes changed before they were written')
      if (!this.#gone) this.receive(write.bytes)
      write.written()
    }
  }
}

const zeros: { readonly [domain: string]: unknown } = {
  shortstr: '',
  longstr: Buffer.alloc(0),
  table: new Map(),
  bit: false,
}

const defaults = new Map<string, { readonly [field: string]: unknown }>(
  Object.entries<Rule>(methods).map(([name, { fields }]) => [
    name,
    Object.fromEntries(Object.entries(fields).map(([field, domain]) => [field, zeros[domain] ?? 0])),
  ]),
)

/** The method `name` with these fields; the others are zero, empty, false. */
export function method<Name extends MethodName>(name: Name, fields: Partial<MethodOf<Name>> = {}): Method {
  return { name, ...defaults.get(name), ...fields } as Method
}

/** A method frame. */
export function methodBytes(channel: number, method: Method): Buffer {
  return frameBytes({ type: FRAME_METHOD, channel, payload: encodeMethod(method) })
}

/** The frames of a publish; its body in frames of at most `frameMax` octets. */
export function publishBytes(channel: number, publication: Publication, frameMax = 131_072): Buffer {
  const { exchange = '', routingKey = '', mandatory = false, immediate = false, properties = {} } = publication
  const body = Buffer.from(publication.body ?? '')
  const frames = [
    methodBytes(channel, method('basic.publish', { exchange, routingKey, mandatory, immediate })),
    frameBytes({ type: FRAME_HEADER, channel, payload: encodeHeader(properties, body.length) }),
  ]
  for (let at = 0; at < body.length; at += frameMax - 8) {
    frames.push(frameBytes({ type: FRAME_BODY, channel, payload: body.subarray(at, at + frameMax - 8) }))
  }
  return Buffer.concat(frames)
}

/** Reads what a server sends. */
export class Reader {
  /** Everything since the last `take`. */
  arrivals: Arrival[] = []
  /** Octets that are no frames: an answer to a wrong protocol header. */
  header: Buffer | null = null
  #failure: unknown = null
  readonly #decoder: FrameDecoder
  readonly #open = new Map<number, { method: Method; properties?: Properties; left: number; bodies: Buffer[] }>()

  /** @param frameMax the largest frame that may come */
  constructor(frameMax: number) {
    this.#decoder = new FrameDecoder({ frame: (...frame) => this.#frame(...frame) }, frameMax - 8)
  }

  push(bytes: Buffer): void {
    try {
      if (bytes.subarray(0, 4).toString('latin1') === 'AMQP') this.header = bytes
      else this.#decoder.push(bytes)
    } catch (error) {
      this.#failure ??= error
    }
  }

  /** Throws where something came that is not well-formed. */
  take(): Arrival[] {
    if (this.#failure) throw this.#failure
    const { arrivals } = this
    this.arrivals = []
    return arrivals
  }

  #frame(type: number, channel: number, bytes: Buffer, start: number, end: number): void {
    const payload = bytes.subarray(start, end)
    const open = this.#open.get(channel)
    if (type === FRAME_METHOD && !open) this.#method(channel, decoded(payload))
    else if (type === FRAME_HEADER && open && !open.properties) {
      open.properties = decodeProperties(payload, 0, payload.length)
      open.left = Number(payload.readBigUInt64BE(4))
      this.#finish(channel)
    } else if ((type === FRAME_BODY || type === BODY_PIECE) && open?.properties) {
      open.bodies.push(Buffer.from(payload))
      open.left -= payload.length
      if (type === FRAME_BODY) this.#finish(channel)
    } else if (type === BODY_END) this.#finish(channel)
    else if (type === FRAME_HEARTBEAT && channel === 0) this.arrivals.push({ channel, name: 'heartbeat' })
    else throw new Error(`a frame of type ${type} came on channel ${channel} where none may`)
  }

  #method(channel: number, method: Method): void {
    if ((methods[method.name] as Rule).content) this.#open.set(channel, { method, left: 0, bodies: [] })
    else this.arrivals.push({ channel, ...method })
  }

  #finish(channel: number): void {
    const open = this.#open.get(channel)
    if (!open?.properties || open.left > 0) return
    if (open.left < 0) throw new Error('more body came than was announced')
    this.#open.delete(channel)
    const { method, properties, bodies } = open
    const frames = bodies.map(({ length }) => length)
    this.arrivals.push({ channel, ...method, properties, body: Buffer.concat(bodies).toString('latin1'), frames })
  }
}

/** Reply texts repeat the name of an exchange as it came (behaviour.md, "inserted raw"): it need not be UTF-8. */
const quoting = new Set([(methods['channel.close'].class << 16) | 40, (methods['connection.close'].class << 16) | 50])

function decoded(payload: Buffer): Method {
  if (!quoting.has(payload.readUInt32BE(0))) return decodeMethod(payload, 0, payload.length)
  const text = payload.subarray(7, 7 + payload.readUInt8(6))
  const ascii = Buffer.from(payload)
  if (!isUtf8(text))
    ascii.fill(
      text.map((octet) => octet & 0x7f),
      7,
      7 + text.length,
    )
  return decodeMethod(ascii, 0, ascii.length)
}

/** One client. */
export class Peer {
  readonly transport: MemoryTransport
  readonly reader: Reader
  readonly #options: PeerOptions
  readonly #settle: () => Promise<void>

  constructor(transport: MemoryTransport, settle: () => Promise<void>, options: PeerOptions) {
    this.transport = transport
    this.#settle = settle
    this.#options = options
    this.reader = new Reader(options.frameMax ?? 131_072)
    transport.receive = (bytes) => this.reader.push(bytes)
  }

  /** How the server ended the connection, if it did. */
  get ended(): 'ended' | 'destroyed' | null {
    return this.transport.ended
  }

  /** Everything that arrived since the last look. */
  take(): Arrival[] {
    return this.reader.take()
  }

  /** Sends octets as they are. */
  write(bytes: Buffer): void {
    this.transport.put(bytes)
  }

  send<Name extends MethodName>(channel: number, name: Name, fields: Partial<MethodOf<Name>> = {}): void {
    this.write(methodBytes(channel, method(name, fields)))
  }

  publish(channel: number, publication: Publication): void {
    this.write(publishBytes(channel, publication, this.#options.frameMax))
  }

  /** Sends a method and returns what arrived until nothing moved any more. */
  async ask<Name extends MethodName>(
    channel: number,
    name: Name,
    fields: Partial<MethodOf<Name>> = {},
  ): Promise<Arrival[]> {
    this.send(channel, name, fields)
    return this.heard()
  }

  /** What has arrived once nothing moves any more. */
  async heard(): Promise<Arrival[]> {
    await this.#settle()
    return this.take()
  }

  /** Connection gone without a word. */
  async drop(): Promise<void> {
    this.transport.vanish()
    await this.#settle()
  }

  /** The protocol header and everything up to connection.open-ok. Throws where it is not let in. */
  async shakeHands(): Promise<void> {
    this.write(PROTOCOL_HEADER)
    this.startOk()
    this.tuneOk()
    this.send(0, 'connection.open', { virtualHost: this.#options.vhost ?? '/' })
    const heard = await this.heard()
    if (heard.at(-1)?.name !== 'connection.open-ok') throw new Error(`not let in: ${JSON.stringify(heard.at(-1))}`)
  }

  startOk(fields: Partial<MethodOf<'connection.start-ok'>> = {}): void {
    const { user = 'guest', password = 'guest', capabilities = [] } = this.#options
    const table = new Map(capabilities.map((name) => [name, { tag: 't' as const, value: true }]))
    this.send(0, 'connection.start-ok', {
      clientProperties: new Map([['capabilities', { tag: 'F', value: table }]]),
      mechanism: 'PLAIN',
      response: Buffer.from(`\0${user}\0${password}`),
      locale: 'en_US',
      ...fields,
    })
  }

  tuneOk(fields: Partial<MethodOf<'connection.tune-ok'>> = {}): void {
    const { channelMax = 2047, frameMax = 131_072, heartbeat = 0 } = this.#options
    this.send(0, 'connection.tune-ok', { channelMax, frameMax, heartbeat, ...fields })
  }
}
