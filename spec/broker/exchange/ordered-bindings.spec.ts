// Bindings by the order in which they were made, whatever the order in which they are reported.

import { OrderedBindings } from '../../../src/broker/exchange/ordered-bindings.ts'
import { bindingOf, exchangeOf } from './table.ts'

describe('ordered bindings', () => {
  const from = exchangeOf('x-random')
  const made = [1, 2, 3, 4].map((rev) => bindingOf(from, exchangeOf('fanout'), `${rev}`, new Map(), rev))
  const revs = ({ list }: OrderedBindings) => list.map(({ rev }) => rev)

  it('are in order of their revisions', () => {
    const bindings = new OrderedBindings()
    for (const index of [2, 0, 3, 1]) bindings.add(made[index]!)
    expect(revs(bindings)).toEqual([1, 2, 3, 4])
  })

  it('are there once, and gone when they are removed', () => {
    const bindings = new OrderedBindings()
    for (const binding of [...made, ...made]) bindings.add(binding)
    bindings.remove(made[1]!)
    bindings.remove(made[1]!)
    expect(revs(bindings)).toEqual([1, 3, 4])
  })
})
