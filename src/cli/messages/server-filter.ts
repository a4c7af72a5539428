// A `--filter` as Leveret's own API understands it: only what means the same there, so that the broker picks the messages
// that the command line would pick. Knows no command and asks nobody.

import { type Comparison, parseFilter } from '../output/filter.ts'

/** The conditions of the API; all of them have to hold. */
export interface ServerFilter {
  readonly exchange?: string
  readonly routing_key?: string
  readonly header?: readonly string[]
}

/**
 * The conditions of an expression; undefined where the API cannot ask the same, as about bodies, which are unpacked here.
 * @throws CommandError when the expression cannot be read
 */
export function serverFilter(expression: string | undefined): ServerFilter | undefined {
  if (expression === undefined) return {}
  let filter: ServerFilter = {}
  const { all } = parseFilter(expression)
  if (all === undefined) return undefined
  for (const comparison of all) {
    const more = conditionOf(comparison)
    // The API asks once of exchange and key.
    if (!more || isTwice(filter, more)) return undefined
    filter = { ...filter, ...more, ...(more.header ? { header: [...(filter.header ?? []), ...more.header] } : {}) }
  }
  return filter
}

function isTwice(filter: ServerFilter, more: ServerFilter): boolean {
  return (['exchange', 'routing_key'] as const).some((name) => name in filter && name in more)
}

const HEADER = 'properties.headers.'

function conditionOf({ column, sign, value, number }: Comparison): ServerFilter | undefined {
  const equal = sign === '=' || sign === '=='
  // Here null and nothing are the same as no value.
  if (equal && (value === 'null' || value === '')) return undefined
  if (column === 'exchange' && equal) return { exchange: value }
  if (column === 'routing_key' && equal) return { routing_key: `^${escaped(value)}$` }
  if (column === 'routing_key' && sign === '=~' && isPlainPattern(value)) return { routing_key: value }
  if (!column.startsWith(HEADER) || !equal) return undefined
  const name = column.slice(HEADER.length)
  // There 10k is a text, and a dot belongs to a name.
  if (name.includes('.') || (number !== undefined && String(number) !== value)) return undefined
  return { header: [`${name}=${value}`] }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** Whether a pattern means the same to everybody: ASCII, without the classes and groups that languages see differently. */
function isPlainPattern(pattern: string): boolean {
  return /^(?:[\w\-:#@/ .^$*+|]|\\[\\^$.*+?()[\]{}|/]|\((?!\?)|\))+$/.test(pattern)
}
