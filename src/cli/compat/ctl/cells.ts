// How rabbitmqctl writes a value into a cell: strings bare, lists of tags in brackets, tables of arguments as Erlang
// writes them. Values are JSON as the HTTP API answers; the Erlang type of an argument is gone by then and is guessed.

/** A value as the table and csv formatters write it. */
export function plainCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return `[${value.map(listed).join(', ')}]`
  if (typeof value === 'object') return tuples(value, nested, ',')
  return String(value)
}

/** A value as the pretty_table formatter writes it: lists without anything between. */
export function prettyCell(value: unknown): string {
  if (Array.isArray(value)) return value.map(listed).join('')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => typed(key, inner))
      .join('')
  }
  return expanded(plainCell(value))
}

/** Tabs would tear a drawn table. */
function expanded(text: string): string {
  const [first = '', ...rest] = text.split('\t')
  return rest.reduce((line, piece) => line.padEnd(Math.floor(line.length / 8 + 1) * 8) + piece, first)
}

/** A value as an Erlang term. Words that are atoms there (tags, states) cannot be told from strings and are strings. */
export function erlangTerm(value: unknown): string {
  if (value === undefined || value === null) return '[]'
  if (Array.isArray(value)) return `[${value.map(erlangTerm).join(',')}]`
  if (typeof value === 'object') {
    return `[${Object.entries(value)
      .map(([key, inner]) => typed(key, inner))
      .join(',')}]`
  }
  return typeof value === 'string' ? binary(value) : String(value)
}

function listed(value: unknown): string {
  return typeof value === 'object' && value !== null ? nested(value) : String(value)
}

function nested(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(nested).join(',')}]`
  if (typeof value === 'object' && value !== null) return tuples(value, nested, ',')
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function tuples(table: object, inner: (value: unknown) => string, between: string): string {
  const pairs = Object.entries(table).map(([key, value]) => `{${JSON.stringify(key)},${inner(value)}}`)
  return `[${pairs.join(between)}]`
}

function typed(key: string, value: unknown): string {
  return `{${binary(key)},${typeOf(value)},${erlangTerm(value)}}`
}

function typeOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double'
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'object' ? 'table' : 'longstr'
}

function binary(text: string): string {
  return `<<${JSON.stringify(text)}>>`
}
