// Class tx (behaviour.md §8.3).

import { preconditionFailed } from '../../protocol/reply.ts'
import type { Channel } from '../channel.ts'
import { enqueue, isUnroutable } from '../publishing.ts'
import { CommitOutcome, type Transaction } from '../transaction.ts'

/** tx.select: publishes and settlements are held from now on. */
export function txSelect(channel: Channel): void {
  if (channel.confirms) throw preconditionFailed('cannot switch from confirm to tx mode')
  channel.startTransaction()
  channel.send({ name: 'tx.select-ok' })
}

/** tx.commit: returns first, then commit-ok once every publish is as safe as a confirmed one. */
export async function txCommit(channel: Channel): Promise<void> {
  const { publishes, settlements } = transactionOf(channel).take()
  const outcome = new CommitOutcome()
  let taken = true
  for (const { message, queues, mandatory } of publishes) {
    channel.count(message, queues)
    if (mandatory && isUnroutable(queues)) channel.return(message)
    else if (queues.length === 0) channel.counts.dropped++
    taken = enqueue(message, queues, outcome, 0) && taken
  }
  channel.settling.commit(settlements)
  outcome.settle(0, taken ? 'stored' : 'rejected')
  if (!(await outcome.settled)) throw preconditionFailed('partial tx completion')
  channel.send({ name: 'tx.commit-ok' })
}

/** tx.rollback: publishes are forgotten, settlements undone. */
export function txRollback(channel: Channel): void {
  channel.settling.rollBack(transactionOf(channel).take().settlements)
  channel.send({ name: 'tx.rollback-ok' })
}

function transactionOf(channel: Channel): Transaction {
  if (!channel.transaction) throw preconditionFailed('channel is not transactional')
  return channel.transaction
}
