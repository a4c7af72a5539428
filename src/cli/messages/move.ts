// `leveret move` and `leveret copy`: the messages of a queue to another place.

import type { Given, Verb, VerbFlag } from '../command.ts'
import { exitCode } from '../exit-codes.ts'
import { path, type Row } from '../http.ts'
import { parseFilter } from '../output/filter.ts'
import type { Task } from '../task.ts'
import { foretold, runJob, takesJobs, type Work } from './jobs.ts'
import { messageRow } from './message.ts'
import { serverFilter } from './server-filter.ts'
import { countOf, Pacer, type Place, placeOf, placeText, rateOf, withAmqp } from './session.ts'
import { type Transfer, type Transferred, transfer } from './transfer.ts'

/** The flags of every command that moves messages. */
export const transferFlags: readonly VerbFlag[] = [
  { flags: '--max <number>', help: 'no more than so many' },
  { flags: '--rate <number>', help: 'messages per second, at the most' },
]

const notes = `The place is a queue, or exchange:key. --filter picks among the messages, by columns such as routing_key,
payload, properties.headers.kind; the others stay where they are.

Leveret does it itself: each message changes its place in one commit, Ctrl-C stops the rest. With any other broker, or
a --filter that looks into bodies or says more than "this and that is so", messages go through this program: one leaves
the queue once the broker has confirmed it at the other place. None is lost, and when something fails the last few may
be there twice.

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
  notes: `  leveret copy orders orders.backup\n\n${notes}\n\nWhere Leveret does not do it itself, the messages that were copied count as redelivered in their queue.`,
  reach: 'any broker',
  run: (task, given) => run(task, given, true),
}

async function run(task: Task, given: Given, isCopy: boolean): Promise<number> {
  const [from = '', to = ''] = given.operands
  const place = placeOf(to)
  const kind = isCopy ? 'copy' : 'move'
  return moveMessages(task, given, {
    from,
    kind,
    to: ` to ${placeText(place)}`,
    target: () => place,
    job: { kind, body: destinationOf(place) },
  })
}

/** A place as Leveret's own API names it. */
export function destinationOf({ exchange, key }: Place): Row {
  return exchange === '' ? { to_queue: key } : { to_exchange: exchange, to_routing_key: key }
}

/** What is moved, and how it is told. */
export interface Moving {
  readonly from: string
  readonly kind: 'move' | 'copy' | 'drop'
  /** The place, in words that follow the name of the queue. */
  readonly to: string
  readonly target: Transfer['target']
  /** Whether `target` leaves messages even without `--filter`. */
  readonly picks?: boolean
  /** The same, as work that Leveret does itself. */
  readonly job: Pick<Work, 'kind' | 'body'>
}

const past = { move: 'moved', copy: 'copied', drop: 'dropped' } as const

/** Moves, copies or drops with the flags of the command line; the exit code. */
export async function moveMessages(task: Task, given: Given, moving: Moving): Promise<number> {
  const work = await workOf(task, given, moving.from, moving.job)
  return work ? byJob(task, moving, work) : byAmqp(task, given, moving)
}

/** The work as the broker is to do it; undefined where it cannot, or not with this `--filter`. */
export async function workOf(
  task: Task,
  given: Given,
  queue: string,
  { kind, body }: Moving['job'],
): Promise<Work | undefined> {
  const filter = serverFilter(task.globals.filter)
  const limit = countOf('max', given.number('max'))
  const rate = rateOf(given.text('rate'))
  if (!filter || !(await takesJobs(task))) return undefined
  const header = [...((body['header'] ?? []) as readonly string[]), ...(filter.header ?? [])]
  return {
    kind,
    queue,
    body: {
      ...body,
      ...filter,
      ...(header.length > 0 ? { header } : {}),
      ...(limit === undefined ? {} : { limit }),
      ...(rate === undefined ? {} : { rate }),
    },
  }
}

async function byJob(task: Task, { kind, from, to }: Moving, work: Work): Promise<number> {
  if (task.globals.dryRun) {
    const { total, stayed } = await foretold(task, work)
    const staying = Object.values(stayed).reduce((sum, count) => sum + count, 0)
    task.say(`would ${kind} ${total - staying} of queue "${from}"${to}`)
    for (const [reason, count] of Object.entries(stayed)) task.warn(`${count} would stay: ${reason}`)
    return exitCode.ok
  }
  const picks = work.body['header'] !== undefined || task.globals.filter !== undefined
  const there = picks && work.body['limit'] === undefined ? await readyIn(task, from) : 0
  const { total, done, stayed } = await runJob(task, work)
  const { 'no queue for it': unroutable = 0, [FULL]: refused = 0, [GONE]: _gone, ...others } = stayed
  const left = Math.max(0, there - total)
  const code = told(task, { moved: done, left, unroutable, refused }, `${past[kind]} from queue "${from}"${to}`)
  for (const [reason, count] of Object.entries(others)) task.warn(`${count} stay: ${reason}`)
  if (Object.keys(others).length === 0) return code
  return done > 0 ? exitCode.partial : exitCode.data
}

/** Why messages stay, in the broker's words; what somebody else has taken meanwhile is no failure. */
const FULL = 'refused by a full queue'
const GONE = 'not there any more'

/** How many messages wait in a queue. */
export async function readyIn(task: Task, queue: string): Promise<number> {
  const found = await (await task.api()).find(path('queues', await task.vhost(), queue))
  return Number(found?.['messages_ready'] ?? 0)
}

async function byAmqp(task: Task, given: Given, { from, kind, target, to, picks }: Moving): Promise<number> {
  const { filter, dryRun } = task.globals
  const wanted = filter === undefined ? undefined : parseFilter(filter).matches
  const most = countOf('max', given.number('max'))
  const pacer = new Pacer(rateOf(given.text('rate')), task.terminal.now, task.terminal.pause)
  return withAmqp(task, kind, async (amqp) => {
    const channel = await amqp.channel()
    const { messageCount } = await amqp.while(channel.checkQueue(from))
    const meant = Math.min(messageCount, most ?? messageCount)
    if (dryRun) {
      task.say(`would ${kind} ${meant} of queue "${from}"${to}${wanted ? ', of those that --filter wants' : ''}`)
      return exitCode.ok
    }
    const bar = await task.progress(kind, meant)
    const outcome = await transfer(amqp, {
      from,
      isCopy: kind === 'copy',
      most,
      pacer,
      picks: wanted !== undefined || picks === true,
      signal: task.terminal.interrupted(),
      user: (await task.target()).user,
      moved: (count) => bar.update(count),
      target: (message) => (wanted === undefined || wanted(messageRow(message, 'auto')) ? target(message) : undefined),
    })
    bar.stop()
    return told(task, outcome, `${past[kind]} from queue "${from}"${to}`)
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
