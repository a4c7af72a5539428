// Looking at messages where a broker can show them untouched.

import { isSameBroker } from '../../../src/cli/messages/browse.ts'
import { fill, resetWorld, world } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'
import { type ScriptedApi, scriptedApi } from '../../support/scripted-api.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
let api: ScriptedApi
beforeEach(async () => {
  resetWorld()
  api = await scriptedApi()
})
afterEach(() => api.close())

const item = (payload: string, properties: object = {}) => ({
  seq: 1,
  exchange: 'e',
  routing_key: 'k',
  redelivered: false,
  properties,
  payload: btoa(payload),
  payload_encoding: 'base64',
})
const at = 'GET /api/leveret/queues/%2F/q/messages'

describe('a broker that shows messages', () => {
  it('is asked page by page, and nothing is taken', async () => {
    api.answer(`${at}?count=3&encoding=base64`, { status: 200, body: { items: [item('a'), item('b')], next: 7 } })
    api.answer(`${at}?count=1&encoding=base64&after=7`, {
      status: 200,
      body: { items: [item('c', { message_id: 'm', headers: { n: 1 } })], next: null },
    })
    const { code, stdout, stderr } = await messages(['peek', 'q', '--offset', '1', '--count', '2', '--url', api.url])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(
      stdout
        .split('\n')
        .slice(0, 2)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { payload: 'b', payload_bytes: 1, exchange: 'e', routing_key: 'k' },
      { payload: 'c', properties: { message_id: 'm', headers: { n: 1 } } },
    ])
    expect(world.urls).toEqual([])
  })

  it('tells what dead letters died of', async () => {
    const death = { queue: 'orders', reason: 'rejected', exchange: '', 'routing-keys': ['orders'], count: 1, time: 5 }
    const items = [item('a', { headers: { 'x-death': [death] } })]
    api.answer(`${at}?count=1000&encoding=base64`, { status: 200, body: { items, next: null } })
    const { stdout } = await messages(['dlq', 'inspect', 'q', '-s', '--columns', 'reason,queue', '--url', api.url])
    expect(stdout).toBe('rejected\torders\n')
  })

  it('looks on for what a filter wants', async () => {
    api.answer(`${at}?count=1000&encoding=base64`, { status: 200, body: { items: [item('a'), item('b')], next: 7 } })
    api.answer(`${at}?count=1000&encoding=base64&after=7`, { status: 200, body: { items: [item('b2')], next: null } })
    const { stdout } = await messages(['peek', 'q', '--body', '--filter', 'payload=~b', '--url', api.url])
    expect(stdout).toBe('b\nb2\n')
  })

  it.each([
    [{ source: 'the default' }, true],
    [{ source: 'the default', amqpUrl: 'amqp://mq' }, false],
    [{ source: '--url', amqpUrl: 'amqp://mq' }, true],
  ])(
    'is the one at %j, unless only AMQP was named: the API at the usual place may be another: %j',
    async (said, is) => {
      const target = { url: 'http://localhost:15672', user: 'guest', password: 'guest', insecure: false, ...said }
      expect(await isSameBroker({ target: async () => target })).toBe(is)
    },
  )
})

describe('any other broker', () => {
  it('has to hand them out', async () => {
    fill('q', 'a')
    const { stdout, stderr } = await messages(['peek', 'q', '--body', '--url', api.url])
    expect(stdout).toBe('a\n')
    expect(stderr).toContain('redelivered')
  })
})
