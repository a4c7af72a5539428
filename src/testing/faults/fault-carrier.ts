// Carries a connection over a socket, and has things go wrong on the way: frames that are late or lost, a connection that is
// cut or falls silent. Knows the socket and the rules; not why a test wants it.

import { FRAME_METHOD } from '../../protocol/frame.ts'
import type { MethodName } from '../../protocol/methods.ts'
import type { Carry } from '../../server/listener.ts'
import { SocketTransport } from '../../server/socket-transport.ts'
import { Connection } from '../../session/connection.ts'
import type { Secured, TransportListener } from '../../session/transport.ts'
import { FrameCutter, type Piece } from './frame-cutter.ts'
import type { Direction, DropMode, Verdict, Wire, WireRules } from './wire-rules.ts'

type Socket = Parameters<Carry>[0]

/** Pieces that wait for their time, and those behind them on the same channel. */
interface Late {
  readonly pieces: Piece[]
  timer: NodeJS.Timeout | null
}

/**
 * How the answer to connection.open begins, whichever it is: type and channel of a method frame on channel 0. With it goes the
 * acknowledgement that the kernel of a client may wait for before it sends connection.open (docs/decisions/0093).
 */
const ANSWER = Buffer.of(FRAME_METHOD, 0, 0)

/** One direction of a connection. */
class Lane {
  readonly #cutter: FrameCutter
  readonly #judge: (piece: Piece) => Verdict
  readonly #pass: (bytes: Buffer) => void
  readonly #late = new Map<number, Late>()
  /** The method of the last frame that came whole. */
  last: MethodName | null = null
  /** What was said of the method that a channel's content belongs to. */
  readonly #verdicts = new Map<number, Verdict>()

  constructor(client: boolean, judge: (piece: Piece) => Verdict, pass: (bytes: Buffer) => void) {
    this.#cutter = new FrameCutter(client)
    this.#judge = judge
    this.#pass = pass
  }

  /** How many pieces wait for their time. */
  get waiting(): number {
    let pieces = 0
    for (const late of this.#late.values()) pieces += late.pieces.length
    return pieces
  }

  take(chunk: Uint8Array): void {
    for (const piece of this.#cutter.cut(chunk)) this.#go(piece)
  }

  /** Lets these octets go ahead, with which the next method frame begins. */
  begin(octets: Buffer): void {
    this.#cutter.begin(octets.length)
    this.#pass(octets)
  }

  end(): void {
    for (const { timer } of this.#late.values()) clearTimeout(timer ?? undefined)
    this.#late.clear()
  }

  #go(piece: Piece): void {
    const { channel } = piece
    this.last = piece.method
    if (piece.first) this.#verdicts.set(channel, this.#judge(piece))
    const verdict = piece.method === null ? 'passes' : (this.#verdicts.get(channel) ?? 'passes')
    if (verdict === 'lost') return
    const late = this.#late.get(channel)
    if (late) late.pieces.push(piece)
    else if (verdict !== 'passes' && piece.first) this.#hold(piece, verdict.delayMs)
    else this.#pass(piece.bytes)
  }

  /** What follows on the channel waits behind it: a channel is a sequence. */
  #hold(piece: Piece, delayMs: number): void {
    const late: Late = { pieces: [piece], timer: null }
    this.#late.set(piece.channel, late)
    late.timer = setTimeout(() => {
      this.#late.delete(piece.channel)
      for (const { bytes } of late.pieces) this.#pass(bytes)
    }, delayMs).unref()
  }
}

/** Carries one connection. */
export class FaultCarrier extends SocketTransport implements Wire {
  readonly #socket: Socket
  readonly #rules: WireRules
  readonly #noDelay: boolean
  #listener: TransportListener | null = null
  /** Nothing goes through any more. */
  #silent = false
  readonly #in: Lane
  readonly #out: Lane
  /** What one write lets through at once; null outside of a write. */
  #through: Buffer[] | null = null

  /** @param noDelay whether clients connect without waiting for an acknowledgement by the kernel */
  constructor(socket: Socket, secured: Secured | null, rules: WireRules, noDelay: boolean) {
    super(socket, secured)
    this.#socket = socket
    this.#rules = rules
    this.#noDelay = noDelay
    this.#in = new Lane(
      true,
      (piece) => this.#judge('in', piece),
      (bytes) => this.#listener?.data(bytes),
    )
    this.#out = new Lane(
      false,
      (piece) => this.#judge('out', piece),
      (bytes) => this.#send(bytes),
    )
    socket.once('close', () => {
      this.#in.end()
      this.#out.end()
    })
  }

  /** The connection that it carries, once somebody is let in. */
  get carried(): Connection | null {
    const listener = this.#listener
    return listener instanceof Connection && listener.channels !== null ? listener : null
  }

  /** How many frames wait for their time. */
  get late(): number {
    return this.#in.waiting + this.#out.waiting
  }

  get vhost(): string | null {
    return this.carried?.owner.vhost ?? null
  }

  get user(): string | null {
    return this.carried?.owner.user ?? null
  }

  get connection(): number | null {
    return this.carried?.owner.id ?? null
  }

  /** Cuts the connection. */
  drop(mode: DropMode): void {
    this.#silent = true
    if (mode === 'rst') this.reset()
    else if (mode === 'fin') this.#socket.destroySoon()
  }

  override listen(listener: TransportListener): void {
    this.#listener = listener
    const data = (chunk: Buffer): void => {
      if (this.#silent) return
      this.#in.take(chunk)
      // Where rules may be about the answer, it goes as one.
      if (this.#in.last === 'connection.tune-ok' && this.#noDelay && this.#rules.isEmpty) this.#out.begin(ANSWER)
    }
    super.listen({ data, closed: () => listener.closed() })
  }

  override write(parts: readonly Uint8Array[], written: () => void): void {
    const through: Buffer[] = []
    this.#through = through
    if (!this.#silent) for (const part of parts) this.#out.take(part)
    this.#through = null
    if (through.length > 0) super.write(through, written)
    // The octets were copied: what is late or lost does not concern whoever they belong to.
    else setImmediate(written)
  }

  override end(): void {
    if (!this.#silent) super.end()
  }

  #send(bytes: Buffer): void {
    if (this.#through !== null) this.#through.push(bytes)
    else if (!this.#silent) super.write([bytes], NOTHING)
  }

  #judge(direction: Direction, { method }: Piece): Verdict {
    if (method === null) return 'passes'
    const { verdict, drop } = this.#rules.judge(this, direction, method)
    // Once what is at hand has gone through.
    if (drop !== null) setImmediate(() => this.drop(drop))
    return verdict
  }
}

const NOTHING = (): void => {}
