// Columns of rows: `message_stats.publish_details.rate` is a path into a JSON object. Knows no format.

/** A row that columns are taken from: a JSON object of the API. */
export type Row = Readonly<Record<string, unknown>>

/**
 * What a path leads to; undefined where it leads nowhere. A key that has dots itself (`x.y` in arguments) is found when it
 * stands at the end of the path.
 */
export function valueAt(row: unknown, path: string): unknown {
  if (typeof row !== 'object' || row === null) return undefined
  if (Object.hasOwn(row, path)) return (row as Row)[path]
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot)
    if (!Object.hasOwn(row, head)) continue
    const value = valueAt((row as Row)[head], path.slice(dot + 1))
    if (value !== undefined) return value
  }
  return undefined
}

/** The row with only these columns, nested as they were. */
export function picked(row: Row, paths: readonly string[]): Row {
  const result: Record<string, unknown> = {}
  for (const path of paths) put(result, row, path)
  return result
}

function put(into: Record<string, unknown>, row: Row, path: string): void {
  const dot = path.indexOf('.')
  const head = dot === -1 ? path : path.slice(0, dot)
  const inner = row[head]
  if (dot === -1 || Object.hasOwn(row, path) || typeof inner !== 'object' || inner === null) {
    into[path] = valueAt(row, path) ?? null
    return
  }
  const nested = into[head]
  const target = typeof nested === 'object' && nested !== null ? (nested as Record<string, unknown>) : {}
  into[head] = target
  put(target, inner as Row, path.slice(dot + 1))
}

/** Every path of these rows that leads to something: what can be a column. */
export function pathsOf(rows: readonly Row[]): readonly string[] {
  const found = new Set<string>()
  for (const row of rows) collect(row, '', found)
  return [...found]
}

function collect(row: Row, prefix: string, found: Set<string>): void {
  for (const [key, value] of Object.entries(row)) {
    const path = `${prefix}${key}`
    found.add(path)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) collect(value as Row, `${path}.`, found)
  }
}

/** A value in one line of text: strings as they are, nothing as nothing, what has parts as JSON. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'object') {
    const empty = Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0
    return empty ? '' : JSON.stringify(value)
  }
  return String(value)
}
