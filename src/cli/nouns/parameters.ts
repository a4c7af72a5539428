// `leveret parameters`: settings of the broker's parts (shovels, federation) and of the whole. Knows the API's paths.

import { readJson } from '../arguments.ts'
import type { Given, Noun } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { inVhost, isMissing } from './support.ts'

const shape: Shape = { columns: ['vhost', 'component', 'name', 'value'] }
const globalShape: Shape = { columns: ['name', 'value'] }

/** Parameters, and what can be done with them. */
export const parameters: Noun = {
  name: 'parameters',
  summary: 'Runtime parameters: list, set, delete; of a component in a vhost, or global.',
  verbs: [
    {
      name: 'list',
      summary: 'List parameters, of one vhost when -p names one.',
      flags: [
        { flags: '--component <name>', help: 'only those of this component' },
        { flags: '--global', help: 'those of the whole broker instead' },
      ],
      reach: 'any broker',
      looks: true,
      run: list,
    },
    {
      name: 'set',
      operands: '<component> <name> <json>',
      summary: 'Set a parameter of a component.',
      notes: `  leveret parameters set federation-upstream origin '{"uri": "amqp://origin"}'`,
      reach: 'any broker',
      run: set,
    },
    {
      name: 'set-global',
      operands: '<name> <json>',
      summary: 'Set a parameter of the whole broker.',
      reach: 'any broker',
      run: setGlobal,
    },
    {
      name: 'delete',
      operands: '<component> <name>',
      summary: 'Delete a parameter of a component.',
      reach: 'any broker',
      aliases: ['clear'],
      run: async (task, given) =>
        drop(task, path('parameters', given.operand(0), await task.vhost(), given.operand(1)), given.operand(1)),
    },
    {
      name: 'delete-global',
      operands: '<name>',
      summary: 'Delete a parameter of the whole broker.',
      reach: 'any broker',
      aliases: ['clear-global'],
      run: (task, given) => drop(task, path('global-parameters', given.operand(0)), given.operand(0)),
    },
  ],
}

async function list(task: Task, given: Given): Promise<void> {
  const api = await task.api()
  if (given.flag('global')) return task.list(await api.list(path('global-parameters')), globalShape)
  const rows = await api.list(path('parameters'))
  const { vhost } = await task.target()
  const component = given.text('component')
  const wanted = rows
    .filter((row) => vhost === undefined || row['vhost'] === vhost)
    .filter((row) => component === undefined || row['component'] === component)
  await task.list(wanted, shape)
}

async function set(task: Task, given: Given): Promise<void> {
  const [component = '', name = '', json = ''] = given.operands
  const vhost = await task.vhost()
  const body = { component, vhost, name, value: readJson(`the value of "${name}"`, json) }
  await inVhost(task, (await task.api()).put(path('parameters', component, vhost, name), body))
  task.done(`parameter "${name}" of ${component} is set in vhost "${vhost}"`)
}

async function setGlobal(task: Task, given: Given): Promise<void> {
  const [name = '', json = ''] = given.operands
  await (await task.api()).put(path('global-parameters', name), {
    name,
    value: readJson(`the value of "${name}"`, json),
  })
  task.done(`global parameter "${name}" is set`)
}

async function drop(task: Task, from: string, name: string): Promise<void> {
  try {
    await (await task.api()).delete(from)
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new CommandError(`there is no parameter "${name}" there`, exitCode.data, 'not_found')
  }
  task.done(`parameter "${name}" deleted`)
}
