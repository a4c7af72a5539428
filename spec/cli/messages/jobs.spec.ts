// Work that Leveret does itself: asked for, looked at, stopped, and told of.

import { resetWorld, world } from '../../support/fake-amqplib.ts'
import { messages } from '../../support/messages.ts'
import { type ScriptedApi, scriptedApi } from '../../support/scripted-api.ts'

jest.mock('amqplib', () => jest.requireActual('../../support/fake-amqplib.ts'))
let api: ScriptedApi
beforeEach(async () => {
  resetWorld()
  api = await scriptedApi()
  api.answer('GET /api/leveret/jobs', { status: 200, body: [] })
})
afterEach(() => api.close())

const queue = '/api/leveret/queues/%2F/a'
const job = (more: object) => ({ id: 7, state: 'done', total: 3, done: 3, stayed: {}, error: null, ...more })
const run = (line: string) => messages([...line.split(' '), '--url', api.url])
const sent = () => api.received.find(({ method }) => method === 'POST')

describe('a job', () => {
  it('is looked at until it has ended, and AMQP is not needed', async () => {
    api.answer(`POST ${queue}/move`, { status: 202, body: job({ state: 'running', total: 0, done: 0 }) })
    api.answer('GET /api/leveret/jobs/7', { status: 200, body: job({}) })
    expect(await run('move a b --max 3 --rate 10/s')).toMatchObject({
      code: 0,
      stderr: '3 moved from queue "a" to queue "b"\n',
    })
    expect(sent()?.body).toEqual({ to_queue: 'b', limit: 3, rate: 10 })
    expect(world.urls).toEqual([])
  })

  it('takes a filter that means the same there, and counts what was left', async () => {
    api.answer(`POST ${queue}/copy`, { status: 202, body: job({}) })
    api.answer('GET /api/queues/%2F/a', { status: 200, body: { messages_ready: 5 } })
    expect(await run('copy a e:k --filter properties.headers.kind==x')).toMatchObject({
      stderr: '3 copied from queue "a" to exchange "e" with key "k", 2 left where they were\n',
    })
    expect(sent()?.body).toEqual({ to_exchange: 'e', to_routing_key: 'k', header: ['kind=x'] })
  })

  it('tells why messages stay, with the exit code for some or none', async () => {
    const stayed = { 'no queue for it': 1, 'refused by a full queue': 2, 'not there any more': 4 }
    api.answer(`POST ${queue}/move`, { status: 202, body: job({ stayed }) })
    const { code, stderr } = await run('move a b')
    expect(code).toBe(3)
    expect(stderr).toContain('1 stay: no queue is there for them')
    expect(stderr).toContain('2 stay: the broker did not take them')
    api.answer(`POST ${queue}/move`, { status: 202, body: job({ done: 0, stayed: { 'access refused': 3 } }) })
    expect(await run('move a b')).toMatchObject({ code: 65, stderr: expect.stringContaining('3 stay: access refused') })
    api.answer(`POST ${queue}/move`, { status: 202, body: job({ stayed: { 'not there any more': 4 } }) })
    expect(await run('move a b')).toMatchObject({ code: 0 })
  })

  it('tells of a failure, and of a refusal', async () => {
    api.answer(`POST ${queue}/move`, { status: 202, body: job({ state: 'failed', done: 1, error: 'disk full' }) })
    expect(await run('move a b')).toMatchObject({
      code: 70,
      stderr: 'leveret: the broker could not go on after 1: disk full\n',
    })
    const body = { error: 'not_found', reason: "no queue 'b' in vhost '/'" }
    api.answer(`POST ${queue}/move`, { status: 404, body })
    expect(await run('move a b')).toMatchObject({ code: 65, stderr: "leveret: no queue 'b' in vhost '/'\n" })
    api.answer(`POST ${queue}/move`, { status: 401, body: { error: 'not_authorised', reason: 'ACCESS_REFUSED - no' } })
    expect(await run('move a b')).toMatchObject({ code: 77, stderr: 'leveret: no\n' })
  })

  it('is foretold in a dry run', async () => {
    const body = { total: 3, destinations: { b: 2 }, stayed: { 'no queue for it': 1 } }
    api.answer(`POST ${queue}/move`, { status: 200, body })
    expect(await run('move a b --dry-run')).toMatchObject({
      code: 0,
      stderr: 'would move 2 of queue "a" to queue "b"\nleveret: 1 would stay: no queue for it\n',
    })
    expect(sent()?.body).toEqual({ to_queue: 'b', dry_run: true })
    api.answer(`POST ${queue}/redrive`, { status: 200, body })
    api.answer('GET /api/queues/%2F/a', { status: 200, body: { messages_ready: 7 } })
    expect(await run('redrive a --dry-run -s')).toMatchObject({
      stdout: 'queue "b"\t2\n(stays: no queue for it)\t1\n(stays: it has not died)\t4\n',
    })
  })

  it('is stopped by Ctrl-C', async () => {
    const running = job({ state: 'running', done: 0 })
    api.answer(`POST ${queue}/redrive`, { status: 202, body: running })
    api.answer('DELETE /api/leveret/jobs/7', { status: 204 })
    // The terminal's third pause ends with a Ctrl-C.
    const isStopped = () => api.received.some(({ method }) => method === 'DELETE')
    api.answer('GET /api/leveret/jobs/7', () => ({
      status: 200,
      body: isStopped() ? job({ state: 'stopped', done: 1 }) : running,
    }))
    expect(await run('redrive a --to-exchange')).toMatchObject({
      code: 0,
      stderr: '1 moved from queue "a" to the exchanges they were published to\n',
    })
    expect(api.received.map(({ method }) => method)).toContain('DELETE')
    expect(sent()?.body).toEqual({ via: 'exchange', header: ['x-death'] })
  })
})
