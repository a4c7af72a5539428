// Which exchange types there are, and which of them refuse what (behaviour.md §5.6). Their own rules are in their own specs.

import {
  checkBinding,
  checkExchangeArguments,
  checkType,
  type ExchangeType,
  isExchangeType,
} from '../../../src/broker/exchange/types.ts'
import { channelError } from '../../support/errors.ts'
import { bindingSpec } from '../../support/site.ts'
import { tableOf } from './table.ts'

const plain = ['direct', 'fanout', 'topic', 'headers'] as const
const others = [
  'x-consistent-hash',
  'x-modulus-hash',
  'x-random',
  'x-local-random',
  'x-recent-history',
  'x-delayed-message',
] as const
const sourceOf = (type: ExchangeType) => ({ type, arguments: tableOf({}) })

describe('an exchange type', () => {
  it('is one of those that there are, spelt as they are (§5.2)', () => {
    const words = [...plain, ...others, 'Direct', 'x-event', '', 'toString', '__proto__']
    expect(words.filter(isExchangeType)).toEqual([...plain, ...others])
  })

  it('is refused where there is none', () => {
    expect(() => checkType('topic')).not.toThrow()
    expect(() => checkType('Topic')).toThrow(channelError(406, `unknown exchange type 'Topic'`))
    expect(() => checkType('')).toThrow(channelError(406, `invalid exchange type ''`))
  })

  it('looks at its own arguments only, when it is declared', () => {
    const args = tableOf({ 'hash-header': 'a', 'hash-property': 'b', 'x-recent-history-length': 0 })
    for (const type of [...plain, 'x-modulus-hash', 'x-random', 'x-local-random'] as const) {
      expect(() => checkExchangeArguments(type, args)).not.toThrow()
    }
    expect(() => checkExchangeArguments('x-consistent-hash', args)).toThrow('mutually exclusive')
    expect(() => checkExchangeArguments('x-recent-history', args)).toThrow('positive integer')
  })

  it('looks at a binding as far as it goes by it', () => {
    const binding = bindingSpec('x', 'q', 'key', tableOf({ 'x-match': 'nonsense' }))
    for (const type of ['direct', 'fanout', 'topic', 'x-modulus-hash', 'x-random', 'x-recent-history'] as const) {
      expect(() => checkBinding(sourceOf(type), binding, null)).not.toThrow()
    }
    expect(() => checkBinding(sourceOf('headers'), binding, null)).toThrow('Invalid x-match field value')
    expect(() => checkBinding(sourceOf('x-consistent-hash'), binding, null)).toThrow('must be an integer')
    expect(() => checkBinding(sourceOf('x-local-random'), binding, null)).toThrow('not permitted')
  })
})
