// What all sessions of a broker share. Types only.

import type { Mechanism } from '../broker/access/sasl.ts'
import type { Broker } from '../broker/broker.ts'
import type { Clock } from '../broker/clock.ts'
import type { Logger } from '../broker/logger.ts'
import type { Greeting } from './greeting.ts'
import type { Slabs } from './slabs.ts'
import type { Sweep } from './sweep.ts'
import type { Turn } from './turn.ts'
import type { Watch } from './watch.ts'

/** Limits that peers are held to; all are settings. */
export interface SessionLimits {
  /** The largest number of channels on a connection, and what connection.tune offers. */
  readonly channelMax: number
  /** The largest number of consumers on a channel; 0: any. */
  readonly consumerMaxPerChannel: number
  /** How long a delivery may be out, milliseconds; 0: for any time; null: as its queue says (behaviour.md §7.7). */
  readonly consumerTimeoutMs: number | null
  /** The largest frame, octets: what connection.tune offers. */
  readonly frameMax: number
  /** Seconds; what connection.tune offers. 0: no heartbeats. */
  readonly heartbeatSeconds: number
  /** The largest body, octets (behaviour.md §8.1). */
  readonly maxMessageBytes: number
  /** How long a peer may take from connecting to connection.open, milliseconds. */
  readonly handshakeTimeoutMs: number
  /** The SASL mechanisms that may be used. */
  readonly authMechanisms: readonly Mechanism[]
  /** Whom ANONYMOUS logs in; null: it is not offered. */
  readonly anonymousLoginUser: string | null
}

/** What a connection is given of the world. */
export interface SessionContext {
  readonly broker: Broker
  readonly clock: Clock
  readonly logger: Logger
  readonly slabs: Slabs
  readonly turn: Turn
  readonly sweep: Sweep
  readonly limits: SessionLimits
  readonly greeting: Greeting
  /** Who watches what peers do; nobody but in tests. */
  readonly watch?: Watch | null
}
