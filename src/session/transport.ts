// The border between a connection's state machine and whatever carries its bytes: a socket, a TLS socket, a WebSocket, a
// pair of buffers in a spec. Types only.

import type { Address } from '../broker/peers.ts'

/** What a peer proved itself with, as RabbitMQ shows it. */
export interface PeerCertificate {
  readonly subject: string
  readonly issuer: string
  /** From when until when it holds. */
  readonly validity: string
  /** The user that it stands for; null where the part that would name it is not there. */
  readonly user: string | null
}

/** What TLS has settled. Names are RabbitMQ's: `tlsv1.3`, `any`, `aes_256_gcm`, `aead`. */
export interface Secured {
  readonly protocol: string
  readonly keyExchange: string
  readonly cipher: string
  readonly hash: string
  /** null where the peer has shown no certificate. One that is not trusted does not get this far. */
  readonly certificate: PeerCertificate | null
}

/** A byte stream to one peer. */
export interface Transport {
  /** For logs: `address:port` of the peer. */
  readonly peer: string
  /** Of the peer, without its port. */
  readonly address: string
  /** Whether the peer is on this machine, reached by a loopback address. */
  readonly loopback: boolean
  /** null where nothing is encrypted on the way. */
  readonly secured: Secured | null
  /** The two ends; IPv4 addresses never as IPv6. */
  readonly remote: Address
  readonly local: Address
  /**
   * Sends the parts in order. The bytes belong to the transport until it calls `written`, which it does once, after this
   * call has returned, also when the peer has gone.
   */
  write(parts: readonly Uint8Array[], written: () => void): void
  /** Stops and continues the flow of data from the peer. */
  pause(): void
  resume(): void
  /** Closes once everything written is sent. */
  end(): void
  /** Closes at once. */
  destroy(): void
}

/** What a transport tells the connection it carries. */
export interface TransportListener {
  /** The next bytes; they hold during the call only. */
  data(chunk: Buffer): void
  /** The peer has ended its side, or the transport is gone. Called once. */
  closed(): void
}
