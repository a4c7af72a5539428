// /api/leveret/queues/...: messages looked at, moved and deleted over HTTP, by those who may.

import type { Queue } from '../../../src/broker/queue/queue.ts'
import { Api } from '../../support/api.ts'
import { drained, published } from '../../support/site.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  for (const name of ['q', 'other']) await api.change('PUT', `/api/queues/%2F/${name}`, {})
})
afterEach(() => api.close())

const path = '/api/leveret/queues/%2F/q'
const queue = (name = 'q') => api.world.vhost.queues.get(name) as Queue

function fill(...bodies: readonly string[]): void {
  for (const body of bodies) queue().publish(published('x', `key.${body}`, body, { deliveryMode: 2 }), null, 0)
}

/** Asks, and lets the broker have the turns that the answer takes. */
async function asked(url: string, options: Parameters<Api['ask']>[1] = {}) {
  const answer = api.ask(url, options)
  let over = false
  const done = () => {
    over = true
  }
  answer.then(done, done)
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve))
    await api.world.settle()
  }
  return answer
}

/** A job that has ended. */
async function job(kind: string, body: object) {
  const { status, body: begun } = await asked(`${path}/${kind}`, { method: 'POST', body })
  expect(status).toBe(202)
  await api.world.settle()
  return (await asked(`/api/leveret/jobs/${begun.id}`)).body
}

it('messages are shown page by page, and stay', async () => {
  fill('a', 'b', 'c')
  const first = (await asked(`${path}/messages?count=2`)).body
  expect(first.items[0]).toEqual({
    seq: 1,
    state: 'ready',
    redelivered: false,
    exchange: 'x',
    routing_key: 'key.a',
    properties: { delivery_mode: 2 },
    payload_bytes: 1,
    payload: 'a',
    payload_encoding: 'string',
  })
  expect(first.next).toBe(2)
  const second = (await asked(`${path}/messages?after=2&encoding=base64`)).body
  expect([second.items[0].payload, second.next]).toEqual(['Yw==', null])
  const found = (await asked(`${path}/messages?routing_key=b$&body=b`)).body
  expect(found.items.map(({ payload }: { payload: string }) => payload)).toEqual(['b'])
  expect((await asked(`${path}/messages?scan=2&body=c`)).body).toEqual({ items: [], next: 2 })
  expect(await drained(queue())).toEqual(['a', 'b', 'c'])
})

it('messages are moved, copied and deleted by jobs', async () => {
  fill('a', 'b', 'c')
  expect(await job('copy', { to_queue: 'other', limit: 1 })).toMatchObject({ kind: 'copy', state: 'done', done: 1 })
  expect(await job('move', { to_exchange: 'amq.fanout' })).toMatchObject({ stayed: { 'no queue for it': 3 } })
  expect(await job('move', { to_queue: 'other', body: 'b' })).toMatchObject({ state: 'done', total: 1, done: 1 })
  expect(await job('delete', { routing_key: 'a$' })).toMatchObject({ state: 'done', done: 1 })
  expect([await drained(queue()), await drained(queue('other'))]).toEqual([['c'], ['a', 'b']])
  expect((await asked('/api/leveret/jobs')).body).toHaveLength(4)
})

it('dead letters are sent back to where they died, or it is said that they would be', async () => {
  await api.change('PUT', '/api/queues/%2F/work', {
    arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'q' },
  })
  for (const body of ['a', 'b']) queue('work').publish(published('x', 'k', body), null, 0)
  for (let got = await queue('work').get(); got; got = await queue('work').get()) queue('work').reject(got.seq, false)
  expect(await drained(queue('work'))).toEqual([])
  const dry = await asked(`${path}/redrive`, { method: 'POST', body: { dry_run: true } })
  expect([dry.status, dry.body]).toEqual([200, { total: 2, destinations: { work: 2 }, stayed: {} }])
  expect(await job('redrive', {})).toMatchObject({ state: 'done', total: 2, done: 2 })
  const got = await queue('work').get()
  expect([got?.message.exchange, got?.message.routingKey, `${got?.message.copyBody()}`]).toEqual(['x', 'k', 'a'])
})

it('a job can be stopped by who began it', async () => {
  fill('a', 'b', 'c')
  const me = await api.addUser('me', ['management'], ['/'])
  const begun = await asked(`${path}/move`, { method: 'POST', as: me, body: { to_queue: 'other', rate: 1 } })
  const url = `/api/leveret/jobs/${begun.body.id}`
  const other = await api.addUser('other', ['management'], ['/'])
  expect((await asked(url, { as: other })).status).toBe(404)
  expect((await asked(url, { method: 'DELETE', as: me })).status).toBe(204)
  expect((await asked(url)).body.state).toBe('stopped')
  expect((await asked('/api/leveret/jobs/99')).status).toBe(404)
})

it('what cannot be, or may not be, is refused', async () => {
  const refused = async (kind: string, body: object, as = 'guest:guest') => {
    const answer = await asked(`${path}/${kind}`, { method: 'POST', body, as })
    return [answer.status, answer.body.reason]
  }
  expect(await refused('move', {})).toEqual([400, 'expected either to_queue or to_exchange'])
  expect(await refused('move', { to_queue: 'none' })).toEqual([404, expect.stringContaining("no queue 'none'")])
  expect(await refused('move', { to_exchange: 'none' })).toEqual([404, expect.stringContaining("no exchange 'none'")])
  expect(await refused('delete', { routing_key: '(' })).toEqual([400, expect.stringContaining('regular expression')])
  await api.broker.administration.putUser('weak', { password: 'secret', tags: ['management'] })
  await api.broker.administration.setPermission('weak', '/', { configure: '', write: '', read: '^other$' })
  expect(await refused('delete', {}, 'weak:secret')).toEqual([401, expect.stringContaining('read access to queue')])
  expect(await refused('move', { to_queue: 'other' }, 'weak:secret')).toEqual([
    401,
    expect.stringContaining('write access'),
  ])
  expect((await asked(`${path}/messages`, { as: 'weak:secret' })).status).toBe(401)
  await api.change('PUT', '/api/queues/%2F/s', { durable: true, arguments: { 'x-queue-type': 'stream' } })
  const stream = await asked('/api/leveret/queues/%2F/s/delete', { method: 'POST', body: {} })
  expect([stream.status, stream.body.reason]).toEqual([
    400,
    expect.stringContaining('messages of a stream can be copied'),
  ])
})
