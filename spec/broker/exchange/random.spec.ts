// The random exchanges: what all that choose one have in common, chance, and what x-local-random can be bound to.

import { checkLocalBinding } from '../../../src/broker/exchange/random.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { channelError } from '../../support/errors.ts'
import { bindingSpec, Site } from '../../support/site.ts'
import { bindingOf, choosesOne, exchangeOf, matched } from './table.ts'

describe.each(['x-random', 'x-local-random'] as const)('the %s exchange', (type) => {
  choosesOne(type)

  it('goes by chance, not by keys', () => {
    const from = exchangeOf(type)
    for (const name of ['one', 'two']) from.add(bindingOf(from, exchangeOf('fanout', name), 'k'))
    const found = [1, 2, 3, 4].map(() => [...matched(from, 'k')].map(({ name }) => name))
    expect(found.flat()).toEqual(['one', 'two', 'one', 'two'])
    expect(from.matcher.byKeyOnly).toBe(false)
  })
})

describe('a binding of x-local-random (§5.6)', () => {
  let site: Site

  beforeEach(async () => {
    site = await Site.start()
  })

  afterEach(() => site.broker.stop())

  it('has no key', async () => {
    const queue = await site.declareQueue('q')
    expect(() => checkLocalBinding(bindingSpec('x', 'q', ''), queue)).not.toThrow()
    const refused = channelError(406, `Non empty binding 'k' key not permitted`)
    expect(() => checkLocalBinding(bindingSpec('x', 'q', 'k'), queue)).toThrow(refused)
  })

  it('leads to a classic queue', async () => {
    const args = table({ 'x-queue-type': 'quorum' })
    const queue = await site.declareQueue('quorum', { arguments: args })
    const refused = channelError(406, 'Queue type rabbit_quorum_queue not valid for this exchange type')
    expect(() => checkLocalBinding(bindingSpec('x', 'quorum'), queue)).toThrow(refused)
    expect(() => checkLocalBinding(bindingSpec('x', 'y'), null)).toThrow(channelError(406, 'Destination not found'))
  })
})
