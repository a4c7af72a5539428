// Which messages of a stream a consumer wants: those whose header x-stream-filter-value is one that it named (behaviour.md
// §11, "filtering"). Message by message, where RabbitMQ may let others of the same chunk through.

import { headerText } from '../../protocol/added-header.ts'
import type { FieldTable } from '../../protocol/field-table.ts'
import type { Message } from '../message.ts'

const FILTER_VALUE = 'x-stream-filter-value'

/** The filter of one consumer. */
export class StreamFilter {
  readonly #values: ReadonlySet<string>
  readonly #unfiltered: boolean

  /** @param unfiltered whether messages without a value are wanted as well */
  constructor(values: readonly string[], unfiltered: boolean) {
    this.#values = new Set(values)
    this.#unfiltered = unfiltered
  }

  /** The filter that a consumer with these arguments asks for; null: none. What is no text asks for nothing. */
  static of(args: FieldTable): StreamFilter | null {
    const asked = args.get('x-stream-filter')
    const unfiltered = args.get('x-stream-match-unfiltered')?.value === true
    if (asked?.tag === 'S') return new StreamFilter([asked.value], unfiltered)
    if (asked?.tag !== 'A') return null
    const values = asked.value.flatMap((value) => (value.tag === 'S' ? [value.value] : []))
    return values.length === 0 ? null : new StreamFilter(values, unfiltered)
  }

  /** Whether the consumer wants `message`. */
  wants(message: Message): boolean {
    const value = headerText(message.header, message.headerStart, FILTER_VALUE)
    return value === null ? this.#unfiltered : this.#values.has(value)
  }
}
