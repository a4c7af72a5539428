// `leveret policies` and `leveret operator-policies`: settings of queues and exchanges by name. Knows the API's paths for
// both, which differ in nothing else.

import { readArguments, readJsonObject } from '../arguments.ts'
import type { Given, Noun } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { path } from '../http.ts'
import type { Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { existing, inVhost, remove } from './support.ts'

const shape: Shape = { columns: ['vhost', 'name', 'pattern', 'apply-to', 'priority', 'definition'] }
const targets = ['all', 'exchanges', 'queues', 'classic_queues', 'quorum_queues', 'streams'] as const

type PolicyKind = 'policies' | 'operator-policies'

/** Policies, and what can be done with them. */
export const policies: Noun = nounOf('policies', 'policy', 'Policies: list, show, set, delete.')

/** Operator policies, and what can be done with them. */
export const operatorPolicies: Noun = nounOf(
  'operator-policies',
  'operator policy',
  'Operator policies, which bound what policies may say: list, show, set, delete.',
)

function nounOf(kind: PolicyKind, title: string, summary: string): Noun {
  return {
    name: kind,
    summary,
    verbs: [
      {
        name: 'list',
        summary: `List ${kind.replace('-', ' ')}, of one vhost when -p names one.`,
        reach: 'any broker',
        looks: true,
        run: async (task) => task.list(await (await task.api()).list(await task.pathOf(kind)), shape),
      },
      {
        name: 'show',
        operands: '<name>',
        summary: `Show one ${title}.`,
        reach: 'any broker',
        looks: true,
        run: async (task, given) => task.show(await existing(task, kind, given.operand(0)), shape),
      },
      {
        name: 'set',
        operands: '<name> <pattern> [definition]',
        summary: `Set one ${title}: what holds for all whose names match the pattern.`,
        flags: [
          { flags: '--define <key=value>', help: 'a setting, key:=json for other types', repeats: true },
          { flags: '--priority <number>', help: 'the highest one that matches holds (default: 0)' },
          { flags: '--apply-to <what>', help: `${targets.join(', ')} (default: all)` },
        ],
        notes: `  leveret ${kind} set short '^logs\\.' --define max-length=1000 --apply-to queues`,
        reach: 'any broker',
        aliases: ['declare'],
        run: (task, given) => set(task, given, kind, title),
      },
      {
        name: 'delete',
        operands: '<name>',
        summary: `Delete one ${title}.`,
        reach: 'any broker',
        aliases: ['clear'],
        run: (task, given) => drop(task, given, kind, title),
      },
    ],
  }
}

async function set(task: Task, given: Given, kind: PolicyKind, title: string): Promise<void> {
  const [name = '', pattern = '', json] = given.operands
  const definition = {
    ...(json === undefined ? {} : readJsonObject(`the definition of ${title} "${name}"`, json)),
    ...readArguments('--define', given.texts('define')),
  }
  if (Object.keys(definition).length === 0) {
    throw new CommandError(
      `${title} "${name}" says nothing: expected a definition such as '{"max-length": 1000}', or --define`,
    )
  }
  const vhost = await task.vhost()
  const body = {
    pattern,
    definition,
    priority: given.number('priority') ?? 0,
    'apply-to': given.oneOf('apply-to', targets) ?? (kind === 'policies' ? 'all' : 'queues'),
  }
  await inVhost(task, (await task.api()).put(path(kind, vhost, name), body))
  task.done(`${title} "${name}" holds in vhost "${vhost}"`)
}

async function drop(task: Task, given: Given, kind: PolicyKind, title: string): Promise<void> {
  const name = given.operand(0)
  await remove(task, kind, name)
  task.done(`${title} "${name}" deleted from vhost "${await task.vhost()}"`)
}
