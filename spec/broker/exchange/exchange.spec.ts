// What all exchanges have in common: their bindings by key, their types, and where messages go on to.

import { checkBindingArguments, isExchangeType } from '../../../src/broker/exchange/exchange.ts'
import { bindingOf, exchangeOf, matched, tableOf } from './table.ts'

describe('an exchange', () => {
  it('is one of four types, spelt as they are (§5.2)', () => {
    const words = ['direct', 'fanout', 'topic', 'headers', 'Direct', 'x-random', '', 'toString', '__proto__']
    expect(words.filter(isExchangeType)).toEqual(['direct', 'fanout', 'topic', 'headers'])
  })

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

  it('lets only headers exchanges look at the arguments of a binding (§5.6)', () => {
    const args = tableOf({ 'x-match': 'nonsense' })
    for (const type of ['direct', 'fanout', 'topic'] as const) checkBindingArguments(type, args)
    expect(() => checkBindingArguments('headers', args)).toThrow('Invalid x-match field value')
  })
})
