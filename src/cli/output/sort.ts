// The order of rows: by a column, numbers as numbers, and whatever has no value last. Knows no format.

import { CommandError } from '../command-error.ts'
import { nearestPath } from './filter.ts'
import { type Row, valueAt } from './paths.ts'

/**
 * Rows sorted by `column`, downwards when it starts with a minus; equal rows keep their order.
 * @throws CommandError when no row has the column
 */
export function sorted(rows: readonly Row[], column: string): readonly Row[] {
  const down = column.startsWith('-')
  const path = down || column.startsWith('+') ? column.slice(1) : column
  if (rows.length > 0 && rows.every((row) => valueAt(row, path) === undefined)) {
    throw new CommandError(`--sort: no row has a column "${path}"${nearestPath(path, rows)}`)
  }
  return rows
    .map((row) => ({ row, value: valueAt(row, path) ?? null }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null)
      return compare(a.value, b.value) * (down ? -1 : 1)
    })
    .map(({ row }) => row)
}

/** Negative, zero or positive as `a` comes before, with or after `b`. */
export function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
