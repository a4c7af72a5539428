// What the routes of the HTTP API are given of the process around them. Types only.

import type { Broker } from '../broker/broker.ts'
import type { Clock } from '../broker/clock.ts'
import type { Logger } from '../broker/logger.ts'
import type { NodeFacts } from './node-facts.ts'

/** The one node that there is, as RabbitMQ's answers name nodes. */
export interface NodeIdentity {
  readonly name: string
  /** Leveret's version. */
  readonly version: string
  /** When this process began to serve, milliseconds since 1970. */
  readonly startedAt: number
}

/** A port that is open. */
export interface ListenerFact {
  /** RabbitMQ's word: `amqp`, `amqp/ssl`, `http`, `http/prometheus` ... */
  readonly protocol: string
  readonly address: string
  readonly port: number
}

/** What the HTTP API is held to; all are settings. */
export interface ManagementLimits {
  /** The largest body of a message, octets. */
  readonly maxMessageBytes: number
}

/** Runs what `caller` asks for as the caller's work, for those who keep a record of it. */
export type AsCaller = (caller: { readonly user: string; readonly address: string }, task: () => void) => void

/** What the routes are given. */
export interface ManagementContext {
  /** Absent where no record is kept. */
  readonly asCaller?: AsCaller | undefined
  readonly broker: Broker
  readonly clock: Clock
  readonly logger: Logger
  readonly node: NodeIdentity
  readonly limits: ManagementLimits
  /** `count` octets that nobody can guess. */
  readonly random: (count: number) => Buffer
  /** The ports that are open now. */
  readonly listeners: () => readonly ListenerFact[]
  /** When the certificate of the ports ends, milliseconds since 1970; null where there is none. */
  readonly certificateEnd?: () => number | null
  /** What the process and its machine have; not to be had everywhere. */
  readonly facts?: () => Promise<NodeFacts>
}
