// Which messages a filter means, and which filters cannot be read.

import { wantsOf } from '../../../src/management/leveret/message-filter.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { published } from '../../support/site.ts'

const message = published('orders', 'order.new', 'a body with words', { headers: table({ a: 1, b: 'x=y', c: {} }) })

it.each([
  [{}, true],
  [{ exchange: 'orders' }, true],
  [{ exchange: 'other' }, false],
  [{ routing_key: '^order\\.' }, true],
  [{ routing_key: '^new' }, false],
  [{ body: 'with words' }, true],
  [{ body: 'without' }, false],
  [{ header: 'a' }, true],
  [{ header: ['a=1', 'b=x=y'] }, true],
  [{ header: ['a=1', 'b=x'] }, false],
  [{ header: 'c=[object Object]' }, false],
  [{ header: 'c' }, true],
  [{ header: 'd' }, false],
  [{ exchange: 'orders', body: 'no' }, false],
])('%j: %j', (filter, wanted) => {
  expect(wantsOf(filter)(message)).toBe(wanted)
})

it('a pattern that is none is refused', () => {
  expect(() => wantsOf({ routing_key: '(' })).toThrow('routing_key: ( is not a regular expression: {"missing )",1}')
})
