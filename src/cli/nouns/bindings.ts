// `leveret bindings`: what is bound to what. Knows the API's paths for bindings.

import { readArguments } from '../arguments.ts'
import type { Given, Noun, VerbFlag } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Row, Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { argumentFlags, isMissing, many, missing } from './support.ts'

const shape: Shape = {
  columns: [
    'vhost',
    { path: 'source', show: (name) => (name === '' ? '(default)' : String(name)) },
    'destination_type',
    'destination',
    'routing_key',
    'arguments',
  ],
  wide: ['properties_key'],
  name: 'properties_key',
}

const flags: readonly VerbFlag[] = [
  { flags: '--routing-key <key>', help: 'the binding key (default: the empty one)' },
  { flags: '--to-exchange', help: 'the destination is an exchange, not a queue' },
  ...argumentFlags,
]

/** Bindings, and what can be done with them. */
export const bindings: Noun = {
  name: 'bindings',
  summary: 'Bindings: list, declare, delete.',
  verbs: [
    {
      name: 'list',
      summary: 'List bindings, of one vhost when -p names one.',
      flags: [
        { flags: '--source <exchange>', help: 'only those of this exchange' },
        { flags: '--destination <name>', help: 'only those to this queue or exchange' },
      ],
      reach: 'any broker',
      looks: true,
      run: list,
    },
    {
      name: 'declare',
      operands: '<source> <destination>',
      summary: 'Bind a queue, or an exchange, to an exchange.',
      flags,
      notes: "  leveret bindings declare events orders --routing-key 'order.*'",
      reach: 'any broker',
      aliases: ['add'],
      run: declare,
    },
    {
      name: 'delete',
      operands: '<source> <destination>',
      summary: 'Remove a binding, or with --all every binding between the two.',
      flags: [...flags, { flags: '--all', help: 'whatever their keys and arguments are' }],
      reach: 'any broker',
      run: drop,
    },
  ],
}

async function list(task: Task, given: Given): Promise<void> {
  const rows = await (await task.api()).list(await task.pathOf('bindings'))
  const [source, destination] = [given.text('source'), given.text('destination')]
  const wanted = (row: Row) =>
    (source === undefined || row['source'] === source) &&
    (destination === undefined || row['destination'] === destination)
  await task.list(rows.filter(wanted), shape)
}

/** The path that stands for all bindings of these two. */
async function between(task: Task, given: Given): Promise<string> {
  const [source = '', destination = ''] = given.operands
  const kind = given.flag('to-exchange') ? 'e' : 'q'
  return path('bindings', await task.vhost(), 'e', source, kind, destination)
}

/** What is bound to what, for people. */
function titleOf(given: Given): string {
  return `${given.flag('to-exchange') ? 'exchange' : 'queue'} "${given.operand(1)}" and exchange "${given.operand(0)}"`
}

async function declare(task: Task, given: Given): Promise<void> {
  const body = {
    routing_key: given.text('routing-key') ?? '',
    arguments: readArguments('--argument', given.texts('argument'), given.text('arguments')),
  }
  try {
    await (await task.api()).post(await between(task, given), body)
  } catch (error) {
    throw isMissing(error) ? await whichIsMissing(task, given) : error
  }
  task.done(`${titleOf(given)} are bound with "${body.routing_key}"`)
}

async function whichIsMissing(task: Task, given: Given): Promise<CommandError> {
  const [source = '', destination = ''] = given.operands
  const vhost = await task.vhost()
  const api = await task.api()
  if (!(await api.find(path('vhosts', vhost)))) return missing(task, 'vhosts', vhost)
  if (!(await api.find(path('exchanges', vhost, source)))) return missing(task, 'exchanges', source)
  return missing(task, given.flag('to-exchange') ? 'exchanges' : 'queues', destination)
}

async function drop(task: Task, given: Given): Promise<void> {
  const api = await task.api()
  const base = await between(task, given)
  const key = given.text('routing-key') ?? ''
  const table = readArguments('--argument', given.texts('argument'), given.text('arguments'))
  const rows = await api.list(base).catch(async (error) => {
    throw isMissing(error) ? await whichIsMissing(task, given) : error
  })
  const doomed = given.flag('all')
    ? rows
    : rows.filter((row) => row['routing_key'] === key && same(row['arguments'], table))
  if (doomed.length === 0) {
    const keys = rows.map((row) => `"${row['routing_key']}"`).join(', ')
    const there = keys === '' ? 'nothing binds them' : `they are bound with ${keys}`
    throw new CommandError(`${titleOf(given)} are not bound with "${key}": ${there}`, exitCode.data, 'not_found')
  }
  for (const row of doomed) await api.delete(`${base}/${encodeURIComponent(String(row['properties_key']))}`)
  task.done(`${many(doomed.length, 'binding')} between ${titleOf(given)} removed`)
}

function same(one: unknown, other: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(Object.entries((value ?? {}) as object).sort())
  return text(one) === text(other)
}
