// `leveret consume`, `tail` and `tap`.

import { bodiesIn, fill, publishFromOutside, resetWorld, world } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'
import { type ScriptedApi, scriptedApi } from '../../support/scripted-api.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
let api: ScriptedApi
beforeEach(async () => {
  resetWorld()
  fill('q', 'a', 'b', 'c')
  api = await scriptedApi()
})
afterEach(() => api.close())

/** Waits until somebody consumes. */
async function consumed(): Promise<void> {
  while (world.consumers.size === 0) await new Promise((resolve) => setImmediate(resolve))
}

describe('consume', () => {
  it.each([
    [['--count', '2'], 'a\nb\n', ['c']],
    [['--drain'], 'a\nb\nc\n', []],
    [['--drain', '--ack', 'requeue'], 'a\nb\nc\n', ['a', 'b', 'c']],
    [['--drain', '--ack', 'none'], 'a\nb\nc\n', []],
    [['--drain', '--ack', 'reject', '--filter', 'payload=b'], 'b\n', ['a', 'c']],
  ])('%j', async (words, stdout, left) => {
    expect(await messages(['consume', 'q', '--body', ...words])).toMatchObject({ code: 0, stdout })
    expect(bodiesIn('q')).toEqual(left)
  })

  it('waits for what comes', async () => {
    fill('empty')
    const ended = messages(['consume', 'empty', '--count', '1', '--body'])
    await consumed()
    publishFromOutside('', 'empty', 'late')
    expect(await ended).toMatchObject({ code: 0, stdout: 'late\n' })
  })

  it('names the queue that is not there', async () => {
    expect(await messages(['consume', 'nosuch'])).toMatchObject({ code: 65 })
  })
})

describe('tap', () => {
  it('prints what goes through an exchange', async () => {
    const ended = messages(['tap', 'e:k', 'f', '--count', '2', '--body'])
    await consumed()
    publishFromOutside('e', 'k', 'one')
    publishFromOutside('f', 'any', 'two')
    expect(await ended).toMatchObject({
      code: 0,
      stdout: 'one\ntwo\n',
      stderr: 'tapping e:k, f:# (Ctrl-C ends)\n2 printed\n',
    })
  })
})

describe('tail', () => {
  beforeEach(() => api.answer('GET /api/vhosts/%2F', { status: 200, body: { name: '/', tracing: false } }))

  it('follows the bindings of a queue, and takes nothing from it', async () => {
    api.answer('GET /api/queues/%2F/q', { status: 200, body: { name: 'q', type: 'classic' } })
    const bindings = [
      { source: '', routing_key: 'q', arguments: {} },
      { source: 'e', routing_key: 'k', arguments: {} },
    ]
    api.answer('GET /api/queues/%2F/q/bindings', { status: 200, body: bindings })
    const ended = messages(['tail', '-f', 'q', '--count', '1', '--body', '--url', api.url])
    await consumed()
    publishFromOutside('e', 'k', 'new')
    expect(await ended).toMatchObject({
      code: 0,
      stdout: 'new\n',
      stderr: expect.stringContaining('(leveret rabbitmqctl trace_on -p /)'),
    })
    expect(bodiesIn('q')).toEqual(['a', 'b', 'c'])
  })

  it('sees what comes through the default exchange where the vhost is traced', async () => {
    api.answer('GET /api/vhosts/%2F', { status: 200, body: { name: '/', tracing: true } })
    api.answer('GET /api/queues/%2F/q', { status: 200, body: { name: 'q', type: 'classic' } })
    api.answer('GET /api/queues/%2F/q/bindings', { status: 200, body: [{ source: '', routing_key: 'q' }] })
    const ended = messages(['tail', 'q', '--count', '1', '-o', 'ndjson', '--url', api.url])
    await consumed()
    const said = { exchange_name: '', properties: { type: 't', headers: { a: 1 } }, node: 'n' }
    const copy = (queue: string) => ({ headers: { ...said, routing_keys: [queue], routed_queues: [queue] } })
    publishFromOutside('amq.rabbitmq.trace', 'publish.', 'elsewhere', copy('r'))
    publishFromOutside('amq.rabbitmq.trace', 'publish.', 'here', copy('q'))
    const { code, stdout, stderr } = await ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      exchange: '',
      routing_key: 'q',
      payload: 'here',
      properties: { type: 't', headers: { a: 1 } },
    })
    expect(stderr).toBe('following amq.rabbitmq.trace:publish. (Ctrl-C ends)\n1 printed\n')
  })

  it('says what it cannot follow', async () => {
    api.answer('GET /api/queues/%2F/q', { status: 200, body: { name: 'q' } })
    api.answer('GET /api/queues/%2F/q/bindings', { status: 200, body: [{ source: '', routing_key: 'q' }] })
    expect(await messages(['tail', 'q', '--url', api.url])).toMatchObject({
      code: 69,
      stderr:
        'leveret: queue "q" has no bindings: what is published through the default exchange is seen in a traced vhost only ' +
        '(leveret rabbitmqctl trace_on -p /)\n',
    })
  })

  it('reads a stream itself', async () => {
    api.answer('GET /api/queues/%2F/q', { status: 200, body: { name: 'q', type: 'stream' } })
    const words = ['tail', 'q', '--from', 'first', '--count', '3', '--body', '--url', api.url]
    expect(await messages(words)).toMatchObject({ code: 0, stdout: 'a\nb\nc\n' })
  })
})
