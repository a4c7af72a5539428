// `leveret publish`: what arrives, what is said, and the exit codes.

import { Given } from '../../../src/cli/command.ts'
import { planOf, verdict } from '../../../src/cli/messages/publish.ts'
import { bodiesIn, fill, resetWorld, world } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(() => {
  resetWorld()
  fill('q')
})

describe('the plan', () => {
  const plan = (operands: readonly string[], values: object = {}) => planOf(new Given(operands, values as never))

  it('makes mandatory what goes to a queue', () => {
    expect(plan(['q']).options).toEqual({ mandatory: true })
    expect(plan(['e:k']).options).toEqual({ mandatory: false })
    expect(plan(['e:k'], { mandatory: true }).options).toEqual({ mandatory: true })
    expect(plan(['q'], { mandatory: false }).options).toEqual({ mandatory: false })
  })

  it('has headers, properties, and a key of its own', () => {
    const values = {
      key: 'a:b',
      header: ['n=1', 'l:=[1]'],
      property: ['message_id=m', 'priority=5'],
      persistent: true,
      ndjson: true,
    }
    expect(plan(['e'], values)).toMatchObject({
      place: { exchange: 'e', key: 'a:b' },
      options: {
        headers: { n: 1, l: [1] },
        messageId: 'm',
        priority: 5,
        deliveryMode: 2,
        contentType: 'application/json',
      },
      count: 1,
      confirms: true,
    })
  })
})

describe('publishing', () => {
  it('a body', async () => {
    expect(await messages(['publish', 'q', 'hi', '--header', 'a=1'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '1 published to queue "q"\n',
    })
    expect(world.queues.get('q')?.[0]).toMatchObject({ properties: { headers: { a: 1 } } })
  })

  it('standard input, whole or line by line', async () => {
    await messages(['publish', 'q'], { typed: 'a\nb' })
    await messages(['publish', 'q', '--lines'], { typed: 'a\nb\n' })
    expect(bodiesIn('q')).toEqual(['a\nb', 'a', 'b'])
  })

  it('so many, without confirms too', async () => {
    await messages(['publish', 'q', 'hi', '--count', '3'])
    expect(await messages(['publish', 'q', 'hi', '--no-confirm'])).toMatchObject({
      code: 0,
      stderr: '1 sent to queue "q", not confirmed\n',
    })
    expect(await messages(['publish', 'q', '--lines', '--count', '3'])).toMatchObject({ code: 64 })
  })

  it('what no queue wants, or a queue refuses, has its exit code', async () => {
    expect(await messages(['publish', 'nosuch', 'hi'])).toMatchObject({
      code: 65,
      stderr: 'leveret: 1 not routed: there is no queue "nosuch"\n',
    })
    expect(await messages(['publish', 'e:k', 'hi', '--mandatory'])).toMatchObject({
      code: 65,
      stderr: 'leveret: 1 not routed: no queue is bound to exchange "e" for key "k"\n',
    })
    world.full.add('q')
    expect(await messages(['publish', 'q', 'hi'])).toMatchObject({ code: 69 })
  })

  it('nothing in a dry run', async () => {
    expect(await messages(['publish', 'q', 'hi', '--dry-run'])).toMatchObject({
      code: 0,
      stderr: 'would publish to queue "q"\n',
    })
    expect(bodiesIn('q')).toEqual([])
  })
})

describe('the verdict', () => {
  it('is partial when some were published', () => {
    const said: string[] = []
    const task = { say: (line: string) => said.push(line), warn: (line: string) => said.push(line) } as never
    expect(verdict(task, { exchange: '', key: 'q' }, { confirmed: 1, returned: 1, refused: 1 })).toBe(3)
    expect(said).toHaveLength(3)
    expect(verdict(task, { exchange: '', key: 'q' }, { confirmed: 0, returned: 0, refused: 0 })).toBe(0)
  })
})
