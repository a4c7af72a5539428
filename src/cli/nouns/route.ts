// `leveret route`: where a message would go, and why. Knows the API's lists of exchanges and bindings.

import { scalar } from '../arguments.ts'
import type { Given, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Task } from '../task.ts'
import { explain } from '../topology/routes.ts'
import { inVhost, missing } from './support.ts'

const shape = {
  columns: [
    'exchange',
    'type',
    { path: 'matches', show: (value: unknown) => (value ? 'yes' : 'no') },
    'destination_type',
    'destination',
    'why',
  ],
  wide: ['routing_key'],
  name: 'destination',
}

/** Where a message would go. */
export const route: Verb = {
  name: 'route',
  operands: '<exchange> [key]',
  summary: 'Explain which queues a message would reach, and which not, and why. Nothing is published.',
  flags: [{ flags: '--header <name=value>', help: 'a header that the message would have', repeats: true }],
  notes: `Exits with 1 when no queue would get it. The default exchange is ''.\n\n  leveret route events order.created\n  leveret route '' orders -o json`,
  reach: 'any broker',
  run,
}

async function run(task: Task, given: Given): Promise<number> {
  const [exchange = '', routingKey = ''] = given.operands
  const vhost = await task.vhost()
  const api = await task.api()
  const [exchanges, bindings] = await inVhost(
    task,
    Promise.all([api.list(path('exchanges', vhost)), api.list(path('bindings', vhost))]),
  )
  const headers = Object.fromEntries(given.texts('header').map(header))
  const explanation = explain({ exchange, routingKey, headers }, { exchanges, bindings })
  if (!explanation) throw await missing(task, 'exchanges', exchange)
  const { queues, steps } = explanation
  if (task.format === 'json' || task.format === 'ndjson' || task.format === 'yaml') {
    await task.show({ vhost, exchange, routing_key: routingKey, headers, queues, steps })
  } else if (task.format === 'name') {
    task.print(queues.map((name) => `${name}\n`).join(''))
  } else {
    // Thousands of queues are bound to the default exchange, and all but one of them have another name.
    const told = exchange === '' ? steps.filter(({ matches }) => matches) : steps
    await task.list(
      told.map((step) => ({ ...step })),
      shape,
    )
    task.say(
      queues.length === 0 ? 'no queue would get it' : `would reach ${queues.map((name) => `"${name}"`).join(', ')}`,
    )
  }
  return queues.length === 0 ? exitCode.failedCheck : exitCode.ok
}

function header(word: string): readonly [string, unknown] {
  const at = word.indexOf('=')
  if (at < 1) throw new CommandError(`--header: got "${word}", expected name=value`)
  return [word.slice(0, at), scalar(word.slice(at + 1))]
}
