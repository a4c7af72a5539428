// Rules about publishes that go wrong.

import { PublishRule } from '../../../src/testing/faults/publish-rules.ts'

const publish = { vhost: 'v', exchange: 'e', routingKey: 'k', queues: ['q'] }

describe('a publish rule', () => {
  it.each([
    [{}, true],
    [{ vhost: 'v', exchange: 'e', key: /^k/, queue: 'q' }, true],
    [{ vhost: 'w' }, false],
    [{ exchange: 'f' }, false],
    [{ key: 'l' }, false],
    [{ queue: /^r/ }, false],
  ])('with %j takes it: %j', (fault, takes) => {
    expect(new PublishRule('refused', fault).takes(publish)).toBe(takes)
  })

  it('takes the next few', () => {
    const rule = new PublishRule('refused', { next: 2 })
    expect([1, 2, 3].map(() => rule.takes(publish))).toEqual([true, true, false])
  })

  it('says when it has taken all', () => {
    let spent = 0
    const rule = new PublishRule('refused', { next: 2 }, () => void spent++)
    rule.takes(publish)
    expect(spent).toBe(0)
    rule.takes(publish)
    rule.takes(publish)
    expect(spent).toBe(1)
  })

  it('takes some by chance, the same ones for the same seed', () => {
    const taken = (seed: number) => {
      const rule = new PublishRule('unconfirmed', { probability: 0.3, seed })
      return Array.from({ length: 1000 }, () => rule.takes(publish))
    }
    expect(taken(7)).toEqual(taken(7))
    const count = taken(7).filter(Boolean).length
    expect(count).toBeGreaterThan(250)
    expect(count).toBeLessThan(350)
  })

  it('refuses what makes no sense', () => {
    expect(() => new PublishRule('refused', { probability: 2 })).toThrow('expected a number from 0 to 1')
    expect(() => new PublishRule('refused', { next: 0 })).toThrow('expected a number of publishes from 1 on')
    expect(() => new PublishRule('refused', { queues: 'q' } as never)).toThrow("did you mean 'queue'?")
    expect(() => new PublishRule('refused', { queue: 5 } as never)).toThrow('queue of a fault is 5, expected a text')
  })
})
