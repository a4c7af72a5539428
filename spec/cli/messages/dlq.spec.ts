// `leveret dlq` and `leveret redrive`.

import { bodiesIn, fill, resetWorld, world } from '../../support/fake-amqplib.ts'
import { lines, messages } from '../../support/messages.ts'
import { scriptedApi } from '../../support/scripted-api.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))

const died = (queue: string, exchange = 'e') => ({
  headers: { 'x-death': [{ queue, reason: 'rejected', exchange, 'routing-keys': ['k'], count: 1 }] },
})

beforeEach(() => {
  resetWorld()
  fill('dead', ['1', died('a')], ['2', died('b')], '3', ['4', died('a')])
  fill('a')
  fill('b')
})

describe('dlq list', () => {
  it('finds the queues by the dead-letter exchanges of all', async () => {
    const api = await scriptedApi()
    const queues = [
      { vhost: '/', name: 'a', arguments: { 'x-dead-letter-exchange': 'dlx' } },
      { vhost: '/', name: 'dead', messages: 4, arguments: {} },
    ]
    api.answer('GET /api/queues', { status: 200, body: queues })
    const bindings = [{ vhost: '/', source: 'dlx', destination: 'dead', destination_type: 'queue' }]
    api.answer('GET /api/bindings', { status: 200, body: bindings })
    const { stdout } = await messages(['dlq', 'list', '--url', api.url])
    await api.close()
    expect(stdout).toBe('vhost\tname\tmessages\tsources\n/\tdead\t4\t["a"]\n')
  })
})

describe('dlq inspect', () => {
  it('groups what is there, and leaves it there', async () => {
    const { stdout } = await messages(['dlq', 'inspect', 'dead', '--columns', 'reason,queue,messages'])
    expect(lines(stdout)).toEqual([
      'reason\tqueue\tmessages',
      'rejected\ta\t2',
      'rejected\tb\t1',
      '(not dead-lettered)\t\t1',
    ])
    expect(bodiesIn('dead')).toEqual(['1', '2', '3', '4'])
  })
})

describe('redrive', () => {
  it('sends each back to the queue it died in, and leaves what has not died', async () => {
    expect(await messages(['redrive', 'dead'])).toMatchObject({
      code: 0,
      stderr: '3 moved from queue "dead" to the queues they died in, 1 left where they were\n',
    })
    expect([bodiesIn('a'), bodiesIn('b'), bodiesIn('dead')]).toEqual([['1', '4'], ['2'], ['3']])
  })

  it('sends each back to its exchange and key, or all to a place', async () => {
    world.bindings.push({ source: 'e', key: 'k', queue: 'b' })
    await messages(['redrive', 'dead', '--to-exchange', '--max', '1'])
    expect(bodiesIn('b')).toEqual(['1'])
    await messages(['redrive', 'dead', '--to', 'a', '--filter', 'payload=3'])
    expect(bodiesIn('a')).toEqual(['3'])
    expect(await messages(['redrive', 'dead', '--to', 'a', '--to-source'])).toMatchObject({ code: 64 })
  })

  it('says where each would go', async () => {
    const { stdout, stderr } = await messages(['redrive', 'dead', '--dry-run'])
    expect(stderr).toContain('would redrive of queue "dead":\n')
    expect(lines(stdout)).toEqual(['target\tmessages', 'queue "a"\t2', 'queue "b"\t1', '(stays: it has not died)\t1'])
    expect(bodiesIn('dead')).toHaveLength(4)
  })

  it('keeps those whose queue has gone', async () => {
    world.queues.delete('b')
    expect(await messages(['redrive', 'dead'])).toMatchObject({ code: 3 })
    expect(bodiesIn('dead')).toEqual(['2', '3'])
  })
})
