// How rabbitmqadmin prints lists: objects flattened into dotted columns down to a depth, then as a table, long, with tabs,
// as key and value, for bash, or as JSON. Texts are those of the Python program, character for character.

import { misuse } from './admin-error.ts'

/** What of the options a lister needs. */
export interface ListerOptions {
  readonly format: string
  readonly depth: number
  readonly quiet: boolean
  /** Columns whose objects are printed as JSON. */
  readonly json: readonly string[]
  /** Empty: all that there are. */
  readonly columns: readonly string[]
}

type Item = Readonly<Record<string, unknown>>

/** The names of the formats. */
export const adminFormats = ['raw_json', 'pretty_json', 'tsv', 'long', 'table', 'kvp', 'bash'] as const

/** Columns that come first, in this order. */
const promoted = ['vhost', 'name', 'type', 'source', 'destination', 'destination_type', 'routing_key']

/** Prints a list as the API answered it. */
export function printList(items: readonly Item[], options: ListerOptions): string {
  const { format, quiet } = options
  if (format === 'raw_json') return `${JSON.stringify(items)}\n`
  if (format === 'pretty_json') return `${JSON.stringify(sorted(items), undefined, 2)}\n`
  if (!adminFormats.some((name) => name === format)) throw misuse(`Format ${format} not recognised`)
  const columns = options.columns.length > 0 ? options.columns : columnsOf(items, options)
  const depth = options.columns.length > 0 ? Number.POSITIVE_INFINITY : options.depth
  const rows = items.map((item) => rowOf(item, columns, depth, options.json))
  if (rows.length === 0) return quiet ? '' : 'No items\n'
  switch (format) {
    case 'tsv':
      return lines([...(quiet ? [] : [columns.join('\t')]), ...rows.map((row) => row.join('\t'))])
    case 'long':
      return long(columns, rows)
    case 'kvp':
      return lines(rows.map((row) => row.map((cell, at) => `${columns[at]}="${cell}"`).join(' ')))
    case 'bash':
      return bash(columns, rows)
    default:
      return table(columns, rows)
  }
}

function columnsOf(items: readonly Item[], { depth, json }: ListerOptions): readonly string[] {
  const seen = new Set<string>()
  for (const item of items) walk('', 1, item, depth, json, (column) => seen.add(column))
  return [...seen].sort((one, other) => {
    const [first, second] = [promoted.indexOf(one), promoted.indexOf(other)]
    if (first !== -1 || second !== -1) return (first === -1 ? 99 : first) - (second === -1 ? 99 : second)
    return one < other ? -1 : one === other ? 0 : 1
  })
}

function rowOf(item: Item, columns: readonly string[], depth: number, json: readonly string[]): readonly string[] {
  const cells = new Map<string, string>()
  walk('', 1, item, depth, json, (column, cell) => cells.set(column, cell))
  return columns.map((column) => cells.get(column) ?? '')
}

function walk(
  prefix: string,
  depth: number,
  item: Item,
  deepest: number,
  json: readonly string[],
  found: (column: string, cell: string) => unknown,
): void {
  for (const [key, value] of Object.entries(item)) {
    const column = prefix === '' ? key : `${prefix}.${key}`
    if (Array.isArray(value)) found(column, value.every(isText) ? value.join(' ') : pythonJson(value))
    else if (typeof value !== 'object' || value === null) found(column, cellOf(value))
    else if (json.includes(key)) found(column, pythonJson(value))
    else if (depth < deepest) walk(column, depth + 1, value as Item, deepest, json, found)
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}

/** JSON as Python's json.dumps spaces and escapes it. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${pythonJson(key)}: ${pythonJson(inner)}`)
    return `{${pairs.join(', ')}}`
  }
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

function long(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = Math.max(...columns.map(lengthOf))
  const bar = `\n${'-'.repeat(80)}\n`
  const blocks = rows.map((row) => [
    ...row.map((cell, at) => `${' '.repeat(width - lengthOf(columns[at] ?? ''))}${columns[at]}: ${cell}`),
    bar,
  ])
  return lines([bar, ...blocks.flat()])
}

function bash(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const at = columns.indexOf('name')
  return at === -1 ? '' : `${rows.map((row) => row[at]).join(' ')}\n`
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) => Math.max(lengthOf(column), ...rows.map((row) => lengthOf(row[at] ?? ''))))
  const bar = `+${widths.map((width) => `${'-'.repeat(width + 2)}+`).join('')}`
  const head = columns.map((column, at) => ` ${centred(column, widths[at] ?? 0)} |`).join('')
  const body = rows.map((row) => {
    const cells = row.map((cell, at) => ` ${cell}${' '.repeat((widths[at] ?? 0) - lengthOf(cell))} |`)
    return `|${cells.join('')}`
  })
  return lines([bar, `|${head}`, bar, ...body, bar])
}

function centred(text: string, width: number): string {
  const space = width - lengthOf(text)
  const left = Math.floor(space / 2)
  return `${' '.repeat(left)}${text}${' '.repeat(space - left)}`
}

/** As Python counts: characters, not UTF-16 units. */
function lengthOf(text: string): number {
  return [...text].length
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}
