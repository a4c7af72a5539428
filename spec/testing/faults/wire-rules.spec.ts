// Rules about what goes over the wire.

import { isMeant, type WireRule, WireRules } from '../../../src/testing/faults/wire-rules.ts'

const wire = { vhost: 'v', user: 'u', connection: 3 }
const rule = (changed: Partial<WireRule>): WireRule => {
  return { where: {}, direction: 'in', method: 'basic.publish', times: 1, skip: 0, what: 'lost', ...changed }
}

describe('wire rules', () => {
  it.each([
    [{}, true],
    [{ vhost: 'v', user: 'u', connection: 3 }, true],
    [{ vhost: 'w' }, false],
    [{ user: 'w' }, false],
    [{ connection: 4 }, false],
  ])('mean with %j: %j', (where, meant) => {
    expect(isMeant(where, wire)).toBe(meant)
    expect(isMeant(where, { vhost: null, user: null, connection: null })).toBe(Object.keys(where).length === 0)
  })

  it('hold after so many, so often, for one method and direction', () => {
    const rules = new WireRules()
    rules.add(rule({ skip: 1, times: 2 }))
    expect(rules.judge(wire, 'out', 'basic.publish').verdict).toBe('passes')
    expect(rules.judge(wire, 'in', 'basic.ack').verdict).toBe('passes')
    const verdicts = Array.from({ length: 4 }, () => rules.judge(wire, 'in', 'basic.publish').verdict)
    expect(verdicts).toEqual(['passes', 'lost', 'lost', 'passes'])
  })

  it('count on each connection by itself', () => {
    const rules = new WireRules()
    rules.add(rule({ skip: 2, what: { drop: 'fin' } }))
    const other = { ...wire, connection: 4 }
    const drops = [wire, other, wire, other, wire, wire].map((each) => rules.judge(each, 'in', 'basic.publish').drop)
    expect(drops).toEqual([null, null, null, null, 'fin', null])
  })

  it('are told when they are spent', () => {
    const rules = new WireRules()
    let spent = 0
    rules.add(rule({ times: 2, spent: () => void spent++ }))
    const counts = [1, 2, 3].map(() => {
      rules.judge(wire, 'in', 'basic.publish')
      return spent
    })
    expect(counts).toEqual([0, 1, 1])
  })

  it('say of a connection that it is to be cut, and when a frame is late', () => {
    const rules = new WireRules()
    const drop = rule({ what: { drop: 'rst' } })
    rules.add(drop)
    rules.add(rule({ what: { delayMs: 5 } }))
    expect(rules.judge(wire, 'in', 'basic.publish')).toEqual({ verdict: { delayMs: 5 }, drop: 'rst' })
    expect(rules.judge(wire, 'in', 'basic.publish')).toEqual({ verdict: 'passes', drop: null })
    rules.remove(drop)
  })
})
