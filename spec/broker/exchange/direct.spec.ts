// The direct exchange: the shared table, and random lives of bindings.

import fc from 'fast-check'
import { agreesWithTheTable, bindingOf, exchangeOf, forgetsWhatWasRemoved, matched } from './table.ts'

describe('the direct exchange', () => {
  agreesWithTheTable('direct')

  const key = fc.constantFrom('', 'a', 'b', 'a.b', 'A')
  forgetsWhatWasRemoved(
    'direct',
    fc.record({ to: fc.nat(2), key, arguments: fc.constant(new Map()) }),
    fc.record({ key, headers: fc.constant(new Map()) }),
  )

  it('sends to everything that is bound by the key, and to each once', () => {
    const from = exchangeOf('direct')
    const [one, two, three] = ['one', 'two', 'three'].map((name) => exchangeOf('fanout', name))
    for (const to of [one, two]) from.add(bindingOf(from, to!, 'k'))
    from.add(bindingOf(from, one!, 'k', new Map([['a', { tag: 'V', value: null }]])))
    from.add(bindingOf(from, three!, 'other'))
    expect([...matched(from, 'k')]).toEqual([one, two])
  })
})
