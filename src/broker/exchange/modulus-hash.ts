// The modulus-hash exchange: the routing keys' hash chooses one of the bindings, whose own keys make no difference.

import type { Binding, Destination } from '../binding.ts'
import type { Message } from '../message.ts'
import type { Matcher } from './exchange.ts'
import { hashText } from './hash.ts'
import { OrderedBindings } from './ordered-bindings.ts'

/** What keys are joined with: text that is no UTF-8 aside, no key has it in its middle by accident. */
export const KEY_END = '\0'

/** Matches one binding by hash (behaviour.md §5.6). */
export class ModulusHashMatcher implements Matcher {
  readonly byKeyOnly = true
  readonly #bindings = new OrderedBindings()

  add(binding: Binding): void {
    this.#bindings.add(binding)
  }

  remove(binding: Binding): void {
    this.#bindings.remove(binding)
  }

  match(keys: readonly string[], _message: Message, found: Set<Destination>): void {
    const { list } = this.#bindings
    const chosen = list[hashText(keys.join(KEY_END)) % list.length]
    if (chosen) found.add(chosen.to)
  }
}
