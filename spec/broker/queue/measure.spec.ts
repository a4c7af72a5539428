// Where the messages of a log are: in memory, in the store, with somebody, and since when.

import { Message } from '../../../src/broker/message.ts'
import { Log } from '../../../src/broker/queue/log.ts'
import { emptyMeasure, type Measure, measureLog } from '../../../src/broker/queue/measure.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { published } from '../../support/site.ts'

describe('the measure of a log', () => {
  let memory: SegmentMemory
  let log: Log
  const view = new Message()

  beforeEach(() => {
    memory = new SegmentMemory(1e9)
    log = new Log(7, null, { memory, read: async () => null, lost: () => {}, loaded: () => {} })
  })

  const append = (body: string, persistent = false): number => log.append(published('', 'q', body), persistent)
  const take = (): number => (log.atHand() ? log.take(view) : -1)
  const measured = (): Measure => {
    const measure = emptyMeasure()
    measureLog(log.layout, measure)
    return measure
  }

  it('is nothing but memory where the log is empty', () => {
    expect(measured()).toEqual({ ...emptyMeasure(), memoryBytes: memory.used })
    expect(memory.used).toBeGreaterThan(0)
  })

  it('tells what has been taken from what is ready, and what came back is ready', () => {
    append('1', true)
    append('22')
    append('333')
    append('4444')
    const [one, two] = [take(), take(), take()]
    expect(measured()).toMatchObject({ live: 4, persistent: 1, resident: 4, unackedBytes: 6, pagedBytes: 0 })
    log.giveBack(two as number)
    expect(measured().unackedBytes).toBe(4)
    log.settle(one as number)
    expect(measured()).toMatchObject({ live: 3, persistent: 0, unackedBytes: 3 })
    log.purge()
    expect(measured()).toMatchObject({ live: 1, unackedBytes: 3 })
  })

  it('knows since when something is ready, a segment at a time', () => {
    memory.now = 100
    append('a')
    memory.now = 200
    append('b')
    expect(measured().since).toBe(100)
    append('x'.repeat(300_000))
    memory.now = 300
    const [a] = [take(), take()]
    expect(measured().since).toBe(200)
    take()
    expect(measured().since).toBe(0)
    log.giveBack(a as number)
    expect(measured().since).toBe(100)
  })

  it('of several logs is their sum, since the oldest', () => {
    memory.now = 50
    append('abc', true)
    memory.now = 20
    const other = new Log(8, null, { memory, read: async () => null, lost: () => {}, loaded: () => {} })
    other.append(published('', 'q', 'de'), false)
    const measure = emptyMeasure()
    for (const each of [log, other]) measureLog(each.layout, measure)
    expect(measure).toMatchObject({ live: 2, persistent: 1, resident: 2, since: 20, memoryBytes: memory.used })
  })
})
