// Lists: order, pages, filters and columns, as RabbitMQ's API gives them.

import { HttpError } from '../../src/management/errors.ts'
import { type ListQuery, listOf, listOfLater, plainList, withColumns } from '../../src/management/listing.ts'

const things = [
  { name: 'b', vhost: '/', messages: 3, stats: { rate: 1.5 }, policy: null },
  { name: 'a', vhost: 'v', messages: 1, stats: { rate: 9 }, policy: 'p' },
  { name: 'C', vhost: '/', messages: 20, policy: null },
]
const names = (query: ListQuery) => (plainList(query, things) as { name: string }[]).map(({ name }) => name)

describe('a plain list', () => {
  it.each<[ListQuery, readonly string[]]>([
    [{}, ['C', 'b', 'a']],
    [{ sort: 'name' }, ['C', 'a', 'b']],
    [{ sort: 'name', sort_reverse: 'true' }, ['b', 'a', 'C']],
    [{ sort: 'messages' }, ['a', 'b', 'C']],
    [{ sort: 'messages', sort_reverse: 'false' }, ['a', 'b', 'C']],
    // What is not there comes first.
    [{ sort: 'stats.rate' }, ['C', 'b', 'a']],
    // Words of the language come before texts; what is equal is in the order of vhosts and names.
    [{ sort: 'policy' }, ['C', 'b', 'a']],
    [{ sort: 'stats' }, ['C', 'b', 'a']],
    [{ sort: '' }, ['b', 'a', 'C']],
    // Filters are for pages.
    [{ name: 'a' }, ['C', 'b', 'a']],
    [{ pagination: 'true', page_size: '1' }, ['C', 'b', 'a']],
  ])('by %j', (query, expected) => {
    expect(names(query)).toEqual(expected)
  })

  it('shows no more columns than were asked for', () => {
    expect(plainList({ columns: 'name,stats.rate,none' }, things)).toEqual([
      { name: 'C' },
      { name: 'b', stats: { rate: 1.5 } },
      { name: 'a', stats: { rate: 9 } },
    ])
  })
})

describe('a page', () => {
  it('says how many there are', () => {
    expect(plainList({ page: '2', page_size: '2', columns: 'name' }, things)).toEqual({
      filtered_count: 3,
      item_count: 1,
      items: [{ name: 'a' }],
      page: 2,
      page_count: 2,
      page_size: 2,
      total_count: 3,
    })
  })

  it.each<[ListQuery, readonly string[]]>([
    [{ name: 'A' }, ['a']],
    [{ name: '^[ab]$', use_regex: 'true' }, ['b', 'a']],
    [{ name: '^[AB]$', use_regex: 'true', pagination: 'false' }, ['b', 'a']],
    [{ name: '^[ab]$', use_regex: 'false' }, []],
    [{ name: '' }, ['C', 'b', 'a']],
    [{ sort: 'messages', page_size: '2' }, ['a', 'b']],
    [{ sort: '' }, ['C', 'b', 'a']],
  ])('filters and sorts by %j', (query, expected) => {
    const { items } = plainList({ page: '1', ...query }, things) as unknown as {
      readonly items: { readonly name: string }[]
    }
    expect(items.map(({ name }) => name)).toEqual(expected)
  })

  it('makes views of what is on it alone', () => {
    const view = jest.fn((source: { readonly name: string }) => source)
    listOf({ page: '1', page_size: '1' }, { sources: things, view, brief: ({ name }) => ({ name }) })
    expect(view).toHaveBeenCalledTimes(1)
  })

  it('is empty just behind the last one', () => {
    expect(plainList({ page: '2', page_size: '3' }, things)).toMatchObject({ items: [], page_count: 1 })
    expect(plainList({ page: '1' }, [])).toMatchObject({ items: [], page_count: 0, total_count: 0 })
  })

  it.each<[ListQuery, string, string]>([
    [{ page: '3', page_size: '2' }, 'page_out_of_range', 'Page out of range, page: 3 page size: 2, len: 3'],
    [{ page: '0' }, 'invalid_pagination_parameters', 'Invalid pagination parameters: page number 0, page size 100'],
    [
      { page: '1', page_size: '501' },
      'invalid_pagination_parameters',
      'Invalid pagination parameters: page number 1, page size 501',
    ],
    [{ page: 'x' }, 'bad_request', "Pagination parameters are invalid: expected a number, got 'x'"],
    [{ page: '1', page_size: '' }, 'bad_request', "Pagination parameters are invalid: expected a number, got ''"],
    [{ page: '1', name: '(', use_regex: 'true' }, 'bad_request', expect.stringMatching(/not a regular expression/)],
  ])('cannot be %j', (query, error, reason) => {
    expect(() => plainList(query, things)).toThrow(HttpError)
    try {
      plainList(query, things)
    } catch (thrown) {
      expect(thrown).toMatchObject({ status: 400, error, reason })
    }
  })
})

describe('a list whose objects take their time', () => {
  const later = async (query: ListQuery) => {
    const view = jest.fn(async (source: object) => source)
    const turn = () => Promise.resolve()
    const brief = ({ name, vhost }: (typeof things)[number]) => ({ name, vhost })
    const list = await listOfLater(query, { sources: things, view, brief, turn })
    return { list, views: view.mock.calls.length }
  }

  it.each<[ListQuery]>([
    [{}],
    [{ sort: 'messages', sort_reverse: 'true', columns: 'name' }],
    [{ page: '1', page_size: '2', columns: 'name,stats.rate' }],
    [{ page: '1', name: 'a', sort: 'stats.rate' }],
  ])('is as any other, by %j', async (query) => {
    expect((await later(query)).list).toEqual(plainList(query, things))
  })

  it('shows no more than it has to', async () => {
    expect((await later({ page: '1', page_size: '1' })).views).toBe(1)
    expect((await later({ page: '1', page_size: '1', sort: 'messages' })).views).toBe(3)
  })

  it.each<[ListQuery]>([[{}], [{ sort: 'size' }]])('leaves turns of the loop to others, by %j', async (query) => {
    const many = Array.from({ length: 120 }, (_, index) => ({ name: `${1000 + index}`, vhost: '/', size: index }))
    const views = [0]
    const turn = async () => void views.push(0)
    const view = (source: object) => {
      views.push((views.pop() ?? 0) + 1)
      return source
    }
    const list = await listOfLater(query, { sources: many, view, brief: ({ name, vhost }) => ({ name, vhost }), turn })
    expect(list).toEqual(many)
    expect(views).toEqual([50, 50, 20])
  })
})

describe('columns of one object', () => {
  const object = { a: 1, b: { c: 2, d: [{ e: 3, f: 4 }] }, g: null }

  it.each([
    [undefined, object],
    ['a,g', { a: 1, g: null }],
    ['b', { b: object.b }],
    ['b.d.e', { b: { d: [{ e: 3 }] } }],
    ['b,b.c', { b: object.b }],
    ['b.c,b', { b: object.b }],
    ['a.x', { a: 1 }],
    ['', {}],
    [',.,', {}],
    ['toString', {}],
  ])('%s', (columns, expected) => {
    expect(withColumns(columns === undefined ? {} : { columns }, object)).toEqual(expected)
  })
})
