// The fanout exchange: a message goes to everything bound.

import type { Binding, Destination } from '../binding.ts'
import type { Message } from '../message.ts'
import type { Matcher } from './exchange.ts'

/** Matches all bindings (behaviour.md §5.6). */
export class FanoutMatcher implements Matcher {
  readonly byKeyOnly: boolean = true
  readonly #bindings = new Set<Binding>()

  add(binding: Binding): void {
    this.#bindings.add(binding)
  }

  remove(binding: Binding): void {
    this.#bindings.delete(binding)
  }

  match(_keys: readonly string[], _message: Message, found: Set<Destination>): void {
    for (const binding of this.#bindings) found.add(binding.to)
  }
}
