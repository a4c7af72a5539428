// A ring of consumers by itself; dispatch.spec.ts lets chance drive it against a list.

import type { Consumer } from '../../../src/broker/consumer.ts'
import type { Queue } from '../../../src/broker/queue/queue.ts'
import { Ring } from '../../../src/broker/queue/ring.ts'
import { Mailbox } from './trial/mailbox.ts'

describe('a ring', () => {
  const mailbox = new Mailbox()
  let ring: Ring

  beforeEach(() => {
    ring = new Ring(0)
    mailbox.full.clear()
  })

  function join(tag: string): Consumer {
    // A ring does not look at the queue.
    const consumer = mailbox.consumer({} as Queue, { tag })
    ring.join(consumer)
    return consumer
  }

  const order = (count: number) => Array.from({ length: count }, () => ring.next()?.tag ?? null)

  it('counts its members, parked or not', () => {
    const [a, b] = [join('a'), join('b')]
    mailbox.full.add(a)
    expect([...order(1), ring.members, ring.empty]).toEqual(['b', 2, false])
    ring.leave(a)
    ring.leave(b)
    expect([ring.members, ring.empty, a.parked]).toEqual([0, true, false])
  })

  it('gives the turn that somebody missed to him, not a second one to another', () => {
    const [a] = [join('a'), join('b')]
    mailbox.full.add(a)
    expect(order(1)).toEqual(['b'])
    mailbox.full.delete(a)
    ring.wake(a)
    expect(order(4)).toEqual(['a', 'b', 'a', 'b'])
  })
})
