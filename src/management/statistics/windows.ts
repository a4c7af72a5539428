// What a query asks to see of the past: samples over an age, an increment apart, for lengths of queues, rates of messages,
// data and nodes (RabbitMQ's lengths_age, lengths_incr and their kin). Knows the query; not where samples come from.

import { type Static, Type } from '@fastify/type-provider-typebox'
import { badRequest } from '../errors.ts'

/** A stretch of the past, milliseconds. */
export interface Window {
  readonly ageMs: number
  readonly incrementMs: number
}

/** What is asked for; null: rates only. */
export interface Windows {
  readonly lengths: Window | null
  readonly rates: Window | null
  readonly data: Window | null
  readonly node: Window | null
}

/** Nothing of the past. */
export const NO_WINDOWS: Windows = { lengths: null, rates: null, data: null, node: null }

const seconds = (what: string) => Type.Optional(Type.String({ description: `Seconds: ${what}` }))

/** What a query may say of the past. */
export const windowsQuery = Type.Object({
  lengths_age: seconds('how far back lengths of queues are shown, up to 600'),
  lengths_incr: seconds('between two of them'),
  msg_rates_age: seconds('how far back counts of messages are shown, up to 600'),
  msg_rates_incr: seconds('between two of them'),
  data_rates_age: seconds('how far back octets of connections are shown, up to 600'),
  data_rates_incr: seconds('between two of them'),
  node_stats_age: seconds('how far back numbers of the node are shown, up to 600'),
  node_stats_incr: seconds('between two of them'),
})

type Query = Static<typeof windowsQuery>

/** The windows of a query. Throws `HttpError` 400. */
export function windowsOf(query: Query): Windows {
  return {
    lengths: windowOf(query, 'lengths'),
    rates: windowOf(query, 'msg_rates'),
    data: windowOf(query, 'data_rates'),
    node: windowOf(query, 'node_stats'),
  }
}

function windowOf(query: Query, kind: 'lengths' | 'msg_rates' | 'data_rates' | 'node_stats'): Window | null {
  const [age, increment] = [query[`${kind}_age`], query[`${kind}_incr`]]
  if (age === undefined || increment === undefined) return null
  const window = { ageMs: Number(age) * 1000, incrementMs: Number(increment) * 1000 }
  const sound = window.ageMs > 0 && window.incrementMs > 0 && window.incrementMs <= window.ageMs
  if (sound && Number.isInteger(window.ageMs) && Number.isInteger(window.incrementMs)) return window
  throw badRequest(
    `${kind}_age and ${kind}_incr: expected seconds, the increment not above the age; got ${age}, ${increment}`,
  )
}
