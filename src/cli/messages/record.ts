// `leveret record`, `leveret replay`, `leveret export-messages` and `leveret import-messages`: messages in files, a line
// of JSON each, from which they can be published again exactly as they were.

import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { readArguments } from '../arguments.ts'
import type { Given, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import type { Task } from '../task.ts'
import { Deliveries } from './deliveries.ts'
import { follow, followedPlace } from './following.ts'
import { nameOf, readLines } from './inputs.ts'
import { contentOf, type FiledMessage, fileLine, readFileLine } from './message.ts'
import { publishOptions } from './properties.ts'
import { verdict } from './publish.ts'
import { Publisher } from './publisher.ts'
import { countOf, Pacer, type Place, placeOf, rateOf, withAmqp } from './session.ts'

const file = { flags: '-f, --file <file>', help: 'the file (default, and -: standard output or input)' }

/** Writes what goes through exchanges. */
export const record: Verb = {
  name: 'record',
  operands: '<places...>',
  summary: 'Write what goes through exchanges to a file, with the time of each message.',
  flags: [
    file,
    { flags: '--count <number>', help: 'end after so many' },
    { flags: '--argument <key=value>', help: 'an argument of the binding, for headers exchanges', repeats: true },
  ],
  notes: `  leveret record events:# -f monday.ndjson
  leveret replay monday.ndjson --speed 10`,
  reach: 'any broker',
  run: runRecord,
}

/** Publishes what was recorded. */
export const replay: Verb = {
  name: 'replay',
  operands: '[file]',
  summary: 'Publish what was recorded, at the pace at which it came.',
  flags: [
    { flags: '--speed <factor>', help: 'so many times as fast; max does not wait (default: 1)' },
    { flags: '--to <place>', help: 'all to this queue, or exchange:key, instead of where they were' },
  ],
  reach: 'any broker',
  run: runReplay,
}

/** Writes the messages of a queue. */
export const exportMessages: Verb = {
  name: 'export-messages',
  operands: '<queue>',
  summary: 'Write the messages of a queue to a file; they stay in the queue.',
  flags: [
    file,
    { flags: '--max <number>', help: 'no more than so many' },
    { flags: '--remove', help: 'take them out of the queue, once the file holds them' },
  ],
  notes: `  leveret export-messages orders.dead -f dead.ndjson
  leveret import-messages dead.ndjson --to orders.dead

Messages that stay count as redelivered afterwards.`,
  reach: 'any broker',
  run: runExport,
}

/** Publishes the messages of a file. */
export const importMessages: Verb = {
  name: 'import-messages',
  operands: '[file]',
  summary: 'Publish the messages of a file.',
  flags: [
    { flags: '--to <place>', help: 'to this queue, or exchange:key (default: the queue that a line names)' },
    { flags: '--rate <number>', help: 'messages per second, at the most' },
  ],
  notes: `A line is a JSON object: payload, and where they are wanted payload_encoding (string or base64), exchange, routing_key,
queue and properties (content_type, headers, message_id ...).`,
  reach: 'any broker',
  run: runImport,
}

async function runRecord(task: Task, given: Given): Promise<number> {
  const table = readArguments('--argument', given.texts('argument'))
  const bindings = given.operands.map((place) => followedPlace(place, table))
  const most = countOf('count', given.number('count')) ?? Number.POSITIVE_INFINITY
  const signal = task.terminal.interrupted()
  return withAmqp(task, 'record', async (amqp) => {
    const out = await openOutput(task, given.text('file'))
    const deliveries = await follow(amqp, bindings, signal)
    task.say(`recording ${bindings.map(({ exchange, key }) => `${exchange}:${key}`).join(', ')} (Ctrl-C ends)`)
    let count = 0
    let startedAt: number | undefined
    while (count < most) {
      const message = await deliveries.next(signal)
      if (!message) break
      startedAt ??= task.terminal.now()
      await out.write(fileLine(message, { at_ms: task.terminal.now() - startedAt }))
      count++
    }
    await out.end()
    task.say(`${count} recorded`)
    return exitCode.ok
  })
}

async function runExport(task: Task, given: Given): Promise<number> {
  const queue = given.operand(0)
  const removes = given.flag('remove') === true
  const signal = task.terminal.interrupted()
  return withAmqp(task, 'export-messages', async (amqp) => {
    const channel = await amqp.channel()
    const { messageCount } = await amqp.while(channel.checkQueue(queue))
    const total = Math.min(messageCount, countOf('max', given.number('max')) ?? messageCount)
    const out = await openOutput(task, given.text('file'))
    const bar = await task.progress('export', total)
    let count = 0
    if (total > 0) {
      const deliveries = await Deliveries.open(amqp, channel, { queue, prefetch: removes ? 500 : 0, signal })
      while (count < total) {
        const message = await deliveries.next(signal, 2000)
        if (!message) break
        await out.write(fileLine(message, { queue }))
        if (removes) channel.ack(message)
        bar.update(++count)
      }
      await deliveries.cancel()
    }
    bar.stop()
    await out.end()
    // What has no ack goes back to its place.
    await amqp.while(channel.close())
    task.say(`${count} of ${messageCount} messages of queue "${queue}" written${removes ? ', and removed' : ''}`)
    return exitCode.ok
  })
}

async function runReplay(task: Task, given: Given): Promise<number> {
  const speed = speedOf(given.text('speed'))
  const { now, pause } = task.terminal
  const startedAt = now()
  return publishFile(task, given, async (message) => {
    const early = startedAt + (message.at_ms ?? 0) / speed - now()
    if (early >= 1) await pause(early)
  })
}

async function runImport(task: Task, given: Given): Promise<number> {
  const { now, pause } = task.terminal
  const pacer = new Pacer(rateOf(given.text('rate')), now, pause)
  return publishFile(task, given, () => pacer.turn())
}

async function publishFile(task: Task, given: Given, due: (message: FiledMessage) => Promise<void>): Promise<number> {
  const [source] = given.operands
  const to = given.text('to')
  const signal = task.terminal.interrupted()
  return withAmqp(task, 'import-messages', async (amqp) => {
    const publisher = new Publisher(await amqp.confirmChannel())
    const tally = { confirmed: 0, returned: 0, refused: 0 }
    for await (const { line, number } of readLines(source, task.terminal)) {
      const message = parsed(line, number, source)
      const place = to === undefined ? placeIn(message) : placeOf(to)
      await due(message)
      if (signal.aborted) break
      await amqp.while(publisher.room())
      const options = { ...publishOptions(message.properties), mandatory: place.exchange === '' || to !== undefined }
      void publisher.send({ ...place, content: contentOf(message), options }).then((outcome) => tally[outcome]++)
    }
    await amqp.while(publisher.settled())
    return verdict(task, to === undefined ? { exchange: '(as recorded)', key: '' } : placeOf(to), tally)
  })
}

/** Where a message of a file belongs: to its queue, where the line names one, else to where it was published. */
export function placeIn({ queue, exchange, routing_key: key }: FiledMessage): Place {
  return queue === undefined ? { exchange, key } : { exchange: '', key: queue }
}

function parsed(line: string, number: number, source: string | undefined): FiledMessage {
  try {
    return readFileLine(line)
  } catch (error) {
    throw new CommandError(`${nameOf(source)}, line ${number}: ${(error as Error).message}`, exitCode.data)
  }
}

/** How many times as fast: `2`, `2x`, `max`. Throws `CommandError` for anything else. */
export function speedOf(text: string | undefined): number {
  if (text === undefined) return 1
  if (text === 'max') return Number.POSITIVE_INFINITY
  const factor = Number(text.replace(/x$/, ''))
  if (factor > 0) return factor
  throw new CommandError(`--speed: got "${text}", expected a factor above 0 such as 10, or max`)
}

interface Sink {
  write(line: string): Promise<void>
  end(): Promise<void>
}

/** Opens a file for lines; without one they go to standard output. */
async function openOutput(task: Task, name: string | undefined): Promise<Sink> {
  if (name === undefined || name === '-') {
    return { write: async (line) => task.print(line), end: async () => {} }
  }
  const stream = createWriteStream(resolve(task.terminal.cwd, name))
  const failed = new Promise<never>((_, reject) => {
    stream.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CommandError(`${name} cannot be written: ${error.message}`, exitCode.io)),
    )
  })
  failed.catch(() => {})
  await Promise.race([failed, new Promise<void>((done) => stream.once('open', () => done()))])
  return {
    write: (line) => Promise.race([failed, new Promise<void>((done) => stream.write(line, () => done()))]),
    end: () => Promise.race([failed, new Promise<void>((done) => stream.end(() => done()))]),
  }
}
