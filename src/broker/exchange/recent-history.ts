// The recent-history exchange: a fanout that keeps the last messages for what is bound later. Keeps and tells; giving
// them to a new binding's destination is the vhost's concern.

import type { FieldTable, FieldValue } from '../../protocol/field-table.ts'
import { preconditionFailed } from '../../protocol/reply.ts'
import type { Destination } from '../binding.ts'
import type { Message } from '../message.ts'
import type { Matcher } from './exchange.ts'
import { FanoutMatcher } from './fanout.ts'
import { shown } from './shown.ts'

/** The type's name. */
export const HISTORY = 'x-recent-history'
const LENGTH = 'x-recent-history-length'
const NO_STORE = 'x-recent-history-no-store'
/** Messages that are kept where the exchange does not say how many. */
const DEFAULT_LENGTH = 20

/** What keeps a history over a restart. */
export interface HistoryKeeper {
  keep(message: Message): void
  /** Forgets the oldest one that it keeps. */
  dropOldest(): void
}

/** Matches all bindings, and remembers what it matched (behaviour.md §5.6). */
export class RecentHistoryMatcher extends FanoutMatcher implements Matcher {
  override readonly byKeyOnly: boolean = false
  /** Copies of the last messages, oldest first. */
  readonly recent: Message[] = []
  /** Keeps what is recent over a restart; null where nothing does. */
  keeper: HistoryKeeper | null = null
  readonly #length: number

  constructor(args: FieldTable) {
    super()
    const length = args.get(LENGTH)
    this.#length = length ? Number(length.value) : DEFAULT_LENGTH
  }

  override match(keys: readonly string[], message: Message, found: Set<Destination>): void {
    super.match(keys, message, found)
    const noStore = message.headers.get(NO_STORE)
    if (noStore?.tag === 't' && noStore.value) return
    this.remember(message)
  }

  /** Remembers a message, and keeps it where that is to be. */
  remember(message: Message): void {
    this.keeper?.keep(message)
    this.restore(message)
  }

  /** Remembers a message, also one that was kept from before a restart. */
  restore(message: Message): void {
    this.recent.push(message.copy())
    if (this.recent.length <= this.#length) return
    this.recent.shift()
    this.keeper?.dropOldest()
  }
}

/** Throws `ChannelError` 406 unless the length is absent or a positive integer. */
export function checkHistoryLength(args: FieldTable): void {
  const length = args.get(LENGTH)
  if (length === undefined || isPositive(length)) return
  throw preconditionFailed(`Invalid argument ${shown(length)}, '${LENGTH}' must be a positive integer`)
}

function isPositive(value: FieldValue): boolean {
  return 'bBsuIilL'.includes(value.tag) && Number(value.value) > 0
}
