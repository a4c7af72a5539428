// Lists as RabbitMQ's API gives them: sorted, filtered by name, by page, and with no more columns than were asked for
// (ecosystem.md §2.2). Knows objects with names; not what they are.

import { type Static, Type } from '@fastify/type-provider-typebox'
import { PatternError } from '../broker/access/pattern.ts'
import { boundedPattern } from './bounded-pattern.ts'
import { badRequest, HttpError } from './errors.ts'

/** What a query may say of any answer. */
export const columnsQuery = Type.Object({
  columns: Type.Optional(
    Type.String({ description: 'Fields to answer with, commas between them, dots into what they hold' }),
  ),
})

/** What a query may say of a list. */
export const listQuery = Type.Object({
  ...columnsQuery.properties,
  sort: Type.Optional(Type.String({ description: 'The field to sort by, dots into what it holds; empty: unsorted' })),
  sort_reverse: Type.Optional(Type.String({ description: 'true: the last comes first' })),
})

/** What a query may say of a list that is given by pages where a page is asked for. */
export const pagedQuery = Type.Object({
  ...listQuery.properties,
  page: Type.Optional(Type.String({ description: 'A page, from 1 on; without it the answer is a plain list' })),
  page_size: Type.Optional(Type.String({ description: 'Objects on a page, 1 to 500; 100 where it is not said' })),
  name: Type.Optional(Type.String({ description: 'With page: only what has this in its name' })),
  use_regex: Type.Optional(Type.String({ description: 'true: name is a regular expression' })),
  pagination: Type.Optional(Type.String({ description: 'Has no effect; page alone decides' })),
})

/** A query of any list. */
export type ListQuery = Static<typeof pagedQuery>

/** A page of a list. */
export interface Page {
  readonly filtered_count: number
  readonly item_count: number
  readonly items: readonly unknown[]
  readonly page: number
  readonly page_count: number
  readonly page_size: number
  readonly total_count: number
}

/** What is known of an object without showing it. */
export interface Brief {
  readonly name: string
  readonly [field: string]: string
}

type Fields = { readonly [name: string]: unknown }

/** How the objects of a list are shown, and what they are known by without being shown. */
export interface Listing<T> {
  readonly sources: Iterable<T>
  readonly view: (source: T) => object
  /** What is cheap to know: enough to sort and to filter where the query asks for nothing else. */
  readonly brief: (source: T) => Brief
  /** What it is sorted by where the query says nothing: fields of the brief. vhost and name where it is not said. */
  readonly sorts?: readonly string[]
}

const PAGE_SIZE = 100
const LARGEST_PAGE = 500
const DEFAULT_SORTS = ['vhost', 'name']

/** The list that `query` asks for: all of it, or a page where it names one. Throws `HttpError` 400. */
export function listOf<T>(
  query: ListQuery,
  { sources, view, brief, sorts = DEFAULT_SORTS }: Listing<T>,
): readonly unknown[] | Page {
  const wanted = pageOf(query)
  const columns = columnsOf(query.columns)
  const show = (source: T): unknown => narrowed(view(source), columns)
  const sorted = sort([...sources], query, { view, brief, sorts })
  if (!wanted) return sorted.map(show)
  const { page, pageSize } = wanted
  const matches = nameFilter(query)
  const filtered = sorted.filter((source) => matches(brief(source).name))
  const start = (page - 1) * pageSize
  if (start > filtered.length) {
    const where = `page: ${page} page size: ${pageSize}, len: ${filtered.length}`
    throw new HttpError(400, 'page_out_of_range', `Page out of range, ${where}`)
  }
  const items = filtered.slice(start, start + pageSize).map(show)
  return {
    filtered_count: filtered.length,
    item_count: items.length,
    items,
    page,
    page_count: Math.ceil(filtered.length / pageSize),
    page_size: pageSize,
    total_count: sorted.length,
  }
}

/** A listing whose objects take their time to be shown. */
export interface SlowListing<T> extends Omit<Listing<T>, 'view'> {
  readonly view: (source: T) => object | Promise<object>
  /** Lets others have their turn of the loop. */
  readonly turn: () => Promise<void>
}

/** Objects that are shown in one turn of the loop. */
const OBJECTS_PER_TURN = 50

/** The same, some objects in each turn of the loop. No more are shown than the query needs. */
export async function listOfLater<T>(
  query: ListQuery,
  { view, turn, ...listing }: SlowListing<T>,
): Promise<readonly unknown[] | Page> {
  const { sources, brief, sorts = DEFAULT_SORTS } = listing
  if (query.sort && !sorts.includes(query.sort)) {
    const shown = await inTurns([...sources], turn, async (source) => ({ source, shown: await view(source) }))
    return listOf(query, { sources: shown, view: (each) => each.shown, brief: ({ source }) => brief(source), sorts })
  }
  const { columns, ...others } = query
  const chosen = listOf(others, { ...listing, view: (source) => ({ source }) })
  const page = 'items' in chosen ? chosen : undefined
  const wanted = columnsOf(columns)
  const items = await inTurns(page?.items ?? (chosen as readonly unknown[]), turn, async (each) =>
    narrowed(await view((each as { readonly source: T }).source), wanted),
  )
  return page ? { ...page, items } : items
}

async function inTurns<T, S>(
  all: readonly T[],
  turn: () => Promise<void>,
  show: (each: T) => Promise<S>,
): Promise<S[]> {
  const shown: S[] = []
  for (let from = 0; from < all.length; from += OBJECTS_PER_TURN) {
    if (from > 0) await turn()
    shown.push(...(await Promise.all(all.slice(from, from + OBJECTS_PER_TURN).map(show))))
  }
  return shown
}

/** A list of objects that are made already. */
export function plainList(query: ListQuery, objects: readonly object[]): readonly unknown[] | Page {
  const text = (object: object, field: string): string => String((object as Fields)[field] ?? '')
  return listOf(query, {
    sources: objects,
    view: (object) => object,
    brief: (object) => ({ name: text(object, 'name'), vhost: text(object, 'vhost') }),
  })
}

/** `object` with the columns that `query` asks for. */
export function withColumns(query: Static<typeof columnsQuery>, object: object): unknown {
  return narrowed(object, columnsOf(query.columns))
}

// --- pages ----------------------------------------------------------------------------------------------------------

function pageOf(query: ListQuery): { readonly page: number; readonly pageSize: number } | undefined {
  if (query.page === undefined) return undefined
  const page = wholeNumber(query.page)
  const pageSize = query.page_size === undefined ? PAGE_SIZE : wholeNumber(query.page_size)
  if (page < 1 || pageSize < 1 || pageSize > LARGEST_PAGE) {
    const what = `page number ${page}, page size ${pageSize}`
    throw new HttpError(400, 'invalid_pagination_parameters', `Invalid pagination parameters: ${what}`)
  }
  return { page, pageSize }
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw badRequest(`Pagination parameters are invalid: expected a number, got '${text}'`)
  }
  return value
}

function nameFilter({ name = '', use_regex: regex }: ListQuery): (candidate: string) => boolean {
  if (name === '') return () => true
  if (regex === 'true') {
    const pattern = regularExpression(name)
    return (candidate) => pattern.matches(candidate)
  }
  const wanted = name.toLowerCase()
  return (candidate) => candidate.toLowerCase().includes(wanted)
}

function regularExpression(source: string): ReturnType<typeof boundedPattern> {
  try {
    return boundedPattern(`(?i)${source}`)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw badRequest(`name is not a regular expression: ${error.message}`)
  }
}

// --- order ----------------------------------------------------------------------------------------------------------

type Look<T> = Required<Pick<Listing<T>, 'view' | 'brief' | 'sorts'>>

function sort<T>(sources: T[], query: ListQuery, { view, brief, sorts: defaults }: Look<T>): T[] {
  if (query.sort === '' && query.page === undefined) return sources
  const sorts = query.sort ? [query.sort, ...defaults] : defaults
  const paths = sorts.map((each) => each.split('.').filter((part) => part !== ''))
  const look = query.sort && !defaults.includes(query.sort) ? view : brief
  const keyed = sources.map((source) => ({ source, keys: keysOf(look(source), paths) }))
  keyed.sort((one, other) => compareKeys(one.keys, other.keys))
  const sorted = keyed.map(({ source }) => source)
  return query.sort_reverse === 'true' ? sorted.reverse() : sorted
}

function keysOf(object: object, paths: readonly (readonly string[])[]): readonly unknown[] {
  // What is not there comes before everything else: as a number it would be nothing.
  return paths.map((path) => path.reduce<unknown>((value, part) => fieldOf(value, part), object) ?? 0)
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Fields)[name] : undefined
}

function compareKeys(one: readonly unknown[], other: readonly unknown[]): number {
  for (const [index, key] of one.entries()) {
    const order = compare(key, other[index])
    if (order !== 0) return order
  }
  return 0
}

/** Numbers come before words of the language, these before lists and objects, texts last: RabbitMQ's order of terms. */
function compare(one: unknown, other: unknown): number {
  const ranks = rank(one) - rank(other)
  if (ranks !== 0) return ranks
  if (typeof one === 'number' && typeof other === 'number') return one - other
  const [text, otherText] = [wordOf(one), wordOf(other)]
  return text === otherText ? 0 : text < otherText ? -1 : 1
}

function rank(value: unknown): number {
  if (typeof value === 'number') return 0
  if (typeof value === 'string') return 3
  return typeof value === 'object' && value !== null ? 2 : 1
}

function wordOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

// --- columns --------------------------------------------------------------------------------------------------------

/** What is wanted of an object, by field; null: all of the field. */
type Columns = ReadonlyMap<string, Columns | null>

function columnsOf(text: string | undefined): Columns | null {
  if (text === undefined) return null
  const root = new Map<string, Columns | null>()
  for (const column of text.split(',').filter((each) => each !== '')) {
    let at: Map<string, Columns | null> | null = root
    const parts = column.split('.').filter((each) => each !== '')
    for (const [index, part] of parts.entries()) {
      const last: boolean = index === parts.length - 1
      const known: Columns | null | undefined = at?.get(part)
      if (!at || known === null) break
      const next: Map<string, Columns | null> | null = last ? null : new Map(known ?? [])
      at.set(part, next)
      at = next
    }
  }
  return root
}

function narrowed(value: unknown, columns: Columns | null): unknown {
  if (columns === null || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => narrowed(each, columns))
  const wanted = Object.entries(value).filter(([name]) => columns.has(name))
  return Object.fromEntries(wanted.map(([name, each]) => [name, narrowed(each, columns.get(name) ?? null)]))
}
