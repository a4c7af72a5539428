// The consistent-hash exchange: what is hashed chooses one destination, each as often as the weight says that its binding
// key is; the same always the same while bindings do not change, and mostly so when they do.

import { encodeTable, type FieldTable } from '../../protocol/field-table.ts'
import { CORRELATION_ID, MESSAGE_ID, TIMESTAMP } from '../../protocol/properties.ts'
import { preconditionFailed } from '../../protocol/reply.ts'
import type { Binding, BindingSpec, Destination } from '../binding.ts'
import type { Message } from '../message.ts'
import type { Matcher } from './exchange.ts'
import { hashText, jump } from './hash.ts'
import { KEY_END } from './modulus-hash.ts'
import { OrderedBindings } from './ordered-bindings.ts'
import { shownText } from './shown.ts'

const properties: ReadonlyMap<string, number> = new Map([
  ['message_id', MESSAGE_ID],
  ['correlation_id', CORRELATION_ID],
  ['timestamp', TIMESTAMP],
])

/** Matches one destination by hash (behaviour.md §5.6). */
export class ConsistentHashMatcher implements Matcher {
  readonly byKeyOnly: boolean
  readonly #header: string | null
  readonly #property: number | undefined
  readonly #bindings = new OrderedBindings()
  /** Destinations, and the end of the buckets of each; made anew when it is needed after a change. */
  #destinations: Destination[] = []
  #ends: number[] | null = null

  constructor(args: FieldTable) {
    this.#header = textOf(args, 'hash-header')
    this.#property = properties.get(textOf(args, 'hash-property') ?? '')
    this.byKeyOnly = this.#header === null && this.#property === undefined
  }

  add(binding: Binding): void {
    this.#bindings.add(binding)
    this.#ends = null
  }

  remove(binding: Binding): void {
    this.#bindings.remove(binding)
    this.#ends = null
  }

  match(keys: readonly string[], message: Message, found: Set<Destination>): void {
    const ends = this.#ends ?? this.#layOut()
    const buckets = ends.at(-1)
    if (buckets === undefined) return
    const bucket = jump(hashText(this.#hashed(keys, message)), buckets)
    found.add(this.#destinations[firstAbove(ends, bucket)] as Destination)
  }

  /** Gives each destination its buckets. One that is bound several times has those of the first binding, as in RabbitMQ. */
  #layOut(): readonly number[] {
    const weights = new Map<Destination, number>()
    for (const { to, routingKey } of this.#bindings.list) if (!weights.has(to)) weights.set(to, Number(routingKey))
    let end = 0
    this.#destinations = [...weights.keys()]
    this.#ends = [...weights.values()].map((weight) => {
      end += weight
      return end
    })
    return this.#ends
  }

  /** What is hashed, as text: the keys, or a header or property; all messages without it go to one place. */
  #hashed(keys: readonly string[], message: Message): string {
    if (this.#property !== undefined) return message.propertyBytes(this.#property)?.toString('latin1') ?? ''
    if (this.#header === null) return keys.join(KEY_END)
    const value = message.headers.get(this.#header)
    return value === undefined ? '' : encodeTable(new Map([['', value]])).toString('latin1')
  }
}

/** The index of the first number above `value` in a list that grows. */
function firstAbove(list: readonly number[], value: number): number {
  let low = 0
  let high = list.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}

/** Throws `ChannelError` 406 for arguments that a consistent-hash exchange cannot have. */
export function checkHashArguments(args: FieldTable): void {
  if (args.has('hash-header') && args.has('hash-property')) {
    throw preconditionFailed('hash-header and hash-property are mutually exclusive')
  }
  const property = args.get('hash-property')
  if (property === undefined || (property.tag === 'S' && properties.has(property.value))) return
  throw preconditionFailed(`Unsupported property: ${property.value}`)
}

/** Throws `ChannelError` 406 unless the binding key is a weight, of `largest` at most. */
export function checkWeight({ routingKey }: BindingSpec, largest: number): void {
  if (!/^[+-]?\d+$/.test(routingKey)) {
    throw preconditionFailed(`The binding key must be an integer: ${shownText(routingKey)}`)
  }
  if (Number(routingKey) < 1) throw preconditionFailed('The binding key must be greater than 0')
  if (Number(routingKey) > largest) throw preconditionFailed(`The binding key must not exceed ${largest}`)
}

function textOf(args: FieldTable, name: string): string | null {
  const value = args.get(name)
  return value?.tag === 'S' ? value.value : null
}
