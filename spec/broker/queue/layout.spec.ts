// Where the messages of a log are, and which of them is next.

import { Message } from '../../../src/broker/message.ts'
import { peek, positionOf, segmentOf } from '../../../src/broker/queue/layout.ts'
import { Log } from '../../../src/broker/queue/log.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { published } from '../../support/site.ts'

it('the next message is the one that would be taken', () => {
  const memory = new SegmentMemory(1e9)
  const log = new Log(7, null, { memory, read: async () => null, lost: () => {}, loaded: () => {} })
  const view = new Message()
  const next = () => (peek(log.layout, view) ? String(view.copyBody()) : null)
  expect([next(), positionOf(log.layout)]).toEqual([null, 1])
  for (const body of ['a', 'b', 'x'.repeat(300_000), 'd']) log.append(published('', 'q', body), false)
  expect(next()).toBe('a')
  expect([log.atHand(), log.take(new Message())]).toEqual([true, 1])
  expect([next(), positionOf(log.layout)]).toEqual(['b', 2])
  expect(log.withdraw(2)).toBe(true)
  expect(next()).toHaveLength(300_000)
  log.giveBack(1)
  expect(next()).toBe('a')
  expect(segmentOf(log.layout, 3).firstSeq).toBe(3)
})
