// Messages of one queue that are put into another one, as they were.

import type { LocalQueue } from '../../src/broker/queue/local-queue.ts'
import type { Outcome } from '../../src/broker/queue/publisher.ts'
import { type Kept, keep, moved, readmit } from '../../src/broker/readmission.ts'
import { table } from '../../src/protocol/field-table.ts'
import { drained, published, Site } from '../support/site.ts'

let site: Site

beforeEach(async () => {
  site = await Site.start()
})

afterEach(() => site.broker.stop())

/** Counts what it is told. */
class Counting {
  readonly told: (Outcome | 'pending')[] = []

  count(outcome: Outcome | 'pending'): void {
    this.told.push(outcome)
  }

  settle(_tag: number, outcome: Outcome): void {
    this.told.push(outcome)
  }
}

async function keptOf(queue: LocalQueue): Promise<readonly Kept[]> {
  const kept: Kept[] = []
  let over = false
  const looked = queue
    .browse((seen) => kept.push(keep(seen)) > 0)
    .then(() => {
      over = true
    })
  while (!over) await site.clock.pass()
  await looked
  return kept
}

async function declared(name: string, args = {}): Promise<LocalQueue> {
  return (await site.declareQueue(name, { arguments: table(args) })) as LocalQueue
}

describe('messages that are readmitted', () => {
  it.each([
    ['a classic queue', {}, ['a again', 'b again', 'c', 'd']],
    ['a quorum queue', { 'x-queue-type': 'quorum' }, ['a again', 'b again', 'c', 'd']],
  ])('are in their order, and delivered before or not, in %s', async (_, args, bodies) => {
    const from = await declared('from', args)
    for (const body of ['a', 'b', 'c', 'd']) site.publish('', 'from', body)
    const first = await from.get()
    await from.get()
    from.reject(first?.seq ?? 0, true)
    const to = await declared('to', args)
    const counting = new Counting()
    readmit(to, await keptOf(from), counting)
    to.begin()
    expect(to.stats()).toEqual({ ready: 4, unacked: 0, consumers: 0 })
    expect(counting.told).toEqual(['pending', 'pending', 'pending', 'pending'])
    await site.allStored()
    expect(counting.told.slice(4)).toEqual(['stored', 'stored', 'stored', 'stored'])
    expect(await drained(to)).toEqual(bodies)
  })

  it('leave a quorum queue in the order in which they came back', async () => {
    const from = await declared('from', { 'x-queue-type': 'quorum' })
    for (const body of ['a', 'b', 'c', 'd']) site.publish('', 'from', body)
    const [a, , c] = [await from.get(), await from.get(), await from.get()].map((got) => got?.seq ?? 0)
    from.reject(c ?? 0, true)
    from.reject(a ?? 0, true)
    const to = await declared('to', { 'x-queue-type': 'quorum' })
    readmit(to, await keptOf(from), new Counting())
    to.begin()
    expect(await drained(to)).toEqual(['c again', 'a again', 'b again', 'd'])
  })

  it('are behind what has come first', async () => {
    const from = await declared('from')
    site.publish('', 'from', 'a')
    await from.get()
    const to = await declared('to')
    to.publish(published('', 'to', 'first'), null, 0)
    readmit(to, await keptOf(from), new Counting())
    to.begin()
    expect(await drained(to)).toEqual(['first', 'a'])
  })

  it('wait for as long as they had to, where their times are moved', async () => {
    const retries = { 'x-queue-type': 'quorum', 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 1000 }
    const from = await declared('from', retries)
    site.publish('', 'from', 'tried')
    site.publish('', 'from', 'mortal', { deliveryMode: 2, expiration: '1000' })
    const got = await from.get()
    from.reject(got?.seq ?? 0, true)
    const kept = await keptOf(from)
    expect(kept).toMatchObject([
      { delivered: true, attempt: { acquired: 1, dueMs: site.clock.now() + 1000 } },
      { delivered: false, message: { expiresAt: site.clock.now() + 1000 } },
    ])
    const to = await declared('to', retries)
    readmit(
      to,
      kept.map((each) => moved(each, -400)),
      new Counting(),
    )
    to.begin()
    expect(to.stats()).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    site.clock.advance(600)
    site.clock.endTurn()
    expect(await drained(to)).toEqual(['tried again'])
    // What has no times has none after it, and what is moved before all time is over.
    const [{ message, attempt } = {}] = [moved({ ...(kept[1] as Kept) }, Number.MIN_SAFE_INTEGER)]
    expect([message?.expiresAt, attempt?.dueMs]).toEqual([1, 0])
  })
})
