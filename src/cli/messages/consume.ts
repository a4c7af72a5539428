// `leveret consume`, `leveret tail` and `leveret tap`: messages as they come, taken from a queue, copied from one, or as
// an exchange sees them.

import type { ConsumeMessage } from '../amqp.ts'
import { readArguments } from '../arguments.ts'
import type { Given, Verb } from '../command.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Task } from '../task.ts'
import { Deliveries } from './deliveries.ts'
import { bindingsOf, type Followed, follow, followedPlace, streamOffset } from './following.ts'
import { MessagePrinter, printingFlags } from './printing.ts'
import { countOf, withAmqp } from './session.ts'
import { asQueued, isTraced, withDirect } from './traced.ts'

const acks = ['ack', 'requeue', 'reject', 'none'] as const

/** Takes messages as they come. */
export const consume: Verb = {
  name: 'consume',
  operands: '<queue>',
  summary: 'Take messages from a queue as they come, and print them.',
  flags: [
    { flags: '--count <number>', help: 'end after so many' },
    { flags: '--drain', help: 'end when the queue is empty' },
    { flags: '--prefetch <number>', help: 'deliveries under way at once (default: 100)' },
    { flags: '--ack <how>', help: `${acks.join(', ')}: what happens to what was printed (default: ack)` },
    { flags: '--tag <text>', help: 'the consumer tag' },
    { flags: '--argument <key=value>', help: 'an argument of the consumer: x-priority=10', repeats: true },
    { flags: '--from <offset>', help: 'where to begin in a stream: first, last, next, 1000, 1h, 2026-01-31T12:00Z' },
    ...printingFlags,
  ],
  notes: `  leveret consume orders --count 100 --body
  leveret consume events --from first            a stream, from its beginning
  leveret consume orders --filter 'payload=~error' --ack requeue --drain

A message is acknowledged once it is printed. Ctrl-C ends; what was not printed, also what --filter does not want, stays
in the queue.`,
  reach: 'any broker',
  run: runConsume,
}

/** Follows a queue without taking from it. */
export const tail: Verb = {
  name: 'tail',
  operands: '<queue>',
  summary: 'Print what comes to a queue from now on, without taking it.',
  flags: [
    { flags: '-f, --follow', help: 'what tail always does; accepted for the habit' },
    { flags: '--count <number>', help: 'end after so many' },
    { flags: '--from <offset>', help: 'of a stream: first, last, next, 1000, 1h, 2026-01-31T12:00Z (default: next)' },
    ...printingFlags,
  ],
  notes: `  leveret tail orders

A queue of our own with the bindings of that queue gets its copies. Messages that are published to the queue directly,
through the default exchange, have no binding: they are seen where the vhost is traced (rabbitmqctl trace_on), which
costs the broker a copy of each message. A stream is read itself.`,
  reach: 'any broker',
  run: runTail,
}

/** Follows exchanges. */
export const tap: Verb = {
  name: 'tap',
  operands: '<places...>',
  summary: 'Print what goes through exchanges, without taking it from anybody.',
  flags: [
    { flags: '--count <number>', help: 'end after so many' },
    { flags: '--argument <key=value>', help: 'an argument of the binding, for headers exchanges', repeats: true },
    ...printingFlags,
  ],
  notes: `  leveret tap events:order.#                 a topic exchange, with a pattern
  leveret tap logs: --body                   a fanout exchange
  leveret tap events audit --filter 'payload=~refund'
  leveret tap amq.headers: --argument x-match=any --argument kind=order`,
  reach: 'any broker',
  run: runTap,
}

async function runConsume(task: Task, given: Given): Promise<number> {
  const ack = given.oneOf('ack', acks) ?? 'ack'
  const from = given.text('from')
  const table = {
    ...readArguments('--argument', given.texts('argument')),
    ...(from === undefined ? {} : { 'x-stream-offset': streamOffset(from) }),
  }
  const printer = new MessagePrinter(task, given)
  const most = countOf('count', given.number('count')) ?? Number.POSITIVE_INFINITY
  // What is held until the end must not keep the rest from coming.
  const holds = ack === 'requeue' || task.globals.filter !== undefined
  const prefetch = holds ? 0 : Math.min(countOf('prefetch', given.number('prefetch')) ?? 100, most)
  const drains = given.flag('drain') === true
  const signal = task.terminal.interrupted()
  return withAmqp(task, 'consume', async (amqp) => {
    const channel = await amqp.channel()
    const deliveries = await Deliveries.open(amqp, channel, {
      queue: given.operand(0),
      prefetch,
      noAck: ack === 'none',
      arguments: table,
      consumerTag: given.text('tag'),
      signal,
    })
    while (printer.printed < most) {
      const message = await deliveries.next(signal, drains ? DRAINED_MS : undefined)
      if (!message) break
      // What is not wanted or goes back would come again at once: it is held until the end.
      if (!(await printer.print(message))) continue
      if (ack === 'ack') channel.ack(message)
      else if (ack === 'reject') channel.reject(message, false)
    }
    await deliveries.cancel()
    await amqp.while(channel.close())
    task.say(`${printer.printed} printed`)
    return exitCode.ok
  })
}

/** A queue from which nothing has come for this long is taken to be empty. */
const DRAINED_MS = 500

async function runTail(task: Task, given: Given): Promise<number> {
  const queue = given.operand(0)
  const printer = new MessagePrinter(task, given)
  const signal = task.terminal.interrupted()
  const api = await task.api()
  const found = await api.get(path('queues', await task.vhost(), queue))
  const isStream = (found as { readonly type?: string }).type === 'stream'
  const from = given.text('from')
  return withAmqp(task, 'tail', async (amqp) => {
    if (isStream) {
      const channel = await amqp.channel()
      const table = { 'x-stream-offset': streamOffset(from ?? 'next') }
      const deliveries = await Deliveries.open(amqp, channel, { queue, prefetch: 100, arguments: table, signal })
      return print(task, given, deliveries, printer, signal, { seen: (message) => channel.ack(message) })
    }
    const bindings = await bindingsOf(task, queue)
    const traced = await isTraced(task)
    if (!traced && bindings.length === 0) {
      task.warn(`queue "${queue}" has no bindings: ${await untraced(task)}`)
      return exitCode.unavailable
    }
    const followed = traced ? withDirect(bindings) : bindings
    const deliveries = await follow(amqp, followed, signal)
    task.say(`following ${placesOf(followed)} (Ctrl-C ends)`)
    if (!traced) task.say(await untraced(task))
    return print(task, given, deliveries, printer, signal, { shown: asQueued(queue, bindings) })
  })
}

/** What is not seen, and what would help. */
async function untraced(task: Task): Promise<string> {
  const vhost = await task.vhost()
  return `what is published through the default exchange is seen in a traced vhost only (leveret rabbitmqctl trace_on -p ${vhost})`
}

function placesOf(followed: readonly Followed[]): string {
  return followed.map(({ exchange, key }) => `${exchange}:${key}`).join(', ')
}

async function runTap(task: Task, given: Given): Promise<number> {
  const table = readArguments('--argument', given.texts('argument'))
  const bindings = given.operands.map((place) => followedPlace(place, table))
  const printer = new MessagePrinter(task, given)
  const signal = task.terminal.interrupted()
  return withAmqp(task, 'tap', async (amqp) => {
    const deliveries = await follow(amqp, bindings, signal)
    task.say(`tapping ${placesOf(bindings)} (Ctrl-C ends)`)
    return print(task, given, deliveries, printer, signal)
  })
}

/** What else happens to what comes. */
interface Following {
  /** What is printed of a message; nothing: it is passed over. */
  readonly shown?: (message: ConsumeMessage) => ConsumeMessage | undefined
  readonly seen?: (message: ConsumeMessage) => void
}

async function print(
  task: Task,
  given: Given,
  deliveries: Deliveries,
  printer: MessagePrinter,
  signal: AbortSignal,
  { shown = (message) => message, seen }: Following = {},
): Promise<number> {
  const most = countOf('count', given.number('count')) ?? Number.POSITIVE_INFINITY
  while (printer.printed < most) {
    const message = await deliveries.next(signal)
    if (!message) break
    const original = shown(message)
    if (original) await printer.print(original)
    seen?.(message)
  }
  task.say(`${printer.printed} printed`)
  return exitCode.ok
}
