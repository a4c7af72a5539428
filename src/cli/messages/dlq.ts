// `leveret dlq` and `leveret redrive`: which queues hold dead letters, what they died of, and the way back.

import type { Message } from '../amqp.ts'
import type { Given, Noun, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { parseFilter } from '../output/filter.ts'
import type { Row } from '../output/print.ts'
import type { Task } from '../task.ts'
import { browsed } from './browse.ts'
import { deadLetterQueues, groupDeaths, sourceExchange, sourceQueue } from './deaths.ts'
import { foretold } from './jobs.ts'
import { messageRow } from './message.ts'
import { destinationOf, type Moving, moveMessages, readyIn, transferFlags, workOf } from './move.ts'
import { countOf, type Place, placeOf, placeText, withAmqp } from './session.ts'

/** Dead-letter queues. */
export const dlq: Noun = {
  name: 'dlq',
  summary: 'Dead-letter queues: which there are, what their messages died of.',
  verbs: [
    {
      name: 'list',
      summary: 'List the queues that dead letters go to, by the dead-letter exchanges of all queues.',
      reach: 'any broker',
      looks: true,
      run: list,
    },
    {
      name: 'inspect',
      operands: '<queue>',
      summary: 'Group the messages of a queue by what they died of, and where.',
      flags: [{ flags: '--max <number>', help: 'look at so many messages (default: 1000)' }],
      notes: `Leveret shows messages without touching them; any other broker hands them out and takes them back, after which they
count as redelivered.`,
      reach: 'any broker',
      run: inspect,
    },
  ],
}

/** Sends dead letters back. */
export const redrive: Verb = {
  name: 'redrive',
  operands: '<queue>',
  summary: 'Send dead letters back to where they came from.',
  flags: [
    { flags: '--to-source', help: 'to the queue in which each died (the default)' },
    {
      flags: '--to-exchange',
      help: 'to the exchange, with the key, to which each was published: other queues get it again too',
    },
    { flags: '--to <place>', help: 'to this queue, or exchange:key' },
    ...transferFlags,
  ],
  notes: `  leveret redrive orders.dead --dry-run
  leveret redrive orders.dead --filter 'properties.headers.x-death=~rejected' --max 100 --rate 10

Leveret does it itself: each message changes its place in one commit, Ctrl-C stops the rest. With any other broker, or
a --filter that looks into bodies, a message leaves the queue once the broker has confirmed it at the other place. Those
that have not died (without x-death) stay. The history in x-death stays with the message.

Exit codes: 3 when some could not go back, 65 when none could.`,
  reach: 'any broker',
  run: runRedrive,
}

async function list(task: Task): Promise<void> {
  const api = await task.api()
  const [queues, bindings] = await Promise.all([
    api.list(await task.pathOf('queues')),
    api.list(await task.pathOf('bindings')),
  ])
  const rows = deadLetterQueues(queues, bindings)
  await task.list(rows as unknown as readonly Row[], {
    columns: [
      'vhost',
      'name',
      'messages',
      { path: 'sources', show: (value) => (value as readonly string[]).join(', ') },
    ],
  })
}

async function inspect(task: Task, given: Given): Promise<number> {
  const queue = given.operand(0)
  const rows = groupDeaths(await headersOf(task, queue, countOf('max', given.number('max')) ?? 1000))
  await task.list(rows as unknown as readonly Row[], {
    columns: ['reason', 'queue', 'exchange', { path: 'routing_key', title: 'key' }, 'messages', 'first', 'last'],
    name: 'queue',
  })
  return exitCode.ok
}

/** The headers of a queue's messages, which stay there. */
async function headersOf(
  task: Task,
  queue: string,
  count: number,
  wanted?: (message: Message) => boolean,
): Promise<readonly unknown[]> {
  const shown = await browsed(task, queue, { count, wanted })
  if (shown) return shown.map(({ properties }) => properties.headers)
  return withAmqp(task, 'dlq', async (amqp) => {
    const channel = await amqp.channel()
    const headers: unknown[] = []
    for (let seen = 0; seen < count; seen++) {
      const message = await amqp.while(channel.get(queue))
      if (message === false) break
      if (wanted?.(message) !== false) headers.push(message.properties.headers)
    }
    // Closing puts all of them back.
    await amqp.while(channel.close())
    return headers
  })
}

async function runRedrive(task: Task, given: Given): Promise<number> {
  const from = given.operand(0)
  const way = wayOf(given)
  if (task.globals.dryRun) return tellRedrive(task, given, from, way)
  const target = (message: { readonly properties: { readonly headers?: unknown } }) =>
    way.target(message.properties.headers)
  return moveMessages(task, given, { from, kind: 'move', to: ` to ${way.words}`, target, picks: true, job: way.job })
}

const NOT_DIED = '(stays: it has not died)'

interface Way {
  readonly words: string
  readonly target: (headers: unknown) => Place | undefined
  readonly job: Moving['job']
}

/** What has not died stays. */
const dead = { header: ['x-death'] }

/** Where dead letters go. Throws `CommandError` when it is said twice. */
export function wayOf(given: Given): Way {
  const ways = [given.flag('to-source'), given.flag('to-exchange'), given.text('to')].filter(Boolean)
  if (ways.length > 1) throw new CommandError('expected one of --to-source, --to-exchange and --to')
  const to = given.text('to')
  if (to !== undefined) {
    const place = placeOf(to)
    return { words: placeText(place), target: () => place, job: { kind: 'move', body: destinationOf(place) } }
  }
  return given.flag('to-exchange')
    ? {
        words: 'the exchanges they were published to',
        target: sourceExchange,
        job: { kind: 'redrive', body: { via: 'exchange', ...dead } },
      }
    : {
        words: 'the queues they died in',
        target: sourceQueue,
        job: { kind: 'redrive', body: { via: 'queue', ...dead } },
      }
}

async function tellRedrive(task: Task, given: Given, queue: string, way: Way): Promise<number> {
  const counts = await redriveCounts(task, given, queue, way)
  task.say(`would redrive of queue "${queue}":`)
  const rows = [...counts].map(([target, messages]) => ({ target, messages }))
  await task.list(rows, { columns: ['target', 'messages'], name: 'target' })
  return exitCode.ok
}

/** How many would go where, or stay. */
async function redriveCounts(
  task: Task,
  given: Given,
  queue: string,
  way: Way,
): Promise<Iterable<readonly [string, number]>> {
  const work = await workOf(task, given, queue, way.job)
  if (work) {
    const { total, destinations, stayed } = await foretold(task, work)
    // What was not asked for is not told of.
    const isAll = task.globals.filter === undefined && work.body['limit'] === undefined && way.job.kind === 'redrive'
    const left = isAll ? (await readyIn(task, queue)) - total : 0
    return [
      ...Object.entries(destinations).map(([name, count]) => [`queue "${name}"`, count] as const),
      ...Object.entries(stayed).map(([reason, count]) => [`(stays: ${reason})`, count] as const),
      ...(left > 0 ? [[NOT_DIED, left] as const] : []),
    ]
  }
  const { filter } = task.globals
  const matches = filter === undefined ? undefined : parseFilter(filter).matches
  const wanted = matches && ((message: Message) => matches(messageRow(message, 'auto')))
  const counts = new Map<string, number>()
  for (const each of await headersOf(task, queue, countOf('max', given.number('max')) ?? 1000, wanted)) {
    const place = way.target(each)
    const words = place ? placeText(place) : NOT_DIED
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  return counts
}
