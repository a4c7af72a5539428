// Rows and objects in the format that was asked for. JSON and YAML are the API's own objects; the other formats have the
// columns of a shape, or those that were asked for. Knows no command.

import { type Colours, coloursFor } from './colour.ts'
import { csv, tsv } from './delimited.ts'
import { filtered } from './filter.ts'
import type { OutputFormat } from './formats.ts'
import { pathsOf, picked, type Row, textOf, valueAt } from './paths.ts'
import { sorted } from './sort.ts'

export type { Row } from './paths.ts'

/** A column: where its values are, what stands above them, how they are shown to people. */
export interface Column {
  readonly path: string
  readonly title?: string
  /** For `table` and `wide`; other formats have the bare value. */
  readonly show?: (value: unknown, row: Row) => string
  /** The value itself, where it is not simply at the path. */
  readonly value?: (row: Row) => unknown
}

/** What a kind of rows looks like when nobody asks for columns; a string is a column without more to say. */
export interface Shape {
  readonly columns: readonly (string | Column)[]
  /** What `wide` adds. */
  readonly wide?: readonly (string | Column)[]
  /** What `name` prints; default: `name`. */
  readonly name?: string
}

/** How to print. */
export interface Style {
  readonly format: OutputFormat
  readonly columns?: readonly string[] | undefined
  readonly sort?: string | undefined
  readonly filter?: string | undefined
  readonly headers: boolean
  readonly colour: boolean
  /** Characters of a line; undefined cuts nothing. */
  readonly width?: number | undefined
}

/** Rows as text, after filter and sort. */
export async function printRows(all: readonly Row[], shape: Shape, style: Style): Promise<string> {
  const wanted = style.filter === undefined ? all : filtered(all, style.filter)
  const rows = style.sort === undefined ? wanted : sorted(wanted, style.sort)
  const { format, columns: asked } = style
  const data = (): readonly Row[] => (asked ? rows.map((row) => picked(row, asked)) : rows)
  switch (format) {
    case 'json':
      return `${JSON.stringify(data(), null, 2)}\n`
    case 'ndjson':
      return data()
        .map((row) => `${JSON.stringify(row)}\n`)
        .join('')
    case 'yaml':
      return yaml(data())
    case 'name':
      return rows.map((row) => `${textOf(valueAt(row, shape.name ?? 'name'))}\n`).join('')
    default:
      return cells(rows, columnsOf(shape, style), style)
  }
}

/** One object as text: for people a line for each of its values. */
export async function printObject(object: Row, shape: Shape, style: Style): Promise<string> {
  const { format, columns: asked } = style
  const data = asked ? picked(object, asked) : object
  switch (format) {
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`
    case 'ndjson':
      return `${JSON.stringify(data)}\n`
    case 'yaml':
      return yaml(data)
    case 'name':
      return `${textOf(valueAt(object, shape.name ?? 'name'))}\n`
    default: {
      const paths = asked ?? leaves(object)
      const pairs = paths.map((path) => ({ key: path, value: valueAt(object, path) }))
      return cells(pairs, [{ path: 'key' }, { path: 'value' }], { ...style, headers: false })
    }
  }
}

function columnsOf(shape: Shape, { format, columns: asked }: Style): readonly Column[] {
  const known = [...shape.columns, ...(shape.wide ?? [])].map(columnOf)
  if (asked) return asked.map((path) => known.find((column) => column.path === path) ?? { path })
  return (format === 'wide' ? known : shape.columns.map(columnOf)) as readonly Column[]
}

function columnOf(column: string | Column): Column {
  return typeof column === 'string' ? { path: column } : column
}

async function cells(rows: readonly Row[], columns: readonly Column[], style: Style): Promise<string> {
  const forPeople = style.format === 'table' || style.format === 'wide'
  const head = columns.map(({ path, title }) => (forPeople ? (title ?? path) : path))
  const lines = rows.map((row) =>
    columns.map(({ path, show, value }) => {
      const bare = value ? value(row) : valueAt(row, path)
      return forPeople && show ? show(bare, row) : textOf(bare)
    }),
  )
  if (!forPeople) {
    const all = style.headers ? [head, ...lines] : lines
    return style.format === 'csv' ? csv(all) : tsv(all)
  }
  const { table } = await import('./table.ts')
  const colours: Colours = coloursFor(style.colour)
  const width = style.format === 'wide' ? undefined : style.width
  if (lines.length === 0 && !style.headers) return ''
  return table(style.headers ? head : undefined, lines, { colours, width })
}

/** Paths that end in a value of one line: what can stand beside a key. */
function leaves(object: Row): readonly string[] {
  return pathsOf([object]).filter((path) => {
    const value = valueAt(object, path)
    return typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0
  })
}

async function yaml(data: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(data)
}
