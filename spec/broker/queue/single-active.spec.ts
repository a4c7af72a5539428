// Who is the single active consumer (behaviour.md §7.2); dispatch.spec.ts has what comes of it.

import { Consumer, type Sink } from '../../../src/broker/consumer.ts'
import type { Queue } from '../../../src/broker/queue/queue.ts'
import { SingleActive } from '../../../src/broker/queue/single-active.ts'
import { table } from '../../../src/protocol/field-table.ts'

const sink: Sink = { hasRoomFor: () => true, deliver() {}, cancelled() {} }

function consumer(tag: string, priority = 0): Consumer {
  const options = { tag, noAck: false, exclusive: false, prefetch: 0, arguments: table({ 'x-priority': priority }) }
  // The choice does not look at the queue.
  return new Consumer({} as Queue, sink, options)
}

describe('the single active consumer', () => {
  const [first, second, high] = [consumer('first'), consumer('second'), consumer('high', 1)]

  beforeEach(() => {
    first.unacked = 0
  })

  it('is nobody where nobody is', () => {
    const single = new SingleActive(false)
    expect([single.choose(new Set()), single.active]).toEqual([null, null])
  })

  it('of a classic queue is the first that came, until it goes', () => {
    const single = new SingleActive(false)
    expect(single.choose(new Set([first, second, high]))).toBe(first)
    expect(single.choose(new Set([second, high]))).toBe(second)
    expect(single.choose(new Set([first, second]))).toBe(second)
  })

  it('of a quorum queue is the first of the highest priority', () => {
    const single = new SingleActive(true)
    expect(single.choose(new Set([first]))).toBe(first)
    first.unacked = 1
    expect([single.choose(new Set([first, high])), single.active]).toEqual([null, first])
    first.unacked = 0
    expect([single.choose(new Set([first, high])), single.active]).toEqual([high, high])
    expect(single.choose(new Set([first, second]))).toBe(first)
  })
})
