// Places, rates, counts and the pace of things.

import { countOf, Pacer, placeOf, placeText, rateOf } from '../../../src/cli/messages/session.ts'
import { resetWorld, world } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(resetWorld)

describe('places', () => {
  it.each([
    ['orders', { exchange: '', key: 'orders' }, 'queue "orders"'],
    [
      'events:order.created',
      { exchange: 'events', key: 'order.created' },
      'exchange "events" with key "order.created"',
    ],
    [':a:b', { exchange: '', key: 'a:b' }, 'queue "a:b"'],
    ['logs:', { exchange: 'logs', key: '' }, 'exchange "logs" with key ""'],
  ])('%s', (text, place, words) => {
    expect(placeOf(text)).toEqual(place)
    expect(placeText(place)).toBe(words)
  })
})

describe('numbers', () => {
  it('are rates', () => {
    expect([rateOf(undefined), rateOf('100'), rateOf('2.5/s')]).toEqual([undefined, 100, 2.5])
    expect(() => rateOf('fast')).toThrow('--rate: got "fast", expected messages per second')
    expect(() => rateOf('0')).toThrow('--rate')
  })

  it('are counts', () => {
    expect(countOf('max', 5)).toBe(5)
    expect(() => countOf('max', 0)).toThrow('--max: got 0, expected a whole number above 0')
  })
})

describe('a pace', () => {
  it('waits until each is due', async () => {
    let now = 0
    const pauses: number[] = []
    const pause = async (ms: number) => {
      pauses.push(ms)
      now += ms
    }
    const pacer = new Pacer(100, () => now, pause)
    for (let index = 0; index < 4; index++) await pacer.turn()
    expect(pauses).toEqual([10, 10, 10])
  })

  it('without a rate does not wait', async () => {
    const pacer = new Pacer(
      undefined,
      () => 0,
      () => Promise.reject(new Error('no pause')),
    )
    await expect(pacer.turn()).resolves.toBeUndefined()
  })
})

describe('the connection', () => {
  it('has the credentials and the vhost of the flags', async () => {
    await messages(['get', 'q', '--user', 'me', '--password', 'a/b', '-p', 'v/w'])
    expect(world.urls).toEqual(['amqp://me:a%2Fb@broker/v%2Fw'])
  })

  it('that fails ends the command with its code', async () => {
    world.failure = Object.assign(new Error('x'), { code: 'ECONNREFUSED' })
    expect(await messages(['get', 'q'])).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('leveret: nothing listens for AMQP at broker'),
    })
  })
})
