// A connection: bytes in, frames to channels, how it is slowed down and how it ends; and the one place where errors are
// answered. Channel 0, heartbeats and output have files of their own.

import type { Timer } from '../broker/clock.ts'
import type { ConnectionPeer } from '../broker/peers.ts'
import type { Owner } from '../broker/queue/queue.ts'
import { FRAME_HEADER, FRAME_HEARTBEAT, HEARTBEAT_FRAME, PROTOCOL_HEADER } from '../protocol/frame.ts'
import { FrameDecoder, type FrameSink } from '../protocol/frame-decoder.ts'
import type { Method, MethodName } from '../protocol/methods.ts'
import {
  ChannelError,
  ConnectionError,
  type FailedMethod,
  frameText,
  NO_METHOD,
  ProtocolError,
} from '../protocol/reply.ts'
import type { Channel } from './channel.ts'
import { ChannelZero } from './channel-zero.ts'
import { Channels, idsAt, idsOf } from './channels.ts'
import type { SessionContext, SessionLimits } from './context.ts'
import { Flow } from './flow.ts'
import { decodeZero, isBody, isChannelFrame, isMethodFrame } from './frame-kinds.ts'
import { AMQP_1_0, isProtocolHeader } from './greeting.ts'
import { type Admission, type Agreement, SilentClose } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { Outbox } from './outbox.ts'
import { PeerView } from './peer-view.ts'
import type { Settling } from './settling.ts'
import { patiently } from './standstill.ts'
import type { Transport, TransportListener } from './transport.ts'

/** The largest frame before connection.tune-ok, octets (behaviour.md §2.3). */
export const UNTUNED_FRAME_BYTES = 8192
/** How long a peer may look at why it was refused, milliseconds (behaviour.md §18.3). */
const REFUSED_MS = 3000
/** The longest wait for connection.close-ok, milliseconds (behaviour.md §1.3). */
const CLOSE_WAIT_MS = 30_000
const NOTHING = Buffer.alloc(0)

/**
 * `header`: the protocol header is not there yet. `handshake`: up to connection.tune-ok. `opening`: up to
 * connection.open. `running`: as it says. `leaving`: the peer has closed the
 * connection, what came before is carried out. `closing`: connection.close was sent and waits for its answer. `over`:
 * nothing is of interest any more.
 */
type State = 'header' | 'handshake' | 'opening' | 'running' | 'leaving' | 'closing' | 'over'

/** One peer. */
export class Connection implements TransportListener, FrameSink {
  readonly context: SessionContext
  readonly outbox: Outbox
  readonly flow: Flow
  readonly #transport: Transport
  readonly #onGone: (connection: Connection) => void
  readonly #decoder = new FrameDecoder(this, UNTUNED_FRAME_BYTES)
  readonly #zero: ChannelZero
  readonly #channels = new Channels(this)
  #state: State = 'header'
  #header: Buffer = NOTHING
  #admission: Admission | null = null
  #owner: Owner | null = null
  #peer: ConnectionPeer | null = null
  #heartbeatSeconds = 0
  #heartbeat: Heartbeat | null = null
  /** Closes the socket when a wait is over. */
  #deadline: Timer | null = null
  readonly #connectedAt: number
  /** How many octets have come, and in how many reads. */
  readonly #received = { bytesIn: 0, reads: 0 }

  /** @param onGone called once, when nothing of the connection is left */
  constructor(context: SessionContext, transport: Transport, onGone: (connection: Connection) => void) {
    this.context = context
    this.#transport = transport
    this.#onGone = onGone
    this.#connectedAt = context.clock.now()
    this.outbox = new Outbox(transport, context.slabs, {
      outputWaits: () => this.flow.joinTurn(),
      relieved: () => {
        this.flow.relieved()
        this.#channels.wakeConsumers()
      },
    })
    const tell = (method: Method): void => {
      const speaks = this.#state === 'running' && this.admission.capabilities.connectionBlocked
      if (speaks) this.outbox.method(0, method)
    }
    this.flow = new Flow(context, transport, this.outbox, {
      blocked: (reason) => tell({ name: 'connection.blocked', reason }),
      unblocked: () => tell({ name: 'connection.unblocked' }),
      failed: (error) => this.failed(error, null, NO_METHOD),
    })
    this.#zero = new ChannelZero(context, transport, {
      send: (method) => this.outbox.method(0, method),
      tuned: (agreement) => this.#tuned(agreement),
      admitted: (admission) => this.#admitted(admission),
      closeAsAsked: () => void this.#closeAsAsked(),
      secretUpdated: () => this.#channels.cancelUnreadable(),
      later: (task, name) => this.#later(task, name),
      finish: () => this.#finish(),
    })
    this.#expire(context.limits.handshakeTimeoutMs)
  }

  // --- what channels ask ------------------------------------------------------------------------------------------

  get limits(): SessionLimits {
    return this.context.limits
  }

  /** What was agreed on; channels exist only after that. */
  get admission(): Admission {
    if (!this.#admission) throw new Error('the connection is not open')
    return this.#admission
  }

  get channels(): Channels | null {
    return this.#owner && this.#channels
  }

  /** This connection as the owner of exclusive queues. */
  get owner(): Owner {
    if (!this.#owner) throw new Error('the connection is not open')
    return this.#owner
  }

  /** This connection as operators see it. */
  get peer(): ConnectionPeer {
    if (!this.#peer) throw new Error('the connection is not open')
    return this.#peer
  }

  /** `channel` is over and its number free. */
  forget(channel: Channel): void {
    this.#channels.forget(channel)
  }

  /** Consumers of `settling` may have room again: they are asked soon, in this turn. */
  wakeSoon(settling: Settling): void {
    this.#channels.wakeSoon(settling)
  }

  /** Frames that were held back are all given back. */
  heldFramesEnd(): void {
    this.#channels.chunkEnds()
  }

  /** Takes a frame again that channel `number` held back: it may be closed by now, and open again. */
  give(number: number, type: number, bytes: Buffer, start: number, end: number): void {
    if (this.#state === 'running' || this.#state === 'leaving') this.#channels.frame(type, number, bytes, start, end)
  }

  // --- bytes in (TransportListener) -------------------------------------------------------------------------------

  data(chunk: Buffer): void {
    this.#received.reads++
    this.#received.bytesIn += chunk.length
    this.context.broker.passTime()
    try {
      if (this.#state === 'header') this.#readHeader(chunk)
      else if (this.#state !== 'over') this.#decoder.push(chunk)
      this.#channels.chunkEnds()
      this.flow.chunkEnds()
    } catch (error) {
      this.failed(error, null, NO_METHOD)
    }
  }

  closed(): void {
    this.#state = 'over'
    this.#decoder.stop()
    this.#deadline?.cancel()
    this.#heartbeat?.stop()
    this.flow.end()
    this.#endChannels()
    this.#transport.destroy()
    this.#onGone(this)
  }

  #readHeader(chunk: Buffer): void {
    const header = Buffer.concat([this.#header, chunk])
    this.#header = header
    if (header.length < PROTOCOL_HEADER.length) return
    this.#header = NOTHING
    if (!isProtocolHeader(header)) {
      // behaviour.md §2.1: the answer is what is spoken here, then nothing.
      this.outbox.bytes(this.context.broker.dialect.prefersAmqp10 ? AMQP_1_0 : PROTOCOL_HEADER)
      this.#finish()
      return
    }
    this.#state = 'handshake'
    this.outbox.bytes(this.#greeting)
    if (header.length > PROTOCOL_HEADER.length) this.#decoder.push(header.subarray(PROTOCOL_HEADER.length))
  }

  get #greeting(): Buffer {
    const { plain, certified } = this.context.greeting
    return this.#transport.secured?.certificate ? certified : plain
  }

  // --- frames in (FrameSink) --------------------------------------------------------------------------------------

  frame(type: number, channel: number, bytes: Buffer, start: number, end: number): void {
    if (channel === 0 || !isChannelFrame(type, end - start)) this.#connectionFrame(type, channel, bytes, start, end)
    else if (this.#state === 'running') this.#channels.frame(type, channel, bytes, start, end)
    else if (this.#state === 'handshake') {
      this.failed(new SilentClose('a channel frame came before connection.tune-ok'), null, NO_METHOD)
    } else if (this.#state === 'opening') {
      this.failed(new ConnectionError(505, frameText(type & 0xff, bytes, start, end)), null, NO_METHOD)
    }
  }

  /** A frame on channel 0, or one that no channel takes. */
  #connectionFrame(type: number, channel: number, bytes: Buffer, start: number, end: number): void {
    const isMethod = isMethodFrame(type, end - start)
    try {
      if (isMethod) this.#zeroMethod(decodeZero(bytes, start, end))
      else if (type === FRAME_HEADER || isBody(type) || (type === FRAME_HEARTBEAT && channel !== 0)) {
        throw new ConnectionError(505, frameText(type & 0xff, bytes, start, end))
      } else if (type !== FRAME_HEARTBEAT || end > start) {
        throw new ConnectionError(501, frameText(type, bytes, start, end, 'unknown_frame'))
      }
    } catch (error) {
      this.failed(error, null, isMethod ? idsAt(bytes, start) : NO_METHOD)
    }
  }

  #zeroMethod(method: Method): void {
    if (this.#state === 'closing') this.#zero.methodWhileClosing(method)
    else if (this.#state !== 'over') this.#zero.method(method)
  }

  #later(task: () => void, name?: MethodName): void {
    if (this.#state === 'over' || this.#state === 'closing') return
    try {
      task()
    } catch (error) {
      this.failed(error, null, name ? idsOf(name) : NO_METHOD)
    }
  }

  // --- the handshake's results ------------------------------------------------------------------------------------

  #tuned({ frameMax, heartbeatSeconds }: Agreement): void {
    this.#state = 'opening'
    this.#decoder.limit(frameMax)
    this.#heartbeatSeconds = heartbeatSeconds
    this.#heartbeat = new Heartbeat(this.context.clock, heartbeatSeconds, {
      sent: () => this.outbox.flushes,
      received: () => this.#received.reads,
      paused: () => this.flow.paused,
      sendHeartbeat: () => this.outbox.bytes(HEARTBEAT_FRAME),
      silent: () => this.#drop('the peer missed its heartbeats'),
    })
  }

  #admitted(admission: Admission): void {
    const { user, vhost, access } = admission
    const end = (reason: string): void => this.failed(new ConnectionError(320, reason), null, NO_METHOD)
    this.#peer = new PeerView({
      admission,
      transport: this.#transport,
      channels: this.#channels,
      flow: this.flow,
      outbox: this.outbox,
      received: this.#received,
      connectedAt: this.#connectedAt,
      end,
    })
    const guest = { user: user.name, vhost: vhost.name, access, end, peer: this.#peer }
    this.#owner = this.context.broker.registerOwner(guest)
    this.context.watch?.entered(this.#owner)
    this.#admission = admission
    this.#state = 'running'
    this.#deadline?.cancel()
  }

  // --- errors and the end -----------------------------------------------------------------------------------------

  /**
   * Answers an error. `channel` is where it happened (null: the connection), `ids` the method that was being carried out,
   * which the error's own go before.
   */
  failed(error: unknown, channel: Channel | null, ids: FailedMethod): void {
    if (this.#state === 'over' || this.#state === 'closing') return
    const known = error instanceof ProtocolError || error instanceof SilentClose ? error : this.#defect(error)
    if (known instanceof ProtocolError && this.#owner) this.context.watch?.failed(this, channel, known, ids)
    if (known instanceof SilentClose) {
      this.#refuse(known.message)
    } else if (known instanceof ChannelError && channel) {
      this.#closeChannel(channel, known, ids)
    } else if (this.#state !== 'handshake' || known.code === 403 || known.code === 530) {
      this.#close(known, ids)
    } else {
      // behaviour.md §2.4: before connection.open, only login and vhost are answered.
      this.#refuse(known.replyText)
    }
  }

  /** Not the peer's doing: logged whole, answered without details (behaviour.md §1.1). */
  #defect(error: unknown): ConnectionError {
    this.context.logger.error({ err: error, peer: this.#transport.peer }, 'a connection failed; this is a defect')
    return new ConnectionError(541, '', NO_METHOD)
  }

  #closeChannel(channel: Channel, error: ChannelError, ids: FailedMethod): void {
    if (channel.state !== 'open') return
    const { peer } = this.#transport
    this.context.logger.info({ peer, channel: channel.number, error: error.replyText }, 'channel closed with an error')
    channel.startClosing()
    channel.send({ name: 'channel.close', ...closeArguments(error, ids) })
  }

  /** Sends connection.close and waits for the answer. What was exclusive is deleted before (behaviour.md §1.3). */
  #close(error: ProtocolError, ids: FailedMethod): void {
    this.context.logger.warn({ peer: this.#transport.peer, error: error.replyText }, 'connection closed with an error')
    const quick = this.#state === 'handshake' || (error instanceof ConnectionError && error.lostSync)
    this.#state = 'closing'
    this.#endChannels()
    this.outbox.method(0, { name: 'connection.close', ...closeArguments(error, ids) })
    this.#expire(quick ? REFUSED_MS : this.#closeWaitMs)
  }

  /** connection.close of the peer: what came before it is carried out first, what comes after it is not read (§2.7). */
  async #closeAsAsked(): Promise<void> {
    this.#state = 'leaving'
    this.#decoder.stop()
    await this.#channels.idle()
    if (this.#state !== 'leaving') return
    await this.#endChannels()
    if (this.#state !== 'leaving') return
    this.#state = 'over'
    this.outbox.method(0, { name: 'connection.close-ok' })
    this.#expire(this.#closeWaitMs)
  }

  /** Ends the connection from this side (behaviour.md §2.8): 320 with `reason`; one that is not open is just dropped. */
  shut(reason: string): void {
    if (this.#state === 'running') {
      this.#close(new ConnectionError(320, reason), NO_METHOD)
      this.#finish()
    } else {
      this.#transport.destroy()
    }
  }

  /** Nothing more is read or said; the socket is closed a little later (behaviour.md §18.3). */
  #refuse(why: string): void {
    this.context.logger.warn({ peer: this.#transport.peer, why }, 'connection refused')
    this.#state = 'over'
    this.#decoder.stop()
    this.#expire(REFUSED_MS)
  }

  /** Everything that was said is sent, then the socket is closed. */
  #finish(): void {
    this.#state = 'over'
    this.#decoder.stop()
    this.outbox.flush()
    this.#transport.end()
    this.#expire(REFUSED_MS)
  }

  #drop(why: string): void {
    this.context.logger.warn({ peer: this.#transport.peer, why }, 'connection dropped')
    this.#transport.destroy()
  }

  /** Gives back what channels hold, at once, and deletes what is exclusive to the connection. Never rejects. */
  async #endChannels(): Promise<void> {
    try {
      this.#channels.endAll()
      if (this.#owner?.gone === false) this.context.watch?.left(this.#owner)
      if (this.#owner) await this.context.broker.releaseOwner(this.#owner)
    } catch (error) {
      this.#defect(error)
    }
  }

  /** The peer has so long to come to the point; a heartbeat would only get in the way of the end. */
  #expire(ms: number): void {
    this.#heartbeat?.stop()
    this.#deadline?.cancel()
    this.#deadline = patiently(this.context.clock, ms, () => this.#transport.destroy())
  }

  get #closeWaitMs(): number {
    return this.#heartbeatSeconds > 0 ? Math.min(this.#heartbeatSeconds * 1000, CLOSE_WAIT_MS) : CLOSE_WAIT_MS
  }
}

function closeArguments(error: ProtocolError, ids: FailedMethod) {
  return {
    replyCode: error.code,
    replyText: error.replyText,
    classId: error.classId ?? ids.classId,
    methodId: error.methodId ?? ids.methodId,
  }
}
