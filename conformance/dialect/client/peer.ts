// One TCP connection to a broker, byte by byte: writes whatever it is told, records everything that arrives with its
// time, including the end of the connection. Knows frames and content; knows no rule of the protocol.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Frame, FrameReader, readHeader, readMethod, type Values } from './frame.ts'
import { turnBefore } from './standstill.ts'

/** Something the broker did. `atMs` is on the clock of performance.now(). */
export type Arrival = { readonly atMs: number } & (
  | { readonly kind: 'protocol-header'; readonly bytes: Buffer }
  | { readonly kind: 'method'; readonly channel: number; readonly name: string; readonly values: Values }
  | ({ readonly kind: 'content'; readonly channel: number; readonly name: string; readonly values: Values } & Content)
  | { readonly kind: 'heartbeat'; readonly channel: number }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'closed' }
)

/** Content as it arrived: properties, body and the size of each body frame's payload. */
export type Content = { readonly properties: Values; readonly body: Buffer; readonly frameBytes: readonly number[] }

type Assembling = {
  readonly name: string
  readonly values: Values
  properties?: Values
  wantedBytes: number
  readonly bodies: Buffer[]
}

/** The longest wait without a look at what has come, milliseconds. */
const sliceMs = 1000
const carriesContent = new Set(['basic.deliver', 'basic.get-ok', 'basic.return'])

export class Peer {
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  readonly #arrivals: { readonly arrival: Arrival; readonly earliestMs: number }[] = []
  readonly #assembling = new Map<number, Assembling>()
  #greeting: Buffer | undefined = Buffer.alloc(0)
  #wake: (() => void) | undefined
  #closed = false

  /** When TCP was connected and when we last wrote, on the clock of performance.now(). */
  readonly connectedMs = performance.now()
  writtenMs = this.connectedMs
  /** The earliest time at which what was taken last may have come: a busy machine reads it later. */
  earliestMs = this.connectedMs

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    // A reset is an end like any other; 'close' follows.
    socket.on('error', () => {})
    socket.on('end', () => this.#close())
    socket.on('close', () => this.#close())
  }

  /** Connects over TCP; sends nothing. */
  static async connect(host: string, port: number): Promise<Peer> {
    const socket = connect({ host, port, allowHalfOpen: true })
    await once(socket, 'connect')
    return new Peer(socket)
  }

  /** True once the broker has ended the connection. */
  get closed(): boolean {
    return this.#closed
  }

  /** Writes bytes; what is written after the end is lost, as on any socket. */
  write(bytes: Buffer): void {
    this.writtenMs = performance.now()
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.write(bytes)
  }

  /** Resolves when what was written has left this process, or the connection is gone. */
  async drained(): Promise<void> {
    while (this.#socket.writableLength > 0 && !this.#socket.destroyed)
      await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')])
  }

  /** Stops reading from the socket, so that the broker's output backs up; `resume` goes on. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Drops the connection without a word. */
  drop(): void {
    this.#socket.destroy()
  }

  /** Ends the connection with a reset instead of an orderly end. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /**
   * The oldest arrival not yet taken, waiting up to `limitMs` for one; undefined when nothing comes. Waits in slices: of
   * the time in which the machine stood still, and the broker could not answer, one slice counts.
   */
  async next(limitMs: number): Promise<Arrival | undefined> {
    for (let leftMs = limitMs; leftMs > 0 && this.#arrivals.length === 0; leftMs -= sliceMs)
      await this.#arrival(Math.min(leftMs, sliceMs))
    const next = this.#arrivals.shift()
    this.earliestMs = next?.earliestMs ?? this.earliestMs
    return next?.arrival
  }

  async #arrival(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#arrive({ kind: 'closed', atMs: performance.now() })
    this.#socket.destroy()
  }

  #arrive(arrival: Arrival): void {
    this.#arrivals.push({ arrival, earliestMs: turnBefore() })
    this.#wake?.()
  }

  #read(chunk: Buffer): void {
    const atMs = performance.now()
    const bytes = this.#greeting === undefined ? chunk : this.#readGreeting(chunk, atMs)
    for (const frame of this.#frames.read(bytes)) this.#readFrame(frame, atMs)
  }

  // A broker that refuses our protocol header answers with its own, which is no frame.
  #readGreeting(chunk: Buffer, atMs: number): Buffer {
    const bytes = Buffer.concat([this.#greeting ?? Buffer.alloc(0), chunk])
    if (bytes[0] !== 0x41) {
      this.#greeting = undefined
      return bytes
    }
    this.#greeting = bytes
    if (bytes.length < 8) return Buffer.alloc(0)
    this.#greeting = undefined
    this.#arrive({ kind: 'protocol-header', bytes: bytes.subarray(0, 8), atMs })
    return bytes.subarray(8)
  }

  #readFrame(frame: Frame, atMs: number): void {
    const { type, channel, payload } = frame
    if (type === 8) return this.#arrive({ kind: 'heartbeat', channel, atMs })
    if (type === 1) {
      const method = readMethod(payload)
      if (method === undefined) return this.#arrive({ kind: 'frame', frame, atMs })
      if (!carriesContent.has(method.name)) return this.#arrive({ kind: 'method', channel, ...method, atMs })
      this.#assembling.set(channel, { ...method, wantedBytes: -1, bodies: [] })
      return
    }
    const content = this.#assembling.get(channel)
    if (content === undefined) return this.#arrive({ kind: 'frame', frame, atMs })
    if (type === 2) {
      const { bodyBytes, properties } = readHeader(payload)
      content.properties = properties
      content.wantedBytes = bodyBytes
    } else {
      content.bodies.push(payload)
      content.wantedBytes -= payload.length
    }
    if (content.wantedBytes === 0) this.#complete(channel, content, atMs)
  }

  #complete(channel: number, content: Assembling, atMs: number): void {
    this.#assembling.delete(channel)
    const { name, values, properties = {}, bodies } = content
    const frameBytes = bodies.map((each) => each.length)
    this.#arrive({ kind: 'content', channel, name, values, properties, body: Buffer.concat(bodies), frameBytes, atMs })
  }
}
