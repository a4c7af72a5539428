// The modulus-hash exchange: what all that choose one have in common, and by what it chooses.

import { bindingOf, choosesOne, exchangeOf, matched, messageOf } from './table.ts'

describe('the x-modulus-hash exchange', () => {
  choosesOne('x-modulus-hash')

  const from = exchangeOf('x-modulus-hash')
  for (const [index, name] of ['one', 'two', 'three'].entries()) {
    from.add(bindingOf(from, exchangeOf('fanout', name), name, new Map(), index))
  }

  it('goes by the key, always to the same place', () => {
    expect(from.matcher.byKeyOnly).toBe(true)
    const found = () => Array.from({ length: 20 }, (_, i) => [...matched(from, `${i}`)])
    expect(found()).toEqual(found())
  })

  it('goes by all keys together, to one place', () => {
    const found = new Set<unknown>()
    const places = Array.from({ length: 50 }, (_, i) => {
      const destinations = new Set<never>()
      from.matcher.match(['key', `copy ${i}`], messageOf('key', new Map()), destinations)
      for (const to of destinations) found.add(to)
      return destinations.size
    })
    expect(new Set(places)).toEqual(new Set([1]))
    expect(found.size).toBe(3)
  })

  it('counts bindings, whatever they lead to', () => {
    const twice = exchangeOf('x-modulus-hash')
    const [often, seldom] = [exchangeOf('fanout', 'often'), exchangeOf('fanout', 'seldom')]
    for (const key of ['a', 'b', 'c']) twice.add(bindingOf(twice, often, key))
    twice.add(bindingOf(twice, seldom, 'a'))
    const found = Array.from({ length: 4000 }, (_, i) => [...matched(twice, `${i}`)][0])
    expect(Math.abs(found.filter((to) => to === seldom).length - 1000)).toBeLessThan(100)
  })
})
