// Connections and channels as operators see them: what can be read of each at any moment, and how one is ended. The
// sessions are what stands behind it. Types only.

import type { FieldTable } from '../protocol/field-table.ts'
import type { Consumer } from './consumer.ts'
import type { MessageCounts, PublishCount } from './counts.ts'

/** What is known of the encryption of a connection, as RabbitMQ names it: `tlsv1.3`, `any`, `aes_256_gcm`, `aead`. */
export interface TlsPeer {
  readonly protocol: string
  readonly keyExchange: string
  readonly cipher: string
  readonly hash: string
  /** What the client proved itself with; null where it did not. */
  readonly certificate: { readonly subject: string; readonly issuer: string; readonly validity: string } | null
}

/** One end of a connection. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * `blocking`: an alarm is on, and it has not published since. `blocked`: it has, and is not read from. `flow`: a queue that
 * it publishes to cannot keep up. `closing`: it is about to end.
 */
export type ConnectionState = 'running' | 'blocking' | 'blocked' | 'flow' | 'closing'

/** A connection that was let in. All fields show what is true when they are read. */
export interface ConnectionPeer {
  /** `127.0.0.1:50000 -> 127.0.0.1:5672`: RabbitMQ's name for it. */
  readonly name: string
  readonly user: string
  readonly vhost: string
  readonly remote: Address
  readonly local: Address
  readonly tls: TlsPeer | null
  /** How it logged in: PLAIN, for example. */
  readonly mechanism: string
  readonly clientProperties: FieldTable
  /** Milliseconds since 1970. */
  readonly connectedAt: number
  readonly channelMax: number
  readonly frameMax: number
  /** Of heartbeats, as agreed; 0: there are none. */
  readonly timeoutSeconds: number
  readonly state: ConnectionState
  /** Octets, and how many reads and writes they came and went with. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly reads: number
  readonly writes: number
  /** Octets that the peer has not taken yet. */
  readonly pendingBytes: number
  readonly channelCount: number
  readonly channels: Iterable<ChannelPeer>
  /** Whether its vhost is traced has changed. */
  tracingChanged(): void
  /** Ends it with 320 and this reason (behaviour.md §2.8); does nothing where it is ending. */
  end(reason: string): void
}

/** A channel of such a connection. */
export interface ChannelPeer {
  readonly connection: { readonly peer: ConnectionPeer }
  readonly number: number
  /** Milliseconds since 1970. */
  readonly openedAt: number
  /** Unacked deliveries that a consumer may hold that is made now, and that all may hold together; 0: any number. */
  readonly prefetch: number
  readonly sharedPrefetch: number
  readonly confirming: boolean
  readonly transactional: boolean
  /** Deliveries outstanding. */
  readonly unackedCount: number
  /** Publishes that no confirm was sent for. */
  readonly unconfirmedCount: number
  /** What waits for tx.commit. */
  readonly uncommittedPublishes: number
  readonly uncommittedAcks: number
  readonly consumerCount: number
  readonly consumerList: Iterable<Consumer>
  readonly counts: MessageCounts
  /** What it has published, by exchange; of exchanges that are gone, too. */
  readonly publishes: Iterable<PublishCount>
}
