// Jobs on the messages of a queue: they go on by themselves, can be seen and stopped, and lose nothing.

import { ANYTHING } from '../../../src/broker/access/access.ts'
import type { Queue } from '../../../src/broker/queue/queue.ts'
import { Way } from '../../../src/management/leveret/destination.ts'
import { count, type JobKind, type JobRequest, Jobs } from '../../../src/management/leveret/jobs.ts'
import { wantsOf } from '../../../src/management/leveret/message-filter.ts'
import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../../support/fault-store.ts'
import { drained, Site } from '../../support/site.ts'

let site: Site
let source: Queue
let target: Queue
let jobs: Jobs

beforeEach(async () => {
  site = await Site.start()
  source = await site.declareQueue('source')
  target = await site.declareQueue('target')
  jobs = new Jobs(site.clock)
  for (const body of ['a', 'b', 'ab', 'c']) site.publish('', 'source', body)
})

afterEach(async () => {
  await site.broker.stop()
})

const request = (kind: JobKind, asked: Partial<JobRequest> = {}): JobRequest => ({
  kind,
  queue: source,
  way: kind === 'delete' ? null : new Way(site.vhost, ANYTHING, { queue: 'target' }),
  wants: wantsOf({}),
  limit: Number.POSITIVE_INFINITY,
  rate: Number.POSITIVE_INFINITY,
  user: 'me',
  ...asked,
})

/** Lets turns pass, no time. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) {
    await site.clock.settle()
    site.clock.endTurn()
  }
}

it('moves those that are meant, and only those', async () => {
  const { id } = jobs.begin(request('move', { wants: wantsOf({ body: 'b' }) }))
  expect(jobs.get(id)?.state).toBe('running')
  await turns()
  expect(jobs.get(id)).toMatchObject({
    id,
    kind: 'move',
    vhost: '/',
    queue: 'source',
    user: 'me',
    state: 'done',
    total: 2,
    done: 2,
    stayed: {},
    error: null,
  })
  expect([await drained(source), await drained(target)]).toEqual([
    ['a', 'c'],
    ['b', 'ab'],
  ])
})

it('copies and deletes', async () => {
  jobs.begin(request('copy'))
  await turns()
  jobs.begin(request('delete', { limit: 3 }))
  await turns()
  expect(jobs.list().map(({ kind, state, done }) => [kind, state, done])).toEqual([
    ['copy', 'done', 4],
    ['delete', 'done', 3],
  ])
  expect([await drained(source), await drained(target)]).toEqual([['c'], ['a', 'b', 'ab', 'c']])
})

it('says why messages stay', async () => {
  const way = new Way(site.vhost, ANYTHING, { queue: 'none' })
  jobs.begin(request('move', { way }))
  await turns()
  expect(jobs.list()[0]).toMatchObject({ state: 'done', total: 4, done: 0, stayed: { 'no queue for it': 4 } })
  expect(await drained(source)).toEqual(['a', 'b', 'ab', 'c'])
})

it('ends though what it moves comes back to the same queue', async () => {
  jobs.begin(request('move', { way: new Way(site.vhost, ANYTHING, { queue: 'source' }) }))
  await turns()
  expect(jobs.list()[0]).toMatchObject({ state: 'done', done: 4 })
  expect(await drained(source)).toEqual(['a', 'b', 'ab', 'c'])
})

it('goes no faster than it may, and stops', async () => {
  const { id } = jobs.begin(request('move', { rate: 1 }))
  await turns()
  expect(jobs.get(id)?.done).toBe(1)
  site.clock.advance(1000)
  await turns()
  expect(jobs.get(id)).toMatchObject({ state: 'running', done: 2 })
  jobs.stop(id)
  expect(jobs.get(id)).toMatchObject({ state: 'stopped', ended_at: site.clock.now() })
  site.clock.advance(5000)
  await turns()
  expect(jobs.get(id)?.done).toBe(2)
  jobs.stop(99)
})

describe('where the store is slow', () => {
  const LARGE = 'x'.repeat(3 * 1024 * 1024)
  let store: FaultyStore

  beforeEach(async () => {
    store = faultyStore(createMemoryStore())
    await site.broker.stop()
    site = await Site.start(store)
    source = await site.declareQueue('source')
    target = await site.declareQueue('target')
    jobs = new Jobs(site.clock)
    for (let i = 0; i < 10; i++) site.publish('', 'source', LARGE)
    await turns()
  })

  it.each(['move', 'copy'] as const)('a %s goes no faster than it, and is done when all is stored', async (kind) => {
    const hold = store.messages.holdNextCommit()
    const { id } = jobs.begin(request(kind))
    await turns()
    expect(jobs.get(id)).toMatchObject({ state: 'running', total: 10 })
    expect(jobs.get(id)?.done).toBeLessThan(7)
    hold.release()
    await turns()
    expect(jobs.get(id)).toMatchObject({ state: 'done', done: 10 })
  })

  it('a job ends where the store fails, and nothing is lost', async () => {
    store.messages.failNextCommit('failed', { applied: false })
    const { id } = jobs.begin(request('move'))
    await turns()
    expect(jobs.get(id)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/^the store takes no messages/),
    })
    site.clock.advance(1000)
    await turns()
    expect((await drained(source)).length + (await drained(target)).length).toBe(10)
  })
})

it('says what has failed', async () => {
  const broken = { ...source, browse: () => Promise.reject(new Error('no chunk')) } as unknown as Queue
  jobs.begin(request('move', { queue: broken }))
  await turns()
  expect(jobs.list()[0]).toMatchObject({ state: 'failed', error: 'no chunk' })
})

it('counts as far as it is asked', async () => {
  expect(await count(request('move', { limit: 2 }))).toBe(2)
})

it('remembers a hundred that have ended', async () => {
  const empty = request('delete', { wants: () => false })
  for (let i = 0; i < 105; i++) {
    jobs.begin(empty)
    await turns()
  }
  expect([jobs.list().length, jobs.get(1), jobs.get(105)?.state]).toEqual([101, undefined, 'done'])
})
