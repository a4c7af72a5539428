// Transactions (behaviour.md §8.3): nothing of them is seen before the commit, nothing of them remains after a rollback,
// and a commit is answered when the disk has it.

import { encodeRouting, Message } from '../../src/broker/message.ts'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { CommitOutcome, Transaction } from '../../src/session/transaction.ts'

const queue = { name: 'q' } as Queue

describe('a transaction', () => {
  it('gives out what it holds once, in order', () => {
    const transaction = new Transaction()
    const delivery = { tag: 1, queue, consumer: null, seq: 7 }
    transaction.settle(delivery, 'ack')
    transaction.settle({ ...delivery, tag: 2 }, 'requeue')
    transaction.publish(new Message(), [queue], false)
    const { publishes, settlements } = transaction.take()
    expect(settlements).toEqual([
      { delivery, how: 'ack' },
      { delivery: { ...delivery, tag: 2 }, how: 'requeue' },
    ])
    expect(publishes).toMatchObject([{ queues: [queue], mandatory: false }])
    expect(transaction.take()).toEqual({ publishes: [], settlements: [] })
  })

  it('keeps each message, although the view that it came in is used again', () => {
    const transaction = new Transaction()
    const view = new Message()
    for (const name of ['one', 'two']) {
      const routing = encodeRouting('', name)
      view.setRouting(routing, 0, routing.length)
      view.setBody(Buffer.from(name), 0, 3)
      view.persistent = name === 'two'
      transaction.publish(view, [], true)
    }
    const kept = transaction.take().publishes.map(({ message }) => message)
    expect(kept.map((message) => [message.routingKey, message.copyBody().toString(), message.persistent])).toEqual([
      ['one', 'one', false],
      ['two', 'two', true],
    ])
  })
})

describe('the outcome of a commit', () => {
  it('is known when everybody has answered, not before', async () => {
    const outcome = new CommitOutcome()
    outcome.expect()
    outcome.expect()
    let known: boolean | null = null
    const waiting = outcome.settled.then((stored) => {
      known = stored
    })
    outcome.settle(0, 'stored')
    outcome.settle(0, 'stored')
    await Promise.resolve()
    expect(known).toBeNull()
    outcome.settle(0, 'stored')
    await waiting
    expect(known).toBe(true)
  })

  it.each(['rejected', 'unknown'] as const)('is a failure when one answer is %s', async (answer) => {
    const outcome = new CommitOutcome()
    outcome.expect()
    outcome.settle(0, answer)
    outcome.settle(0, 'stored')
    await expect(outcome.settled).resolves.toBe(false)
  })
})
