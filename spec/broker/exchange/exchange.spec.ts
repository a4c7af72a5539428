// What all exchanges have in common: their bindings by key, and where messages go on to.

import { bindingOf, exchangeOf, matched } from './table.ts'

describe('an exchange', () => {
  it('knows its bindings by their keys, and takes out no other', () => {
    const from = exchangeOf('fanout')
    const [one, two] = [exchangeOf('fanout', 'one'), exchangeOf('fanout', 'two')]
    const binding = bindingOf(from, one, 'k')
    from.add(binding)
    from.remove(bindingOf(from, two, 'k'))
    expect([...from.bindings.values()]).toEqual([binding])
    expect([...matched(from, '')]).toEqual([one])
    from.remove(binding)
    from.remove(binding)
    expect(from.bindings.size).toBe(0)
    expect([...matched(from, '')]).toEqual([])
  })

  it.each([
    [{ 'alternate-exchange': 'ae' }, 'ae'],
    [{ 'alternate-exchange': '' }, ''],
    [{}, null],
    [{ 'Alternate-Exchange': 'ae' }, null],
  ])('takes its alternate exchange from its arguments: %j (§5.5)', (args, alternate) => {
    expect(exchangeOf('direct', 'x', args).alternate).toBe(alternate)
  })
})
