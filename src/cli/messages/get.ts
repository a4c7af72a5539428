// `leveret get` and `leveret peek`: a few messages of a queue, taken or only looked at.

import type { Amqp, GetMessage, Message } from '../amqp.ts'
import type { Given, Verb } from '../command.ts'
import { exitCode } from '../exit-codes.ts'
import type { Task } from '../task.ts'
import { browsed } from './browse.ts'
import { MessagePrinter, printingFlags } from './printing.ts'
import { countOf, withAmqp } from './session.ts'

const acks = ['peek', 'ack', 'requeue', 'reject'] as const
type Ack = (typeof acks)[number]

/** Takes messages from a queue. */
export const get: Verb = {
  name: 'get',
  operands: '<queue>',
  summary: 'Take messages from a queue and print them.',
  flags: [
    { flags: '--count <number>', help: 'how many, at the most (default: 1)' },
    {
      flags: '--ack <how>',
      help: 'ack takes them; requeue and peek put them back; reject drops or dead-letters them (default: ack)',
    },
    ...printingFlags,
  ],
  notes: `  leveret get orders                       take one
  leveret get orders --count 10 --ack peek
  leveret get orders --body > order.json

Exit code: 1 when the queue is empty.`,
  reach: 'any broker',
  run: (task, given) => run(task, given, given.oneOf('ack', acks) ?? 'ack'),
}

/** Looks at messages of a queue. */
export const peek: Verb = {
  name: 'peek',
  operands: '<queue>',
  summary: 'Look at messages of a queue; they stay where they are.',
  flags: [
    { flags: '--count <number>', help: 'how many, at the most (default: 10)' },
    { flags: '--offset <number>', help: 'pass over so many' },
    ...printingFlags,
  ],
  notes: `  leveret peek orders --filter 'properties.headers.customer==42'

Leveret shows messages without touching them, and looks on until --filter has found --count of them. Any other broker has to hand them out and take them back: they count as
redelivered afterwards, and a quorum queue counts the delivery.`,
  reach: 'any broker',
  run: peekAt,
}

async function run(task: Task, given: Given, ack: Ack): Promise<number> {
  const count = countOf('count', given.number('count')) ?? 1
  const printer = new MessagePrinter(task, given)
  const queue = given.operand(0)
  if (task.globals.dryRun) {
    task.say(`would get ${count} from queue "${queue}"`)
    return exitCode.ok
  }
  return withAmqp(task, 'get', async (amqp) => {
    const messages = await taken(amqp, queue, count, ack)
    await printer.printAll(messages)
    if (messages.length > 0) return exitCode.ok
    task.say(`queue "${queue}" is empty`)
    return exitCode.failedCheck
  })
}

/** Gets messages, and settles them once all are there, so that none comes twice. */
async function taken(amqp: Amqp, queue: string, count: number, ack: Ack): Promise<readonly GetMessage[]> {
  const channel = await amqp.channel()
  const messages: GetMessage[] = []
  while (messages.length < count) {
    const message = await amqp.while(channel.get(queue, { noAck: false }))
    if (message === false) break
    messages.push(message)
  }
  const last = messages.at(-1)
  if (last && ack === 'ack') channel.ack(last, true)
  else if (last) channel.nack(last, true, ack !== 'reject')
  await amqp.while(channel.close())
  return messages
}

async function peekAt(task: Task, given: Given): Promise<number> {
  const count = countOf('count', given.number('count')) ?? 10
  const offset = given.number('offset') ?? 0
  const queue = given.operand(0)
  const printer = new MessagePrinter(task, given)
  const wanted = task.globals.filter === undefined ? undefined : (message: Message) => printer.wants(message)
  const shown = await browsed(task, queue, { offset, count, wanted })
  if (shown) {
    await printer.printAll(shown)
    return emptyOrNot(task, queue, shown.length)
  }
  task.say('this broker cannot show messages without handing them out: they will count as redelivered')
  return withAmqp(task, 'peek', async (amqp) => {
    const messages = (await taken(amqp, queue, offset + count, 'peek')).slice(offset)
    await printer.printAll(messages)
    return emptyOrNot(task, queue, messages.length)
  })
}

function emptyOrNot(task: Task, queue: string, count: number): number {
  if (count > 0) return exitCode.ok
  task.say(`queue "${queue}" has none there`)
  return exitCode.failedCheck
}
