// `leveret move` and `leveret copy`: the messages of a queue to another place.

import type { Message } from '../amqp.ts'
import type { Given, Verb, VerbFlag } from '../command.ts'
import { exitCode } from '../exit-codes.ts'
import { parseFilter } from '../output/filter.ts'
import type { Task } from '../task.ts'
import { messageRow } from './message.ts'
import { countOf, Pacer, type Place, placeOf, placeText, rateOf, withAmqp } from './session.ts'
import { type Transferred, transfer } from './transfer.ts'

/** The flags of every command that moves messages. */
export const transferFlags: readonly VerbFlag[] = [
  { flags: '--max <number>', help: 'no more than so many' },
  { flags: '--rate <number>', help: 'messages per second, at the most' },
]

const notes = `The place is a queue, or exchange:key. A message leaves the queue once the broker has confirmed it at the
other place: none is lost, and when something fails the last few may be there twice. --filter picks among
them, by columns such as routing_key, payload, properties.headers.kind; the others stay where they are.

Exit codes: 3 when some could not be moved, 65 when none could.`

/** Moves messages. */
export const move: Verb = {
  name: 'move',
  operands: '<queue> <place>',
  summary: 'Move the messages of a queue to another queue or exchange.',
  flags: transferFlags,
  notes: `  leveret move orders.failed orders --filter 'properties.headers.attempt<3' --rate 50\n\n${notes}`,
  reach: 'any broker',
  run: (task, given) => run(task, given, false),
}

/** Copies messages. */
export const copy: Verb = {
  name: 'copy',
  operands: '<queue> <place>',
  summary: 'Copy the messages of a queue to another queue or exchange.',
  flags: transferFlags,
  notes: `  leveret copy orders orders.backup\n\n${notes}\n\nThe messages that were copied count as redelivered in their queue.`,
  reach: 'any broker',
  run: (task, given) => run(task, given, true),
}

async function run(task: Task, given: Given, isCopy: boolean): Promise<number> {
  const [from = '', to = ''] = given.operands
  const place = placeOf(to)
  return moveMessages(task, given, { from, isCopy, to: placeText(place), target: () => place })
}

/** What is moved, and how it is told. */
export interface Moving {
  readonly from: string
  readonly isCopy: boolean
  /** The place, in words. */
  readonly to: string
  readonly target: (message: Message) => Place | undefined
  /** Whether `target` leaves messages even without `--filter`. */
  readonly picks?: boolean
}

/** Moves or copies with the flags of the command line; the exit code. */
export async function moveMessages(task: Task, given: Given, moving: Moving): Promise<number> {
  const { from, isCopy, target, to } = moving
  const { filter, dryRun } = task.globals
  const wanted = filter === undefined ? undefined : parseFilter(filter).matches
  const most = countOf('max', given.number('max'))
  const verb = isCopy ? 'copy' : 'move'
  const pacer = new Pacer(rateOf(given.text('rate')), task.terminal.now, task.terminal.pause)
  return withAmqp(task, verb, async (amqp) => {
    const channel = await amqp.channel()
    const { messageCount } = await amqp.while(channel.checkQueue(from))
    if (dryRun) {
      task.say(
        `would ${verb} ${Math.min(messageCount, most ?? messageCount)} of queue "${from}" to ${to}${wanted ? ', of those that --filter wants' : ''}`,
      )
      return exitCode.ok
    }
    const bar = await task.progress(verb, Math.min(messageCount, most ?? messageCount))
    const outcome = await transfer(amqp, {
      from,
      isCopy,
      most,
      pacer,
      picks: wanted !== undefined || moving.picks === true,
      signal: task.terminal.interrupted(),
      user: (await task.target()).user,
      moved: (count) => bar.update(count),
      target: (message) => (wanted === undefined || wanted(messageRow(message, 'auto')) ? target(message) : undefined),
    })
    bar.stop()
    return told(task, outcome, `${isCopy ? 'copied' : 'moved'} from queue "${from}" to ${to}`)
  })
}

/** Says how it went; the exit code that tells it. */
export function told(task: Pick<Task, 'say' | 'warn'>, outcome: Transferred, what: string): number {
  const { moved, left, unroutable, refused } = outcome
  task.say(`${moved} ${what}${left > 0 ? `, ${left} left where they were` : ''}`)
  if (unroutable > 0) task.warn(`${unroutable} stay: no queue is there for them`)
  if (refused > 0) task.warn(`${refused} stay: the broker did not take them`)
  if (unroutable + refused === 0) return exitCode.ok
  return moved > 0 ? exitCode.partial : exitCode.data
}
