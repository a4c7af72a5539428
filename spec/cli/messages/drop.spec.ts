// `leveret drop`: what is deleted, what stays, and that it asks first.

import { bodiesIn, fill, resetWorld } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(() => {
  resetWorld()
  fill('a', '1', ['2', { headers: { kind: 'x' } }], '3')
})

it('deletes what a filter wants, and leaves the others', async () => {
  expect(await messages(['drop', 'a', '--filter', 'properties.headers.kind==x', '--yes'])).toMatchObject({
    code: 0,
    stderr: '1 dropped from queue "a", 2 left where they were\n',
  })
  expect(bodiesIn('a')).toEqual(['1', '3'])
})

it('deletes the oldest', async () => {
  expect(await messages(['drop', 'a', '--max', '2', '--yes'])).toMatchObject({ code: 0 })
  expect(bodiesIn('a')).toEqual(['3'])
})

it('does nothing unasked, and nothing in a dry run', async () => {
  expect(await messages(['drop', 'a'])).toMatchObject({ code: 64, stderr: expect.stringContaining('--yes') })
  expect(await messages(['drop', 'a', '--dry-run'])).toMatchObject({ code: 0, stderr: 'would drop 3 of queue "a"\n' })
  expect(bodiesIn('a')).toHaveLength(3)
})
