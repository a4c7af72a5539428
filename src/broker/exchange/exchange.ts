// An exchange: a name, its flags, and a matcher that answers one question, where a message goes. Knows its own bindings;
// following them from exchange to exchange is routing.ts's concern.

import type { FieldTable } from '../../protocol/field-table.ts'
import type { Binding, Destination } from '../binding.ts'
import type { Chance } from '../chance.ts'
import type { Clock } from '../clock.ts'
import { ExchangeCounts } from '../counts.ts'
import type { Delay } from '../delay.ts'
import { type Dialect, LEVERET } from '../dialect.ts'
import type { Message } from '../message.ts'
import type { PolicyDefinition } from '../policy.ts'
import type { Committer } from '../queue/committer.ts'
import type { SegmentMemory } from '../queue/segment-memory.ts'
import type { Recoverable } from '../recovery.ts'
import type { ChunkKey } from '../store.ts'
import { type ExchangeType, matcherOf } from './types.ts'

/** What an exchange type is. */
export interface Matcher {
  /** Whether matches depend on nothing but the keys and the bindings: only then may they be remembered. */
  readonly byKeyOnly: boolean
  add(binding: Binding): void
  remove(binding: Binding): void
  /** Adds to `found` every destination of a message; `keys` are its routing key and what CC and BCC add (§5.5). */
  match(keys: readonly string[], message: Message, found: Set<Destination>): void
  /** Messages that a new binding's destination is to get, oldest first (x-recent-history). */
  readonly recent?: readonly Message[]
}

/** Messages of an exchange's own in the store. */
export interface ExchangeLog extends Recoverable {
  /** The chunks are taken in: reads from them what has to be in memory. */
  restore(): Promise<void>
  /** All queues and exchanges are there. */
  open(): void
  /** The broker stops in order. */
  mark(): void
  /** The exchange is deleted. */
  retire(): void
}

/** What such a log needs of its surroundings. */
export interface ExchangeLogHost {
  readonly clock: Clock
  readonly committer: Committer
  readonly memory: SegmentMemory
  readChunk(key: ChunkKey): Promise<Buffer | null>
  /** A stored chunk cannot be read: so many messages are missing (0: nobody knows). */
  chunkLost(key: ChunkKey, messages: number, why: string): void
}

/** What makes an exchange what it is; fixed when it is declared. */
export interface ExchangeSpec {
  readonly name: string
  readonly type: ExchangeType
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly internal: boolean
  readonly arguments: FieldTable
  readonly logId?: number | undefined
}

/** An exchange with its bindings. */
export class Exchange implements ExchangeSpec {
  readonly name: string
  readonly type: ExchangeType
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly internal: boolean
  readonly arguments: FieldTable
  /** Its revision in the meta store; 0 for those that every vhost has. */
  readonly rev: number
  readonly matcher: Matcher
  /** Where messages go on to when nothing matches; null: nowhere (behaviour.md §5.5, "alternate exchange"). */
  alternate: string | null = null
  /** The number of the log that it has in the store. */
  readonly logId: number | undefined
  /** That log, and where messages wait for their time (x-delayed-message). Both are set once, or stay null. */
  log: ExchangeLog | null = null
  delay: Delay | null = null
  readonly counts = new ExchangeCounts()
  /** Bindings from this exchange, by their key. */
  readonly bindings = new Map<string, Binding>()
  /** Bindings to this exchange. */
  readonly inbound = new Set<Binding>()

  constructor(spec: ExchangeSpec, rev: number, chance: Chance, dialect: Dialect = LEVERET) {
    this.name = spec.name
    this.type = spec.type
    this.durable = spec.durable
    this.autoDelete = spec.autoDelete
    this.internal = spec.internal
    this.arguments = spec.arguments
    this.logId = spec.logId
    this.rev = rev
    this.matcher = matcherOf(spec.type, spec.arguments, chance, dialect)
    this.apply({})
  }

  /** What policies say of it has changed; its argument goes before that (behaviour.md §5.5). */
  apply(policy: PolicyDefinition): void {
    const asked = this.arguments.get('alternate-exchange')
    const set = policy['alternate-exchange']
    if (asked?.tag === 'S') this.alternate = asked.value
    else this.alternate = typeof set === 'string' ? set : null
  }

  /** Whether routes through it depend on nothing but keys and bindings. */
  get byKeyOnly(): boolean {
    return this.delay === null && this.matcher.byKeyOnly
  }

  add(binding: Binding): void {
    this.bindings.set(binding.key, binding)
    this.matcher.add(binding)
  }

  remove(binding: Binding): void {
    if (this.bindings.delete(binding.key)) this.matcher.remove(binding)
  }
}
