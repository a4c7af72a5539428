// The grammar table. Its ids and fields are held against an official grammar by scripts/check-grammar.mjs; here stands
// what other code relies on.

import { encodeMethod } from '../../src/protocol/method-codec.ts'
import {
  BASIC_ACK,
  BASIC_DELIVER,
  BASIC_GET_OK,
  BASIC_NACK,
  BASIC_PUBLISH,
  BASIC_REJECT,
  BASIC_RETURN,
  type Method,
  type MethodName,
  type MethodOf,
  methodId,
  methodName,
  methods,
  type Rule,
} from '../../src/protocol/methods.ts'

const names = Object.keys(methods) as MethodName[]
const rules = Object.entries<Rule>(methods)

test('every method has an id of its own, which leads back to it', () => {
  expect(names).toHaveLength(66)
  expect(names.map((name) => methodName(methodId(name)))).toEqual(names)
})

test('ids that belong to no method lead to none', () => {
  expect([0, 60, 60 * 65536, 60 * 65536 + 999, -1].map(methodName)).toEqual(new Array(5).fill(undefined))
})

test('the ids of the hot methods are those of AMQP', () => {
  expect([BASIC_PUBLISH, BASIC_DELIVER, BASIC_RETURN, BASIC_GET_OK, BASIC_ACK, BASIC_NACK, BASIC_REJECT]).toEqual(
    [40, 60, 50, 71, 80, 120, 90].map((method) => 60 * 65536 + method),
  )
})

test('content follows publish, return, deliver and get-ok', () => {
  expect(rules.filter(([, rule]) => rule.content).map(([name]) => name)).toEqual([
    'basic.publish',
    'basic.return',
    'basic.deliver',
    'basic.get-ok',
  ])
})

test('what AMQP made irregular is so here', () => {
  expect(methods['exchange.unbind-ok']).toMatchObject({ class: 40, method: 51 })
  expect(Object.keys(methods['queue.unbind'].fields)).not.toContain('noWait')
  expect(methods['channel.open-ok'].fields).toEqual({ reserved1: 'longstr' })
})

test('a method narrows by its name, and reserved fields need not be given', () => {
  const messageCount = (method: Method): number | undefined => {
    switch (method.name) {
      case 'queue.declare-ok':
      case 'queue.purge-ok':
        return method.messageCount
      default:
        return undefined
    }
  }
  const purge: MethodOf<'queue.purge'> = { name: 'queue.purge', queue: 'q', noWait: false }
  // @ts-expect-error: a field is missing
  const wrong: MethodOf<'queue.purge'> = { name: 'queue.purge', queue: 'q' }
  expect(encodeMethod(purge)).toEqual(encodeMethod(wrong))
  expect(messageCount({ name: 'queue.purge-ok', messageCount: 3 })).toBe(3)
  expect(messageCount(purge)).toBeUndefined()
})
