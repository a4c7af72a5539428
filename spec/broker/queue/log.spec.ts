// The log, case by case: what it did wrong once, and what chance (log-trial.spec.ts) does not look at.

import { Message } from '../../../src/broker/message.ts'
import { Log } from '../../../src/broker/queue/log.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { LogTrial } from './trial/log-trial.ts'
import { idOf, type Kind, makeMessage } from './trial/messages.ts'

const QUEUE_ID = 3

describe('a log without a store', () => {
  const host = {
    memory: new SegmentMemory(0),
    read: () => Promise.reject(new Error('there is no store')),
    lost: () => {},
    loaded: () => {},
  }
  const log = () => new Log(QUEUE_ID, null, host)
  const next = (it: Log, view: Message) => (it.atHand() ? it.take(view) : -1)

  it('numbers messages from 1 on and gives them in that order', () => {
    const it = log()
    const view = new Message()
    expect([1, 2, 3].map((id) => it.append(makeMessage(id, 'tiny'), true))).toEqual([1, 2, 3])
    expect([next(it, view), idOf(view)]).toEqual([1, 1])
    expect([next(it, view), idOf(view)]).toEqual([2, 2])
    expect([it.ready, it.unacked]).toEqual([1, 2])
  })

  it('gives back a message to its place, ahead of those never delivered (behaviour.md §7.6)', () => {
    const it = log()
    const view = new Message()
    for (let id = 0; id < 5; id++) it.append(makeMessage(id, 'tiny'), false)
    const taken = [0, 1, 2].map(() => next(it, view))
    it.giveBack(taken[1] as number)
    const rest = [0, 1, 2].map(() => [next(it, view) < 0, idOf(view), it.redelivered])
    expect(rest).toEqual([
      [false, 1, true],
      [false, 3, false],
      [false, 4, false],
    ])
    expect(next(it, view)).toBe(-1)
  })

  it('gives back several in their old order, in whatever order they come back', () => {
    const it = log()
    const view = new Message()
    for (let id = 0; id < 6; id++) it.append(makeMessage(id, 'tiny'), false)
    const taken = [0, 1, 2, 3].map(() => next(it, view))
    for (const at of [2, 0, 3]) it.giveBack(taken[at] as number)
    expect([0, 1, 2, 3, 4].map(() => next(it, view) && idOf(view))).toEqual([0, 2, 3, 4, 5])
  })

  it.each<Kind>(['tiny', 'large'])('promises nobody news of a %s message that is settled already', (kind) => {
    const it = log()
    const seq = it.append(makeMessage(1, kind), true)
    it.settle(next(it, new Message()))
    const settle = jest.fn()
    expect(it.awaitStored(seq, { settle }, 1)).toBe(false)
  })

  it('does not take a whole segment for each large body that follows small ones', () => {
    const it = log()
    for (let id = 0; id < 60; id++) it.append(makeMessage(id, 'page'), false)
    const before = process.memoryUsage().arrayBuffers
    for (let id = 0; id < 500; id++) it.append(makeMessage(id, 'large'), false)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(500 * 32 * 1024)
  })
})

describe('a log that is recovered', () => {
  it('passes over what is settled in a segment that is done with before the head has left it', async () => {
    const trial = await LogTrial.begin()
    trial.append('large', true, false)
    trial.append('tiny', true, false)
    trial.append('tiny', false, false)
    await trial.endTurn()
    trial.append('large', true, false)
    await trial.stop()
    await trial.endReads()
    expect([trial.take(), trial.take()]).toEqual([true, true])
    trial.settle(1)
    expect(trial.take()).toBe(true)
  })

  it('remembers over two orderly stops what had been delivered', async () => {
    const trial = await LogTrial.begin()
    for (let i = 0; i < 3; i++) trial.append('tiny', true, false)
    trial.take()
    await trial.stop()
    await trial.stop()
    await trial.endReads()
    expect([trial.take(), trial.take(), trial.take()]).toEqual([true, true, true])
  })
})
