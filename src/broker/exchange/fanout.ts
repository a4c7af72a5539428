// The fanout exchange: a message goes to everything bound.

import type { FieldTable } from '../../protocol/field-table.ts'
import type { Binding, Destination } from '../binding.ts'
import type { Matcher } from './exchange.ts'

/** Matches all bindings (behaviour.md §5.6). */
export class FanoutMatcher implements Matcher {
  readonly needsHeaders = false
  readonly #bindings = new Set<Binding>()

  add(binding: Binding): void {
    this.#bindings.add(binding)
  }

  remove(binding: Binding): void {
    this.#bindings.delete(binding)
  }

  match(_routingKey: string, _headers: FieldTable, found: Set<Destination>): void {
    for (const binding of this.#bindings) found.add(binding.to)
  }
}
