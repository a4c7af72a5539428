// rabbitmqctl's formatters: rows of named values become a table with tabs, a table with lines, CSV, JSON or Erlang terms,
// byte for byte as scripts expect them. JSON differs on purpose: arguments are objects there, not lists of triples.

import { erlangTerm, plainCell, prettyCell } from './cells.ts'

/** What `--formatter` takes. */
export const formatterNames = ['table', 'pretty_table', 'csv', 'json', 'json_stream', 'erlang'] as const

/** One of the formatters. */
export type FormatterName = (typeof formatterNames)[number]

/** Named values of one thing. */
export type Row = Readonly<Record<string, unknown>>

/** What a listing found. */
export interface Listing {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
  /** Whether rabbitmqctl gets the rows in one piece: an empty one is an empty line in its tables. */
  readonly isWhole?: boolean
}

/** Formatters that machines read: no line of words goes before their answer. */
export function isForMachines(name: FormatterName): boolean {
  return name === 'csv' || name.startsWith('json')
}

/** Writes rows; every line ends in a newline. */
export function formatRows(name: FormatterName, listing: Listing, headers: boolean): string {
  switch (name) {
    case 'table':
      return tabbed(listing, headers)
    case 'pretty_table':
      return drawn(listing)
    case 'csv':
      return commaed(listing, headers)
    case 'json':
      return `[\n${objects(listing).join('\n,')}${listing.rows.length > 0 ? '\n' : ''}]\n`
    case 'json_stream':
      return objects(listing)
        .map((object) => `${object}\n\n`)
        .join('')
    case 'erlang':
      return `[${listing.rows.map((row) => erlangRow(listing.columns, row)).join(',\n ')}]\n`
    default:
      return name satisfies never
  }
}

/** Writes one answer that is not a list: its text, or as a machine reads it. */
export function formatText(name: FormatterName, text: string, value: unknown): string {
  if (name.startsWith('json')) return `${JSON.stringify(value ?? { message: text, result: 'ok' })}\n`
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

// Without rows there is no header either: so does rabbitmqctl.
function tabbed({ columns, rows, isWhole = false }: Listing, headers: boolean): string {
  if (rows.length === 0) return isWhole ? '\n' : ''
  const lines = rows.map((row) => columns.map((column) => plainCell(row[column])).join('\t'))
  return linesOf(headers ? [columns.join('\t'), ...lines] : lines)
}

function commaed({ columns, rows }: Listing, headers: boolean): string {
  const lines = rows.map((row) => columns.map((column) => quoted(plainCell(row[column]))).join(','))
  return linesOf(headers && rows.length > 0 ? [columns.map(quoted).join(','), ...lines] : lines)
}

function objects({ columns, rows }: Listing): readonly string[] {
  return rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((column) => [column, row[column] ?? '']))))
}

function erlangRow(columns: readonly string[], row: Row): string {
  return `[${columns.map((column) => `{${atom(column)},${erlangTerm(row[column] ?? '')}}`).join(',')}]`
}

function atom(name: string): string {
  return /^[a-z]\w*$/.test(name) ? name : `'${name}'`
}

/** A terminal's line drawing letters are between these two. */
const DRAW = '\u001b(0'
const TEXT = '\u001b(B'

function drawn({ columns, rows }: Listing): string {
  if (rows.length === 0) return ''
  const cells = rows.map((row) => columns.map((column) => prettyCell(row[column])))
  const widths = columns.map((column, at) => Math.max(column.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const edge = (left: string, cross: string, right: string): string =>
    `${DRAW}${left}${widths.map((width) => 'q'.repeat(width + 2)).join(cross)}${right}${TEXT}`
  const bar = `${DRAW}x${TEXT}`
  const line = (row: readonly string[], wrap: (text: string) => string): string =>
    `${row.map((cell, at) => `${bar} ${wrap(cell)}${' '.repeat((widths[at] ?? 0) - cell.length)} `).join('')}${bar}`
  const between = edge('t', 'n', 'u')
  const lines = [edge('l', 'w', 'k'), line(columns, (text) => `\u001b[1m${text}\u001b[0m`)]
  for (const row of cells)
    lines.push(
      between,
      line(row, (text) => text),
    )
  return linesOf([...lines, edge('m', 'v', 'j')])
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
