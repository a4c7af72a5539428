// What is typed to follow exchanges and streams, and the queue that follows.

import { connectAmqp } from '../../../src/cli/amqp.ts'
import { follow, followedPlace, streamOffset } from '../../../src/cli/messages/following.ts'
import { publishFromOutside, resetWorld, world } from '../../support/fake-amqplib.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(resetWorld)

describe('places to follow', () => {
  it.each([
    ['events:order.*', { exchange: 'events', key: 'order.*' }],
    ['events', { exchange: 'events', key: '#' }],
    ['logs:', { exchange: 'logs', key: '' }],
  ])('%s', (text, place) => {
    expect(followedPlace(text, {})).toEqual(place)
  })

  it('may have arguments', () => {
    expect(followedPlace('h:', { 'x-match': 'any' })).toEqual({
      exchange: 'h',
      key: '',
      arguments: { 'x-match': 'any' },
    })
  })

  it.each([':q', 'amq.default'])('are not the default exchange: %s', (text) => {
    expect(() => followedPlace(text, {})).toThrow('the default exchange takes no bindings')
  })
})

describe('offsets', () => {
  it.each([
    ['first', 'first'],
    ['1h', '1h'],
    ['1000', 1000],
    ['2026-01-31T12:00Z', { '!': 'timestamp', value: 1769860800 }],
  ])('%s', (text, offset) => {
    expect(streamOffset(text)).toEqual(offset)
  })

  it('are nothing else', () => {
    expect(() => streamOffset('soon')).toThrow('--from: got "soon", expected first, last, next')
  })
})

describe('the queue that follows', () => {
  it('is bound as is wanted, and gets what comes', async () => {
    const amqp = await connectAmqp({ url: 'amqp://broker', timeoutMs: 1, name: 'spec' })
    const { signal } = new AbortController()
    const deliveries = await follow(amqp, [{ exchange: 'e', key: 'k', arguments: { a: 1 } }], signal)
    expect(world.bindings).toMatchObject([{ source: 'e', key: 'k', table: { a: 1 } }])
    publishFromOutside('e', 'k', 'hi')
    expect((await deliveries.next(signal))?.content.toString()).toBe('hi')
  })
})
