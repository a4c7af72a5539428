// The topic exchange: the shared table, random patterns against a naive matcher, and what a match costs, counted in
// look-ups of the trie rather than in time.

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { cases } from '../../support/arbitraries.ts'
import { agreesWithTheTable, bindingOf, exchangeOf, forgetsWhatWasRemoved, matched } from './table.ts'

const words = fc.constantFrom('a', 'b', '', 'ab', '*', '#', '**')
const key = fc.array(words, { maxLength: 5 }).map((words) => words.join('.'))
const patterns = fc.array(fc.oneof(words, fc.constantFrom('*', '#')), { maxLength: 5 }).map((words) => words.join('.'))

/** Whether a pattern matches, straight from the words of §5.7. */
function naiveMatch(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return words.length === 0
  if (first === '#') return naiveMatch(rest, words) || (words.length > 0 && naiveMatch(pattern, words.slice(1)))
  return words.length > 0 && (first === '*' || first === words[0]) && naiveMatch(rest, words.slice(1))
}

function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.')
}

/** How often maps are asked while `run` runs. */
function lookUps(run: () => void): number {
  const get = jest.spyOn(Map.prototype, 'get')
  run()
  const count = get.mock.calls.length
  get.mockRestore()
  return count
}

/** Entries that maps hold more after `run` than before. */
function entriesAdded(run: () => void): number {
  let added = 0
  const { set, delete: remove } = Map.prototype
  const spies = [
    jest.spyOn(Map.prototype, 'set').mockImplementation(function (this: Map<unknown, unknown>, key, value) {
      if (!this.has(key)) added += 1
      return set.call(this, key, value)
    }),
    jest.spyOn(Map.prototype, 'delete').mockImplementation(function (this: Map<unknown, unknown>, key) {
      const removed = remove.call(this, key)
      if (removed) added -= 1
      return removed
    }),
  ]
  run()
  for (const spy of spies) spy.mockRestore()
  return added
}

describe('the topic exchange', () => {
  agreesWithTheTable('topic')

  forgetsWhatWasRemoved(
    'topic',
    fc.record({ to: fc.nat(2), key: patterns, arguments: fc.constant(new Map()) }),
    fc.record({ key, headers: fc.constant(new Map()) }),
  )

  it('matches what the words of the specification match', () => {
    let hits = 0
    fc.assert(
      fc.property(fc.array(patterns, { minLength: 1, maxLength: 12 }), key, (bound, sent) => {
        const from = exchangeOf('topic')
        const destinations = bound.map((pattern, i) => exchangeOf('fanout', `${i} ${pattern}`))
        bound.forEach((pattern, i) => {
          from.add(bindingOf(from, destinations[i]!, pattern))
        })
        const expected = destinations.filter((_, i) => naiveMatch(wordsOf(bound[i]!), wordsOf(sent)))
        hits += expected.length
        return isDeepStrictEqual(matched(from, sent), new Set(expected))
      }),
      cases(2000),
    )
    expect(hits).toBeGreaterThan(2000)
  })

  it('keeps nothing of bindings that were removed, in whatever order', () => {
    const entries = fc.array(fc.tuple(patterns, fc.nat(1000)), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(entries, (bound) => {
        const { matcher } = exchangeOf('topic')
        const owner = exchangeOf('topic')
        const bindings = bound.map(([pattern], i) => bindingOf(owner, exchangeOf('fanout', `${i}`), pattern))
        const order = bindings.map((_, i) => i).sort((a, b) => bound[a]![1] - bound[b]![1])
        const added = entriesAdded(() => {
          for (const binding of bindings) matcher.add(binding)
        })
        const left = entriesAdded(() => {
          for (const i of order) matcher.remove(bindings[i]!)
        })
        expect(added + left).toBe(0)
      }),
      cases(300),
    )
  })

  it('takes no notice of removing what was never there', () => {
    const from = exchangeOf('topic')
    const to = exchangeOf('fanout', 'to')
    from.add(bindingOf(from, to, 'a.b'))
    for (const pattern of ['a', 'a.b.c', 'x.y', '']) from.matcher.remove(bindingOf(from, to, pattern))
    expect([...matched(from, 'a.b')]).toEqual([to])
  })

  it('costs a match no more where many others are bound', () => {
    const to = exchangeOf('fanout', 'to')
    const costOf = (count: number): number => {
      const from = exchangeOf('topic')
      for (let i = 0; i < count; i += 1) {
        for (const pattern of [`w${i}.x.y`, `*.w${i}.y`, `#.w${i}`, `w${i}.#`]) from.add(bindingOf(from, to, pattern))
      }
      const keys = ['w1.x.y', 'a.b.c', 'a.w2.y', 'a.b.w3', '']
      return lookUps(() => {
        for (const key of keys) matched(from, key)
      })
    }
    expect(costOf(2000)).toBe(costOf(5))
  })

  it('costs a key of many words no more than words times nodes times words, however many # it meets', () => {
    const from = exchangeOf('topic')
    const to = exchangeOf('fanout', 'to')
    const nodes = 60
    from.add(bindingOf(from, to, `${'#.'.repeat(nodes)}end`))
    const sent = Array.from({ length: 120 }, () => 'a').join('.')
    expect(lookUps(() => expect([...matched(from, sent)]).toEqual([]))).toBeLessThan(3 * nodes * 121)
  })
})
