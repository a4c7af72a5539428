// Messages that wait leave memory when it is short, and are read back when they are due.

import type { Binding } from '../../src/broker/binding.ts'
import { Delay } from '../../src/broker/delay.ts'
import { Exchange } from '../../src/broker/exchange/exchange.ts'
import type { Message } from '../../src/broker/message.ts'
import { Committer } from '../../src/broker/queue/committer.ts'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { SegmentMemory } from '../../src/broker/queue/segment-memory.ts'
import { table } from '../../src/protocol/field-table.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { published } from '../support/site.ts'

const COUNT = 60
const BODY_BYTES = 20_000

it('messages that wait are on disk only where memory is short, and come all the same, in order', async () => {
  const store = createMemoryStore()
  const lease = await store.open()
  const clock = new ManualClock()
  const committer = new Committer(store.messages, lease, clock, { failed: () => {}, succeeded: () => {} })
  const memory = new SegmentMemory(1)
  const spec = { name: 'x', type: 'x-delayed-message', durable: true, autoDelete: false, internal: false } as const
  const exchange = new Exchange({ ...spec, arguments: table({ 'x-delayed-type': 'fanout' }) }, 1, () => 0)
  const came: string[] = []
  const publish = (message: Message) => {
    came.push(message.copyBody().toString('latin1').slice(0, 2))
    return 'stored'
  }
  exchange.add({ key: 'k', to: { name: 'q', publish } as unknown as Queue } as Binding)
  const lost = jest.fn()
  const tables = { queues: new Map(), replies: new Map(), exchanges: new Map(), generation: 1 }
  const readChunk = jest.fn((key: { queueId: number; firstSeq: number }) => store.messages.read(key))
  exchange.delay = new Delay(7, exchange, tables, { clock, committer, memory, readChunk, chunkLost: lost })
  exchange.delay.open()
  for (let i = 10; i < 10 + COUNT; i += 1) {
    const headers = table({ 'x-delay': 1000 - i })
    exchange.delay.publish(published('x', 'k', `${i}`.padEnd(BODY_BYTES, '.'), { headers }), null, 0)
    await clock.pass()
  }
  expect(memory.used).toBeLessThan((COUNT * BODY_BYTES) / 3)
  clock.advance(1000)
  for (let turn = 0; turn < 5 * COUNT && came.length < COUNT; turn += 1) await clock.pass()
  expect(came).toEqual(Array.from({ length: COUNT }, (_, i) => `${9 + COUNT - i}`))
  expect(readChunk.mock.calls.length).toBeGreaterThan(COUNT / 2)
  expect(lost).not.toHaveBeenCalled()
  await clock.pass()
  clock.advance(20)
  await clock.pass()
  expect(await store.messages.queueIds()).toEqual([7])
  await store.close()
})
