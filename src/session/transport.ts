// The border between a connection's state machine and whatever carries its bytes: a socket, a TLS socket, a WebSocket, a
// pair of buffers in a spec. Types only.

/** A byte stream to one peer. */
export interface Transport {
  /** For logs: `address:port` of the peer. */
  readonly peer: string
  /** Whether the peer is on this machine, reached by a loopback address. */
  readonly loopback: boolean
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
