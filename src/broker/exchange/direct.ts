// The direct exchange: a message goes where the binding key equals its routing key.

import type { Binding, Destination } from '../binding.ts'
import type { Message } from '../message.ts'
import type { Matcher } from './exchange.ts'

/** Matches by equality of keys (behaviour.md §5.6). */
export class DirectMatcher implements Matcher {
  readonly byKeyOnly = true
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

  match(keys: readonly string[], _message: Message, found: Set<Destination>): void {
    for (const key of keys) for (const binding of this.#byKey.get(key) ?? []) found.add(binding.to)
  }
}
