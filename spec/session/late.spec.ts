// What a client says of deliveries that took too long.

import { Consumer, type Sink } from '../../src/broker/consumer.ts'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { Late } from '../../src/session/late.ts'

const sink: Sink = { hasRoomFor: () => true, deliver() {}, cancelled() {} }

describe('a late delivery', () => {
  it('lets its consumer go on once all that is late has been spoken of', () => {
    const options = { tag: 'tag', noAck: false, exclusive: false, prefetch: 0, arguments: new Map() }
    // Nobody asks the consumer for its queue here.
    const consumer = new Consumer({} as Queue, sink, options)
    const resumed: Consumer[] = []
    const late = [1, 2].map(() => new Late(consumer, (which) => resumed.push(which)))
    consumer.late = 2
    late[0]?.ack()
    expect(resumed).toEqual([])
    late[1]?.reject()
    expect([resumed, consumer.late]).toEqual([[consumer], 0])
  })

  it('of basic.get means nothing', () => {
    const nobody = new Late(null, () => {
      throw new Error('there is nobody to go on')
    })
    nobody.ack()
    nobody.reject()
  })
})
