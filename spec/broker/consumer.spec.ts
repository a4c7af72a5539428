// A consumer's room: its own prefetch, and what its channel says (behaviour.md §7.3).

import { Consumer, endLater, type Sink } from '../../src/broker/consumer.ts'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { ManualClock } from '../support/manual-clock.ts'

const sink = (room: boolean): Sink => ({ hasRoomFor: () => room, deliver() {}, cancelled() {} })
const options = { tag: 'tag', noAck: false, exclusive: false, prefetch: 0, arguments: new Map() }
// A consumer does not look at its queue.
const queue = {} as Queue

describe('a consumer', () => {
  it('has its tag as a shortstr', () => {
    expect([...new Consumer(queue, sink(true), { ...options, tag: 'é' }).tagBytes]).toEqual([2, 0xc3, 0xa9])
  })

  it('has room for any number without a prefetch', () => {
    const consumer = new Consumer(queue, sink(true), options)
    consumer.unacked = 1_000_000
    expect(consumer.hasRoom).toBe(true)
  })

  it('has room below its prefetch only', () => {
    const consumer = new Consumer(queue, sink(true), { ...options, prefetch: 2 })
    const rooms = [0, 1, 2, 3].map((unacked) => {
      consumer.unacked = unacked
      return consumer.hasRoom
    })
    expect(rooms).toEqual([true, true, false, false])
  })

  it('is not limited when it does not ack', () => {
    const consumer = new Consumer(queue, sink(true), { ...options, noAck: true, prefetch: 1 })
    consumer.unacked = 5
    expect(consumer.hasRoom).toBe(true)
  })

  it('has none when its channel has none', () => {
    expect(new Consumer(queue, sink(false), options).hasRoom).toBe(false)
  })
})

describe('consumers of a queue that is deleted', () => {
  it('are told at the end of the turn, and so is whoever watches', () => {
    const clock = new ManualClock()
    const told: string[] = []
    const of = (tag: string) =>
      new Consumer(
        queue,
        { ...sink(true), cancelled: (consumer) => told.push(`to ${consumer.tag}`) },
        { ...options, tag },
      )
    const consuming = ({ tag }: Consumer, began: boolean) => told.push(`${tag} ${began}`)
    endLater([of('a'), of('b')], { clock, consuming })
    expect(told).toEqual([])
    clock.endTurn()
    expect(told).toEqual(['a false', 'to a', 'b false', 'to b'])
    endLater([], { clock })
    expect(clock.tasks).toBe(0)
  })
})
