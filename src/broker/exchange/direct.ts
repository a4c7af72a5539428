// The direct exchange: a message goes where the binding key equals its routing key.

import type { FieldTable } from '../../protocol/field-table.ts'
import type { Binding, Destination } from '../binding.ts'
import type { Matcher } from './exchange.ts'

/** Matches by equality of keys (behaviour.md §5.6). */
export class DirectMatcher implements Matcher {
  readonly needsHeaders = false
  readonly #byKey = new Map<string, Set<Binding>>()

  add(binding: Binding): void {
    const bindings = this.#byKey.get(binding.routingKey)
    if (bindings) bindings.add(binding)
    else this.#byKey.set(binding.routingKey, new Set([binding]))
  }

  remove(binding: Binding): void {
    const bindings = this.#byKey.get(binding.routingKey)
    if (bindings?.delete(binding) && bindings.size === 0) this.#byKey.delete(binding.routingKey)
  }

  match(routingKey: string, _headers: FieldTable, found: Set<Destination>): void {
    for (const binding of this.#byKey.get(routingKey) ?? []) found.add(binding.to)
  }
}
