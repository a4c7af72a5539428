// The words that the rows of a restart are written in. Only builds data.

import type { Table } from '../dialect/client/field-table.ts'
import { a } from '../dialect/peers.ts'
import { type Scenario, type Steps, scenario } from '../dialect/scenario.ts'

/** How the broker ends: in good order, or in the middle of whatever it does. */
export type Ending = 'SIGTERM' | 'SIGKILL'

/** A row: `before` and `after` are scenarios of the same name, played with the same names. */
export type RestartRow = { readonly before: Scenario; readonly after: Scenario; readonly lacking310?: string }

/** A row of this name. */
export function row(name: string, before: Steps, after: Steps, lacking310?: string): RestartRow {
  return {
    before: scenario('15', name, name, before),
    after: scenario('15', name, name, after),
    ...(lacking310 === undefined ? {} : { lacking310 }),
  }
}

/** What survives, and how it is confirmed. */
export const durable = { durable: true }
/** Properties of a persistent message. */
export const persistent = { properties: { deliveryMode: 2 } }
/** Publisher confirms on. */
export const confirming: Steps = a.calls(1, 'confirm.select', {}, 'confirm.select-ok()')
/** The properties of a persistent message as they arrive. */
export const mode2 = '{deliveryMode:2}'

/** Publishes persistent messages to `$q` through the default exchange and waits for the confirms. */
export function stores(...bodies: readonly string[]): Steps {
  return [
    confirming,
    bodies.map((body) => a.publishes(1, '', '$q', body, persistent)),
    a.confirmed(
      1,
      bodies.map((_, at) => at + 1),
    ),
  ]
}

/** A durable queue `$q` with these arguments. */
export function withQueue(queueArguments: Table = {}): Steps {
  return [a.ready(), a.declares(1, '$q', { ...durable, arguments: queueArguments })]
}

/** After a crash nobody knows what 3.10 had delivered; we keep what we know (issue: redelivery state is durable). */
export function redelivered(ending: Ending, wasDelivered: boolean): boolean {
  return wasDelivered || ending === 'SIGKILL'
}
