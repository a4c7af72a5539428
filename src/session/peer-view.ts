// A connection as operators see it: what is known of the peer, read where it is kept. Knows its connection's parts; not who
// looks.

import type { Address, ChannelPeer, ConnectionPeer, ConnectionState, TlsPeer } from '../broker/peers.ts'
import type { FieldTable } from '../protocol/field-table.ts'
import type { Channels } from './channels.ts'
import type { Flow } from './flow.ts'
import type { Admission } from './handshake.ts'
import type { Outbox } from './outbox.ts'
import type { Transport } from './transport.ts'

/** What has come in. */
export interface Received {
  readonly bytesIn: number
  readonly reads: number
}

/** What a view looks at. */
export interface PeerParts {
  readonly admission: Admission
  readonly transport: Transport
  readonly channels: Channels
  readonly flow: Flow
  readonly outbox: Outbox
  readonly received: Received
  readonly connectedAt: number
  /** Ends the connection with 320. */
  end(reason: string): void
}

/** The view of one connection. */
export class PeerView implements ConnectionPeer {
  readonly name: string
  readonly #parts: PeerParts
  #ending = false

  constructor(parts: PeerParts) {
    this.#parts = parts
    const { remote, local } = parts.transport
    this.name = `${addressText(remote)} -> ${addressText(local)}`
  }

  get user(): string {
    return this.#parts.admission.user.name
  }

  get vhost(): string {
    return this.#parts.admission.vhost.name
  }

  get remote(): Address {
    return this.#parts.transport.remote
  }

  get local(): Address {
    return this.#parts.transport.local
  }

  get tls(): TlsPeer | null {
    return this.#parts.transport.secured
  }

  get mechanism(): string {
    return this.#parts.admission.mechanism
  }

  get clientProperties(): FieldTable {
    return this.#parts.admission.clientProperties
  }

  get connectedAt(): number {
    return this.#parts.connectedAt
  }

  get channelMax(): number {
    return this.#parts.admission.channelMax
  }

  get frameMax(): number {
    return this.#parts.admission.frameMax
  }

  get timeoutSeconds(): number {
    return this.#parts.admission.heartbeatSeconds
  }

  get state(): ConnectionState {
    return this.#ending ? 'closing' : this.#parts.flow.state
  }

  get bytesIn(): number {
    return this.#parts.received.bytesIn
  }

  get bytesOut(): number {
    return this.#parts.outbox.sentBytes
  }

  get reads(): number {
    return this.#parts.received.reads
  }

  get writes(): number {
    return this.#parts.outbox.flushes
  }

  get pendingBytes(): number {
    return this.#parts.outbox.pendingBytes
  }

  get channelCount(): number {
    return this.#parts.channels.size
  }

  get channels(): Iterable<ChannelPeer> {
    return viewsOf(this.#parts.channels)
  }

  tracingChanged(): void {
    this.#parts.channels.tracingChanged()
  }

  end(reason: string): void {
    this.#ending = true
    this.#parts.end(reason)
  }
}

function* viewsOf(channels: Channels): Generator<ChannelPeer> {
  for (const { channel } of channels) yield channel
}

/** An address as RabbitMQ writes it in names of connections: IPv6 in brackets, IPv4 never as IPv6. */
function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
