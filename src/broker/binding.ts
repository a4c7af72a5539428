// A binding: an edge from an exchange to a queue or to another exchange. Its identity is all four of source, destination,
// routing key and arguments (behaviour.md §5.4).

import { encodeTable, type FieldTable } from '../protocol/field-table.ts'
import type { Exchange } from './exchange/exchange.ts'
import type { Queue } from './queue/queue.ts'

/** What an exchange may be bound to. */
export type Destination = Queue | Exchange

/** The two kinds of destination, as AMQP's classes name them. */
export type DestinationType = 'queue' | 'exchange'

/** What identifies a binding, by names. */
export interface BindingSpec {
  readonly source: string
  readonly destinationType: DestinationType
  readonly destination: string
  readonly routingKey: string
  readonly arguments: FieldTable
}

/** An edge between objects that exist. `key` is the binding's key in the meta store. */
export interface Binding extends BindingSpec {
  readonly key: string
  readonly rev: number
  readonly from: Exchange
  readonly to: Destination
}

/** The arguments of a binding as text: equal if and only if the encoded tables are. */
export function argumentsText(table: FieldTable): string {
  return table.size === 0 ? '' : encodeTable(table).subarray(4).toString('base64')
}
