// The fanout exchange: the shared table, and random lives of bindings.

import fc from 'fast-check'
import { agreesWithTheTable, bindingOf, exchangeOf, forgetsWhatWasRemoved, matched } from './table.ts'

describe('the fanout exchange', () => {
  agreesWithTheTable('fanout')

  const key = fc.constantFrom('', 'a', 'b')
  forgetsWhatWasRemoved(
    'fanout',
    fc.record({ to: fc.nat(2), key, arguments: fc.constant(new Map()) }),
    fc.record({ key, headers: fc.constant(new Map()) }),
  )

  it('sends to everything that is bound, and to each once', () => {
    const from = exchangeOf('fanout')
    const [one, two] = ['one', 'two'].map((name) => exchangeOf('fanout', name))
    for (const key of ['a', 'b']) from.add(bindingOf(from, one!, key))
    from.add(bindingOf(from, two!, 'c'))
    expect([...matched(from, 'x')]).toEqual([one, two])
  })
})
