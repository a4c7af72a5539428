// `leveret get` and `leveret peek`.

import { bodiesIn, fill, resetWorld, world } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
beforeEach(() => {
  resetWorld()
  fill('q', 'a', 'b', 'c')
})

describe('get', () => {
  it.each([
    ['ack', ['c'], false],
    ['reject', ['c'], false],
    ['requeue', ['a', 'b', 'c'], true],
    ['peek', ['a', 'b', 'c'], true],
  ])('with %s leaves %j', async (ack, left, redelivered) => {
    expect(await messages(['get', 'q', '--count', '2', '--ack', ack, '--body'])).toMatchObject({
      code: 0,
      stdout: 'a\nb\n',
    })
    expect(bodiesIn('q')).toEqual(left)
    expect(world.queues.get('q')?.[0]?.redelivered).toBe(redelivered)
  })

  it('takes one, and says when there is none', async () => {
    expect(await messages(['get', 'q', '--body'])).toMatchObject({ stdout: 'a\n' })
    fill('empty')
    expect(await messages(['get', 'empty'])).toMatchObject({ code: 1, stdout: '', stderr: 'queue "empty" is empty\n' })
    expect(await messages(['get', 'nosuch'])).toMatchObject({
      code: 65,
      stderr: "leveret: no queue 'nosuch' in vhost '/'\n",
    })
  })

  it('takes nothing in a dry run', async () => {
    expect(await messages(['get', 'q', '--dry-run'])).toMatchObject({ code: 0, stdout: '' })
    expect(bodiesIn('q')).toHaveLength(3)
  })
})

describe('peek', () => {
  it('leaves all where it was, and warns where that marks them', async () => {
    const { code, stdout, stderr } = await messages(['peek', 'q', '--offset', '1', '--count', '1', '--body'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'b\n' })
    expect(stderr).toContain('they will count as redelivered')
    expect(bodiesIn('q')).toEqual(['a', 'b', 'c'])
  })

  it('says when there is nothing', async () => {
    expect(await messages(['peek', 'q', '--offset', '9'])).toMatchObject({ code: 1 })
  })
})
