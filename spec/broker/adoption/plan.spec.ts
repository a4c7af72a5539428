// Plans: what is gathered, compared and complained of.

import { invalid } from '../../../src/broker/administration-error.ts'
import { canonical, Plan } from '../../../src/broker/adoption/plan.ts'
import { entryKey } from '../../../src/broker/entries.ts'
import { preconditionFailed } from '../../../src/protocol/reply.ts'

const key = entryKey('policy', '/', 'p')
let plan: Plan

beforeEach(() => {
  plan = new Plan()
})

describe('a plan', () => {
  it('has what is new or different, and counts what is the same', () => {
    plan.put('policies[0]', key, '{"a":1,"b":2}', null)
    plan.put('policies[1]', entryKey('policy', '/', 'q'), '{"a":1}', '{"a":2}', true)
    plan.put('policies[2]', entryKey('policy', '/', 'r'), '{"a":1,"b":{"c":1,"d":[]}}', '{"b":{"d":[],"c":1},"a":1}')
    expect(plan.changes).toEqual([
      {
        place: 'policies[0]',
        key,
        kind: 'policy',
        names: ['/', 'p'],
        value: '{"a":1,"b":2}',
        before: null,
        ephemeral: false,
      },
      expect.objectContaining({ before: '{"a":2}', ephemeral: true }),
    ])
    expect([plan.unchanged, plan.refusal]).toEqual([1, null])
    expect(plan.planned(key)?.place).toBe('policies[0]')
  })

  it('takes the same twice, but not two that contradict each other', () => {
    plan.put('policies[0]', key, '{"a":1}', null)
    plan.put('policies[1]', key, '{"a":1}', null)
    expect(plan.refusal).toBeNull()
    plan.put('policies[2]', key, '{"a":2}', null)
    expect(plan.refusal?.message).toBe('policies[2]: contradicts policies[0], which says something else of the same')
    expect(plan.changes).toHaveLength(1)
  })

  it('notes what stays as it is', () => {
    plan.ignore('queues[0]', entryKey('queue', '/', 'q'), 'it is exclusive')
    expect(plan.ignored).toEqual([{ place: 'queues[0]', kind: 'queue', names: ['/', 'q'], why: 'it is exclusive' }])
  })

  it('complains by the place, of an argument by its name', () => {
    const refused = (error: Error) => () => {
      throw error
    }
    expect(plan.check('a', () => {})).toBe(true)
    expect(plan.check('policies[0]', refused(invalid('one\ntwo')))).toBe(false)
    const argument = "invalid arg 'x-message-ttl' for queue 'q' in vhost '/': {value_negative,-1}"
    expect(plan.check('queues[3]', refused(preconditionFailed(argument)))).toBe(false)
    expect(plan.refusal).toMatchObject({ kind: 'invalid' })
    expect(plan.refusal?.message.split('\n')).toEqual([
      'policies[0]: one',
      'policies[0]: two',
      `queues[3].arguments.x-message-ttl: ${argument}`,
    ])
    expect(() => plan.check('a', refused(new TypeError('a bug')))).toThrow(TypeError)
  })

  it('tells fifty complaints at once', () => {
    for (let at = 0; at < 52; at++) plan.complain(`queues[${at}]`, 'no')
    expect(plan.refusal?.message.split('\n')).toHaveLength(51)
    expect(plan.refusal?.message).toMatch(/queues\[49\]: no\nand 2 more$/)
  })
})

it('equal JSON has one canonical text', () => {
  expect(canonical({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}')
})
