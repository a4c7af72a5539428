// `leveret limits`: how much a vhost or a user may have. Knows the API's paths for both kinds.

import type { Given, Noun } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { path } from '../http.ts'
import type { Row, Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { isMissing, missing } from './support.ts'

const shape: Shape = { columns: ['kind', 'of', 'limit', 'value'], name: 'of' }
const ofUser = { flags: '--of-user <user>', help: 'of this user, instead of the vhost' }
const limitsOf = { vhost: ['max-connections', 'max-queues'], user: ['max-connections', 'max-channels'] } as const

/** Limits, and what can be done with them. */
export const limits: Noun = {
  name: 'limits',
  summary:
    'Limits of vhosts (max-connections, max-queues) and users (max-connections, max-channels): list, set, clear.',
  verbs: [
    { name: 'list', summary: 'List limits of vhosts and users.', reach: 'any broker', looks: true, run: list },
    {
      name: 'set',
      operands: '<limit> <value>',
      summary: 'Set a limit of the vhost, or of a user; -1 is none.',
      flags: [ofUser],
      notes: '  leveret limits set max-queues 100 -p shop\n  leveret limits set max-connections 10 --of-user web',
      reach: 'any broker',
      run: set,
    },
    {
      name: 'clear',
      operands: '<limit>',
      summary: 'Take a limit of the vhost, or of a user, away.',
      flags: [ofUser],
      reach: 'any broker',
      aliases: ['delete'],
      run: clear,
    },
  ],
}

async function list(task: Task): Promise<void> {
  const api = await task.api()
  const { vhost } = await task.target()
  const ofVhosts = await api.list(vhost === undefined ? path('vhost-limits') : path('vhost-limits', vhost))
  const ofUsers = vhost === undefined ? await api.list(path('user-limits')) : []
  await task.list([...flat('vhost', ofVhosts), ...flat('user', ofUsers)], shape)
}

function flat(kind: 'vhost' | 'user', rows: readonly Row[]): readonly Row[] {
  return rows.flatMap((row) =>
    Object.entries((row['value'] ?? {}) as object).map(([limit, value]) => ({ kind, of: row[kind], limit, value })),
  )
}

async function subject(
  task: Task,
  given: Given,
): Promise<{ kind: 'vhost' | 'user'; name: string; to: string; limit: string }> {
  const user = given.text('of-user')
  const kind = user === undefined ? 'vhost' : 'user'
  const name = user ?? (await task.vhost())
  const limit = given.operand(0)
  const known: readonly string[] = limitsOf[kind]
  if (!known.includes(limit))
    throw new CommandError(`a ${kind} has no limit "${limit}", expected one of ${known.join(', ')}`)
  return { kind, name, limit, to: path(`${kind}-limits`, name, limit) }
}

async function set(task: Task, given: Given): Promise<void> {
  const { kind, name, limit, to } = await subject(task, given)
  const text = given.operand(1)
  if (!/^-?\d+$/.test(text)) throw new CommandError(`${limit}: got "${text}", expected a whole number`)
  await reached(task, kind, name, (await task.api()).put(to, { value: Number(text) }))
  task.done(`${limit} of ${kind} "${name}" is ${text}`)
}

async function clear(task: Task, given: Given): Promise<void> {
  const { kind, name, limit, to } = await subject(task, given)
  await reached(task, kind, name, (await task.api()).delete(to))
  task.done(`${kind} "${name}" has no ${limit}`)
}

async function reached(task: Task, kind: 'vhost' | 'user', name: string, request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    throw isMissing(error) ? await missing(task, `${kind}s`, name) : error
  }
}
