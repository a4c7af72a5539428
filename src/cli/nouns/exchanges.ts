// `leveret exchanges`: what there is, made and removed. Knows the API's paths for exchanges.

import { readArguments } from '../arguments.ts'
import type { Given, Noun } from '../command.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Row, Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { argumentFlags, chosen, detailedFlag, existing, inVhost, many, rate, remove, toEach } from './support.ts'

const shape: Shape = {
  columns: [
    'vhost',
    { path: 'name', show: (name) => (name === '' ? '(default)' : String(name)) },
    'type',
    'durable',
    'auto_delete',
    'internal',
  ],
  wide: [
    'policy',
    { path: 'message_stats.publish_in_details.rate', title: 'in/s', show: rate },
    { path: 'message_stats.publish_out_details.rate', title: 'out/s', show: rate },
    'arguments',
  ],
}

/** Exchanges, and what can be done with them. */
export const exchanges: Noun = {
  name: 'exchanges',
  summary: 'Exchanges: list, show, declare, delete.',
  verbs: [
    {
      name: 'list',
      summary: 'List exchanges, of one vhost when -p names one.',
      reach: 'any broker',
      looks: true,
      run: list,
    },
    {
      name: 'show',
      operands: '<exchange>',
      summary: 'Show all that is known of an exchange.',
      reach: 'any broker',
      looks: true,
      run: show,
    },
    {
      name: 'declare',
      operands: '<exchange>',
      summary: 'Declare an exchange; one that is there already has to be equal.',
      flags: [
        {
          flags: '--type <type>',
          help: 'direct, fanout, topic, headers, or another that the broker has (default: direct)',
        },
        { flags: '--no-durable', help: 'gone after a restart of the broker' },
        { flags: '--auto-delete', help: 'gone with its last binding' },
        { flags: '--internal', help: 'takes messages from other exchanges only' },
        ...argumentFlags,
      ],
      notes: '  leveret exchanges declare events --type topic --argument alternate-exchange=unrouted',
      reach: 'any broker',
      run: declare,
    },
    {
      name: 'delete',
      operands: '[exchanges...]',
      summary: 'Delete exchanges with their bindings.',
      flags: [
        { flags: '--if-unused', help: 'only exchanges without bindings' },
        { flags: '--pattern <regex>', help: 'all exchanges of the vhost whose names match' },
        detailedFlag('exchanges'),
      ],
      reach: 'any broker',
      run: drop,
    },
  ],
}

async function list(task: Task): Promise<void> {
  await task.list(await (await task.api()).list(await task.pathOf('exchanges')), shape)
}

async function show(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  const found: Row = await existing(task, 'exchanges', name === '' ? 'amq.default' : name)
  await task.show(found, shape)
}

async function declare(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  const vhost = await task.vhost()
  const body = {
    type: given.text('type') ?? 'direct',
    durable: given.flag('durable') ?? true,
    auto_delete: given.flag('auto-delete') ?? false,
    internal: given.flag('internal') ?? false,
    arguments: readArguments('--argument', given.texts('argument'), given.text('arguments')),
  }
  await inVhost(task, (await task.api()).put(path('exchanges', vhost, name), body))
  task.done(`exchange "${name}" is there in vhost "${vhost}"`)
}

async function drop(task: Task, given: Given): Promise<number> {
  const matching = await chosen(task, 'exchanges', given.operands, given.text('pattern'))
  // A pattern means what somebody has declared: those that every vhost has cannot be deleted.
  const names = given.operands.length > 0 ? matching : matching.filter((name) => !name.startsWith('amq.'))
  const vhost = await task.vhost()
  const title = names.length === 1 ? `exchange "${names[0]}"` : many(names.length, 'exchange')
  if (names.length === 0) {
    task.say('no exchange matches')
    return exitCode.ok
  }
  await task.confirm(`delete ${title} of vhost "${vhost}" with all bindings`)
  const query = { 'if-unused': given.flag('if-unused') }
  const act = (name: string) => remove(task, 'exchanges', name, { query })
  const code = await toEach(task, 'deleting exchanges', names, act, given.flag('detailed-exit-codes') ?? false)
  if (code === exitCode.ok) task.done(`${title} deleted from vhost "${vhost}"`)
  return code
}
