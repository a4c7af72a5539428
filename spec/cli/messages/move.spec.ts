// `leveret move` and `leveret copy`.

import { told } from '../../../src/cli/messages/move.ts'
import { bodiesIn, fill, resetWorld } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(() => {
  resetWorld()
  fill('a', '1', ['2', { headers: { kind: 'x' } }], '3')
  fill('b')
})

describe('move', () => {
  it('moves all', async () => {
    expect(await messages(['move', 'a', 'b'])).toMatchObject({
      code: 0,
      stderr: '3 moved from queue "a" to queue "b"\n',
    })
    expect([bodiesIn('a'), bodiesIn('b')]).toEqual([[], ['1', '2', '3']])
  })

  it('moves what a filter wants, and no more than is wanted', async () => {
    expect(await messages(['move', 'a', 'b', '--filter', 'properties.headers.kind==x'])).toMatchObject({
      stderr: '1 moved from queue "a" to queue "b", 2 left where they were\n',
    })
    await messages(['move', 'a', 'b', '--max', '1'])
    expect([bodiesIn('a'), bodiesIn('b')]).toEqual([['3'], ['2', '1']])
  })

  it('only says what it would do in a dry run', async () => {
    expect(await messages(['move', 'a', 'b', '--dry-run', '--max', '2'])).toMatchObject({
      code: 0,
      stderr: 'would move 2 of queue "a" to queue "b"\n',
    })
    expect(bodiesIn('a')).toHaveLength(3)
  })

  it('loses nothing to a queue that is not there', async () => {
    expect(await messages(['move', 'a', 'nosuch'])).toMatchObject({ code: 65 })
    expect(bodiesIn('a')).toEqual(['1', '2', '3'])
    expect(await messages(['move', 'nosuch', 'b'])).toMatchObject({ code: 65 })
  })
})

describe('copy', () => {
  it('leaves the messages where they were', async () => {
    expect(await messages(['copy', 'a', 'b'])).toMatchObject({
      code: 0,
      stderr: '3 copied from queue "a" to queue "b"\n',
    })
    expect([bodiesIn('a'), bodiesIn('b')]).toEqual([
      ['1', '2', '3'],
      ['1', '2', '3'],
    ])
  })
})

describe('the verdict', () => {
  it('is partial when some were moved', () => {
    const task = { say: () => {}, warn: () => {} }
    expect(told(task, { moved: 1, left: 0, unroutable: 1, refused: 0 }, 'moved')).toBe(3)
    expect(told(task, { moved: 0, left: 0, unroutable: 0, refused: 1 }, 'moved')).toBe(65)
    expect(told(task, { moved: 0, left: 5, unroutable: 0, refused: 0 }, 'moved')).toBe(0)
  })
})
