// `leveret lag`: how far consumers are behind, queue by queue. Knows Leveret's path for it.

import type { Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import type { Row, Shape } from '../output/print.ts'
import { duration } from '../progress.ts'
import type { Task } from '../task.ts'
import { count, isMissing } from './support.ts'

const shape: Shape = {
  columns: [
    'vhost',
    'queue',
    { path: 'messages', show: count },
    { path: 'oldest_age_ms', title: 'oldest', show: (age) => (typeof age === 'number' ? duration(age / 1000) : '') },
    { path: 'consumers', value: (row: Row) => (Array.isArray(row['consumers']) ? row['consumers'].length : 0) },
  ],
  name: 'queue',
}

/** How far consumers are behind. */
export const lag: Verb = {
  name: 'lag',
  summary: 'Show how far the consumers of each queue are behind: messages, and the age of the oldest.',
  notes:
    "  leveret lag --filter 'oldest_age_ms>60000' --sort -oldest_age_ms\n  leveret lag -o json    # each consumer of its own",
  reach: 'leveret',
  looks: true,
  run,
}

async function run(task: Task): Promise<void> {
  const { vhost, url } = await task.target()
  try {
    await task.list(await (await task.api()).list('/api/leveret/lag', { vhost }), shape)
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new CommandError(`the broker at ${url} does not tell lag: only Leveret does`, exitCode.unavailable)
  }
}
