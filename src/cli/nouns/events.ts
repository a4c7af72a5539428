// `leveret events`: what happens in the broker, line by line as it happens. Knows Leveret's path for events and the format
// of server-sent ones.

import type { Given, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { parseFilter } from '../output/filter.ts'
import { type Row, textOf } from '../output/paths.ts'
import type { Task } from '../task.ts'
import { isMissing } from './support.ts'

/** What happens, as it happens. */
export const events: Verb = {
  name: 'events',
  summary: 'Print what happens in the broker (queue.created, connection.closed ...), until Ctrl-C.',
  flags: [
    { flags: '-f, --follow', help: 'go on until Ctrl-C (it always does)' },
    { flags: '--of <names>', help: 'only events whose names start with one of these; commas between them' },
    { flags: '--count <number>', help: 'end after so many' },
  ],
  notes:
    "A line of JSON for each; on a terminal, or with -o table, in words.\n\n  leveret events --of queue,connection --filter 'vhost=shop'",
  reach: 'leveret',
  run: follow,
}

async function follow(task: Task, given: Given): Promise<number> {
  try {
    return await print(task, given)
  } catch (error) {
    if (!isMissing(error)) throw error
    const { url } = await task.target()
    throw new CommandError(`the broker at ${url} tells no events: only Leveret does`, exitCode.unavailable)
  }
}

async function print(task: Task, given: Given): Promise<number> {
  const api = await task.api()
  const prefixes = given.text('of')?.split(',')
  const wanted = task.globals.filter === undefined ? () => true : parseFilter(task.globals.filter).matches
  let left = given.number('count') ?? Number.POSITIVE_INFINITY
  for await (const event of eventsOf(api.stream('/api/leveret/events', task.terminal.interrupted()))) {
    if (prefixes && !prefixes.some((prefix) => textOf(event['event']).startsWith(prefix))) continue
    if (!wanted(event)) continue
    task.print(task.format === 'table' || task.format === 'wide' ? lineOf(event) : `${JSON.stringify(event)}\n`)
    if (--left <= 0) break
  }
  return exitCode.ok
}

/** Events out of the pieces of a stream: `event:` names one, `data:` holds its JSON, an empty line ends it. */
export async function* eventsOf(pieces: AsyncIterable<string>): AsyncGenerator<Row> {
  let rest = ''
  for await (const piece of pieces) {
    const blocks = `${rest}${piece}`.replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = eventOf(block)
      if (event) yield event
    }
  }
}

function eventOf(block: string): Row | undefined {
  const lines = block.split('\n')
  const field = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''))
  const data = field('data')
  if (data.length === 0) return undefined
  const [name] = field('event')
  const value = JSON.parse(data.join('\n')) as Row
  return name === undefined || 'event' in value ? value : { event: name, ...value }
}

function lineOf({ event, timestamp, ...rest }: Row): string {
  const at = typeof timestamp === 'number' ? `${new Date(timestamp).toISOString()} ` : ''
  const pairs = Object.entries(rest).map(([key, value]) => `${key}=${textOf(value)}`)
  return `${at}${textOf(event)} ${pairs.join(' ')}\n`
}
