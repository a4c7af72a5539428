// Rates and samples: what was a while ago, against what is now.

import type { Queue } from '../../../src/broker/queue/queue.ts'
import { lengthValues, messageValues } from '../../../src/management/statistics/probes.ts'
import { Statistics } from '../../../src/management/statistics/statistics.ts'
import { Site } from '../../support/site.ts'

const PUBLISHED = 9

describe('statistics', () => {
  let site: Site
  let statistics: Statistics

  beforeEach(async () => {
    site = await Site.start(undefined, {}, 1_700_000_000_000)
    await site.declareQueue('q')
    statistics = new Statistics(site.broker, site.clock)
    statistics.start()
  })

  afterEach(() => statistics.stop())

  const queue = () => site.vhost.queues.get('q') as object
  const publish = (count: number) => {
    for (let at = 0; at < count; at++) site.publish('', 'q', 'body')
  }
  const pass = (ms: number) => {
    site.clock.advance(ms)
    site.clock.endTurn()
  }
  const published = () => site.vhost.queues.get('q')?.counts.published ?? 0
  const rate = () => statistics.details(queue(), PUBLISHED, published()).rate

  it('know since when nothing has changed, once that is an interval ago', () => {
    const values = () => [...messageValues(site.vhost.queues.get('q')!.counts), ...lengthValues(stats())]
    const stats = () => ({ ready: published(), unacked: 0 })
    const idle = () => statistics.idleSince(queue(), values())
    const start = site.clock.now()
    expect(idle()).toBeNull()
    pass(5000)
    expect(idle()).toBe(start)
    publish(1)
    expect(idle()).toBeNull()
    pass(5000)
    expect(idle()).toBeNull()
    pass(5000)
    expect(idle()).toBe(start + 10_000)
    expect(statistics.idleSince({}, [])).toBeNull()
  })

  it('give the rate of what has just happened, against an interval ago', () => {
    expect(rate()).toBe(0)
    publish(10)
    expect(rate()).toBe(2)
    pass(5000)
    expect(rate()).toBe(2)
    publish(20)
    pass(4000)
    expect(rate()).toBeCloseTo(30 / 9)
    pass(1000)
    expect(rate()).toBe(4)
    pass(5000)
    expect(rate()).toBe(0)
  })

  it('give no rate of what was there before, and is to be sampled in a later turn', async () => {
    statistics.stop()
    publish(10)
    for (let at = 0; at < 600; at++) await site.declareQueue(`q${at}`)
    statistics = new Statistics(site.broker, site.clock)
    statistics.start()
    for (let at = 0; at < 10; at++) site.publish('', 'q599', 'body')
    const last = () => site.vhost.queues.get('q599') as Queue
    const window = { ageMs: 10_000, incrementMs: 5000 }
    const unsampled = statistics.details(last(), PUBLISHED, 10, window)
    expect([unsampled.rate, statistics.details(last(), PUBLISHED, 10).rate]).toEqual([0, 0])
    site.clock.endTurn()
    site.publish('', 'q599', 'body')
    expect(statistics.details(last(), PUBLISHED, 11).rate).toBe(1 / 5)
    const fresh = await site.declareQueue('fresh')
    expect(statistics.details(fresh, PUBLISHED, 10).rate).toBe(2)
  })

  it('give samples of a window, the newest first, with averages', () => {
    publish(2)
    pass(5000)
    publish(1)
    pass(5000)
    const window = { ageMs: 10_000, incrementMs: 5000 }
    expect(statistics.details(queue(), PUBLISHED, published(), window)).toEqual({
      avg: (3 + 2 + 0) / 3,
      avg_rate: 0.3,
      rate: 0.2,
      samples: [
        { sample: 3, timestamp: 1_700_000_010_000 },
        { sample: 2, timestamp: 1_700_000_005_000 },
        { sample: 0, timestamp: 1_700_000_000_000 },
      ],
    })
  })

  it('take what was made since the last look as new', async () => {
    pass(20_000)
    await site.declareQueue('new')
    site.publish('', 'new', 'body')
    const made = site.vhost.queues.get('new') as object
    expect(statistics.details(made, PUBLISHED, 1).rate).toBe(0.2)
  })

  it('look at very many things in several turns', async () => {
    for (let index = 0; index < 600; index++) await site.declareQueue(`q${index}`)
    publish(5)
    site.clock.advance(5000)
    for (let turn = 0; turn < 4; turn++) site.clock.endTurn()
    site.clock.advance(5000)
    for (let turn = 0; turn < 4; turn++) site.clock.endTurn()
    expect(rate()).toBe(0)
  })

  it('leave no timer behind', () => {
    pass(5000)
    statistics.stop()
    expect(site.clock.timers).toBe(0)
  })
})
