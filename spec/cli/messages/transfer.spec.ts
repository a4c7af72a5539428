// Moving and copying: what arrives, what stays, and what is changed on the way.

import { connectAmqp } from '../../../src/cli/amqp.ts'
import { Pacer } from '../../../src/cli/messages/session.ts'
import { sameProperties, type Transfer, transfer } from '../../../src/cli/messages/transfer.ts'
import { bodiesIn, fill, resetWorld, world } from '../../support/fake-amqplib.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(resetWorld)

async function run(plan: Partial<Transfer> = {}) {
  const amqp = await connectAmqp({ url: 'amqp://broker', timeoutMs: 1, name: 'spec' })
  return transfer(amqp, {
    from: 'a',
    target: () => ({ exchange: '', key: 'b' }),
    isCopy: false,
    picks: false,
    most: undefined,
    pacer: new Pacer(
      undefined,
      () => 0,
      async () => {},
    ),
    user: 'guest',
    signal: new AbortController().signal,
    moved: () => {},
    ...plan,
  })
}

describe('a transfer', () => {
  it('moves all, in order', async () => {
    fill('a', '1', '2', '3')
    fill('b', '0')
    const counts: number[] = []
    expect(await run({ moved: (count) => counts.push(count) })).toEqual({
      moved: 3,
      left: 0,
      unroutable: 0,
      refused: 0,
    })
    expect([bodiesIn('a'), bodiesIn('b')]).toEqual([[], ['0', '1', '2', '3']])
    expect(counts).toEqual([1, 2, 3])
  })

  it('copies', async () => {
    fill('a', '1', '2')
    fill('b')
    expect(await run({ isCopy: true })).toMatchObject({ moved: 2 })
    expect([bodiesIn('a'), bodiesIn('b')]).toEqual([
      ['1', '2'],
      ['1', '2'],
    ])
  })

  it('moves no more than is wanted', async () => {
    fill('a', '1', '2', '3')
    fill('b')
    expect(await run({ most: 1 })).toMatchObject({ moved: 1 })
    expect([bodiesIn('a'), bodiesIn('b')]).toEqual([['2', '3'], ['1']])
  })

  it('leaves what is not picked where it was', async () => {
    fill('a', '1', '2', '3')
    fill('b')
    const target = ({ content }: { readonly content: Buffer }) =>
      content.toString() === '2' ? { exchange: '', key: 'b' } : undefined
    expect(await run({ picks: true, target })).toEqual({ moved: 1, left: 2, unroutable: 0, refused: 0 })
    expect([bodiesIn('a'), bodiesIn('b')]).toEqual([['1', '3'], ['2']])
  })

  it('loses nothing where no queue is, or a queue refuses', async () => {
    fill('a', '1', '2')
    expect(await run()).toEqual({ moved: 0, left: 0, unroutable: 2, refused: 0 })
    fill('b')
    world.full.add('b')
    expect(await run()).toEqual({ moved: 0, left: 0, unroutable: 0, refused: 2 })
    expect(bodiesIn('a')).toEqual(['1', '2'])
  })

  it('of an empty queue is none, and of a missing one an error', async () => {
    fill('a')
    expect(await run()).toMatchObject({ moved: 0 })
    await expect(run({ from: 'nosuch' })).rejects.toMatchObject({ word: 'not_found' })
  })
})

describe('properties on the way', () => {
  const message = (properties: object) => ({ properties, content: Buffer.alloc(0), fields: {} }) as never
  const queue = { exchange: '', key: 'b' }

  it('stay as they were', () => {
    const all = { messageId: 'm', contentType: undefined, headers: { a: 1 }, userId: 'guest' }
    expect(sameProperties(message(all), queue, 'guest')).toEqual({ messageId: 'm', headers: { a: 1 }, userId: 'guest' })
  })

  it('lose the name of somebody else, which the broker would refuse', () => {
    expect(sameProperties(message({ userId: 'other' }), queue, 'guest')).toEqual({ userId: undefined })
  })

  it('lose further keys when the message goes to one queue', () => {
    const all = { headers: { CC: ['x'], BCC: ['y'], a: 1 } }
    expect(sameProperties(message(all), queue, 'guest')).toEqual({ headers: { a: 1 }, userId: undefined })
    expect(sameProperties(message(all), { exchange: 'e', key: 'k' }, 'guest')).toMatchObject(all)
  })
})
