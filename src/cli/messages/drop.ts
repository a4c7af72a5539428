// `leveret drop`: some messages of a queue are deleted, the others stay.

import type { Given, Verb } from '../command.ts'
import type { Task } from '../task.ts'
import { moveMessages, transferFlags } from './move.ts'
import { countOf } from './session.ts'

/** Deletes messages. */
export const drop: Verb = {
  name: 'drop',
  operands: '<queue>',
  summary: 'Delete messages of a queue: those that --filter wants, or the oldest.',
  flags: transferFlags,
  notes: `  leveret drop orders.failed --filter 'properties.headers.tenant==test' --dry-run
  leveret drop orders.failed --max 100 --yes

They are not dead-lettered. What --filter does not want stays; with brokers other than Leveret it counts as redelivered.`,
  reach: 'any broker',
  run,
}

async function run(task: Task, given: Given): Promise<number> {
  const from = given.operand(0)
  const most = countOf('max', given.number('max'))
  const which = most === undefined ? 'all messages' : `up to ${most} messages`
  const wanted = task.globals.filter === undefined ? '' : ' that --filter wants'
  await task.confirm(`delete ${which} of queue "${from}"${wanted}`)
  return moveMessages(task, given, {
    from,
    kind: 'drop',
    to: '',
    target: () => null,
    job: { kind: 'delete', body: {} },
  })
}
