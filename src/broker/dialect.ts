// Which RabbitMQ the broker is: where versions differ in what clients can see, what holds here (behaviour.md §19). Plain
// data; what each difference means is known where it matters. A broker in use is `leveret`; tests choose (docs/testing/compat.md).

/** What versions differ in. */
export interface Dialect {
  /** What clients and tools are told: they decide by it what they may ask for. */
  readonly version: string
  /** Whether AMQP 1.0 is what a peer is answered that speaks something else (§2.1). */
  readonly prefersAmqp10: boolean
  /** Whether peers may log in without saying who they are (§2.4). */
  readonly offersAnonymous: boolean
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
  /**
   * Whether arguments are those before 4: x-queue-mode is checked, no type is filled in, an empty one refused, delayed
   * retry unknown, and a period that does not begin with a digit ends the connection (§6.5, §11).
   */
  readonly formerArguments: boolean
  /** Whether x-stream-offset that is neither a number nor a time nor a text ends the connection (§11). */
  readonly fatalOffsetTypes: boolean
  /** Whether there are exchanges of the type x-local-random (§5.6). */
  readonly localRandom: boolean
  /** Words `#` that the key of a topic binding may have (§5.7). */
  readonly topicWildcards: number
  /** The largest weight that the key of a binding to a consistent-hash exchange may be (§5.6). */
  readonly largestWeight: number
  /**
   * Whether a timestamp in a headers exchange equals the same timestamp, and nothing else. If not, a message's counts as
   * a number of milliseconds, a binding's as a number of seconds (§5.8).
   */
  readonly equalTimestamps: boolean
  /** Whether a message that died of basic.reject counts as redelivered where it went (§9.5). */
  readonly redeliversRejected: boolean
  /** Failed deliveries that a message in a quorum queue survives, where nothing was said; null: any number (§10). */
  readonly deliveryLimit: number | null
  /** Whether a negative limit is none; else every return is one too many (§10). */
  readonly negativeLimitIsNone: boolean
  /** Whether every message that returns to a quorum queue has failed, also where it was asked for (§10). */
  readonly everyReturnFails: boolean
  /** Whether what clients give back to a quorum queue without such a limit goes behind the messages that wait (§7.6). */
  readonly requeuesBehind: boolean
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
  /** Which answers to requests are returned where they are mandatory; `all`: also those that are delivered (§12). */
  readonly returnsReplies: 'all' | 'lost' | 'none'
  /** Whether bindings to the name of a reply queue are refused, rather than not finding it (§12). */
  readonly refusesReplyBindings: boolean
  /** Whether texts about streams and numbers of channels are those before 4 (§4, §11). */
  readonly formerTexts: boolean
  /** Whether policies are those before 4: of mirrors (ha-*), which mean nothing on one node, and not of delayed retry (§14). */
  readonly formerPolicies: boolean
}

/** As RabbitMQ 4.3, but for what it refuses or has given up and clients and programs still use. */
const leveret: Dialect = {
  version: '4.3.0',
  prefersAmqp10: false,
  offersAnonymous: true,
  smallestFrame: 4096,
  sharesPrefetch: true,
  transientQueues: true,
  keepsTransientExchanges: false,
  refusesIdleArguments: false,
  formerArguments: false,
  fatalOffsetTypes: false,
  localRandom: true,
  topicWildcards: Number.POSITIVE_INFINITY,
  largestWeight: 10_000,
  equalTimestamps: true,
  redeliversRejected: false,
  deliveryLimit: 20,
  negativeLimitIsNone: true,
  everyReturnFails: false,
  requeuesBehind: false,
  quorumPriorities: true,
  timeoutEndsChannel: false,
  continuesDeaths: false,
  guardsPassive: true,
  guardsCopies: true,
  returnsReplies: 'lost',
  refusesReplyBindings: true,
  formerTexts: false,
  formerPolicies: false,
}

/** All of them, by the name of the RabbitMQ. */
export const dialects = {
  leveret,
  'rabbitmq-3.13': {
    ...leveret,
    version: '3.13.7',
    offersAnonymous: false,
    formerArguments: true,
    fatalOffsetTypes: true,
    localRandom: false,
    largestWeight: Number.POSITIVE_INFINITY,
    equalTimestamps: false,
    deliveryLimit: null,
    negativeLimitIsNone: false,
    everyReturnFails: true,
    requeuesBehind: true,
    quorumPriorities: false,
    timeoutEndsChannel: true,
    continuesDeaths: true,
    guardsPassive: false,
    guardsCopies: false,
    returnsReplies: 'all',
    refusesReplyBindings: false,
    formerTexts: true,
    formerPolicies: true,
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
    fatalOffsetTypes: true,
    topicWildcards: 2,
    equalTimestamps: false,
    redeliversRejected: true,
    returnsReplies: 'none',
  },
} as const satisfies Record<string, Dialect>

/** The name of a dialect. */
export type Compat = keyof typeof dialects

/** What a broker is that nobody asked to be another. */
export const LEVERET: Dialect = leveret
