// The random exchanges: a message goes to one of the bindings, whichever chance takes. Keys make no difference.

import { preconditionFailed } from '../../protocol/reply.ts'
import type { Binding, BindingSpec, Destination } from '../binding.ts'
import type { Chance } from '../chance.ts'
import type { Message } from '../message.ts'
import type { QueueSpec } from '../queue/queue.ts'
import type { Matcher } from './exchange.ts'
import { OrderedBindings } from './ordered-bindings.ts'

/** Matches one binding by chance (behaviour.md §5.6, x-random and x-local-random: here all queues are local). */
export class RandomMatcher implements Matcher {
  readonly byKeyOnly = false
  readonly #bindings = new OrderedBindings()
  readonly #chance: Chance

  constructor(chance: Chance) {
    this.#chance = chance
  }

  add(binding: Binding): void {
    this.#bindings.add(binding)
  }

  remove(binding: Binding): void {
    this.#bindings.remove(binding)
  }

  match(_keys: readonly string[], _message: Message, found: Set<Destination>): void {
    const { list } = this.#bindings
    const chosen = list[this.#chance(list.length)]
    if (chosen) found.add(chosen.to)
  }
}

/**
 * Throws `ChannelError` 406 unless an x-local-random exchange can be bound so: without a key, to a classic queue
 * (null: the destination is an exchange).
 */
export function checkLocalBinding({ routingKey }: BindingSpec, queue: Pick<QueueSpec, 'arguments'> | null): void {
  if (routingKey !== '') throw preconditionFailed(`Non empty binding '${routingKey}' key not permitted`)
  if (queue === null) throw preconditionFailed('Destination not found')
  const type = queue.arguments.get('x-queue-type')?.value ?? 'classic'
  if (type === 'classic') return
  throw preconditionFailed(`Queue type rabbit_${type}_queue not valid for this exchange type`)
}
