// Which RabbitMQ the broker is: where versions differ in what clients can see, what holds here (behaviour.md §19). Plain
// data; what each difference means is known where it matters. A broker in use is `leveret`; tests choose (docs/testing/compat.md).

/** What versions differ in. */
export interface Dialect {
  /** What clients and tools are told: they decide by it what they may ask for. */
  readonly version: string
  /** Whether AMQP 1.0 is what a peer is answered that speaks something else (§2.1). */
  readonly prefersAmqp10: boolean
  /** The smallest frame-max that can be agreed on, octets (§2.5). */
  readonly smallestFrame: number
  /** Whether basic.qos with `global` is one limit for all of a channel; else it is as without (§7.3). */
  readonly sharesPrefetch: boolean
  /** Whether queues may be declared that are neither durable nor exclusive (§17). */
  readonly transientQueues: boolean
  /** Whether exchanges that are not durable are there after a restart all the same. */
  readonly keepsTransientExchanges: boolean
  /** Whether x-queue-version 1, and x-consumer-timeout on other than quorum queues, are refused (§6.5). */
  readonly refusesIdleArguments: boolean
  /** Words `#` that the key of a topic binding may have (§5.7). */
  readonly topicWildcards: number
  /** Whether a message that died of basic.reject counts as redelivered where it went (§9.5). */
  readonly redeliversRejected: boolean
  /** Failed deliveries that a message in a quorum queue survives, where nothing was said; null: any number (§10). */
  readonly deliveryLimit: number | null
  /** Whether every message that returns to a quorum queue has failed, also where it was asked for (§10). */
  readonly everyReturnFails: boolean
  /** Whether quorum queues tell priorities of messages and of single active consumers apart (§9.3, §7.2). */
  readonly quorumPriorities: boolean
  /** Whether a delivery that is out for too long ends its channel on quorum queues too (§7.7). */
  readonly timeoutEndsChannel: boolean
  /** Whether x-death as a client published it is gone on with (§9.5). */
  readonly continuesDeaths: boolean
  /** Whether passive declarations need a permission (§13.1). */
  readonly guardsPassive: boolean
  /** Whether topic permissions hold for the keys of CC and BCC too (§13.1). */
  readonly guardsCopies: boolean
  /** Whether bindings to the name of a reply queue are refused, rather than not finding it (§12). */
  readonly refusesReplyBindings: boolean
  /** Whether policies may speak of mirrors (ha-*); they mean nothing on one node. */
  readonly mirrors: boolean
}

/** As RabbitMQ 4.3, but for what it refuses or has given up and clients and programs still use. */
const leveret: Dialect = {
  version: '4.3.0',
  prefersAmqp10: false,
  smallestFrame: 4096,
  sharesPrefetch: true,
  transientQueues: true,
  keepsTransientExchanges: false,
  refusesIdleArguments: false,
  topicWildcards: Number.POSITIVE_INFINITY,
  redeliversRejected: false,
  deliveryLimit: 20,
  everyReturnFails: false,
  quorumPriorities: true,
  timeoutEndsChannel: false,
  continuesDeaths: false,
  guardsPassive: true,
  guardsCopies: true,
  refusesReplyBindings: true,
  mirrors: false,
}

/** All of them, by the name of the RabbitMQ. */
export const dialects = {
  leveret,
  'rabbitmq-3.13': {
    ...leveret,
    version: '3.13.7',
    deliveryLimit: null,
    everyReturnFails: true,
    quorumPriorities: false,
    timeoutEndsChannel: true,
    continuesDeaths: true,
    guardsPassive: false,
    guardsCopies: false,
    refusesReplyBindings: false,
    mirrors: true,
  },
  'rabbitmq-4.3': {
    ...leveret,
    version: '4.3.6',
    prefersAmqp10: true,
    smallestFrame: 8192,
    sharesPrefetch: false,
    transientQueues: false,
    keepsTransientExchanges: true,
    refusesIdleArguments: true,
    topicWildcards: 2,
    redeliversRejected: true,
  },
} as const satisfies Record<string, Dialect>

/** The name of a dialect. */
export type Compat = keyof typeof dialects

/** What a broker is that nobody asked to be another. */
export const LEVERET: Dialect = leveret
