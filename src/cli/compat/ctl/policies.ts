// Policies, operator policies and parameters in rabbitmqctl's grammar.

import { exitCode } from '../../exit-codes.ts'
import { arg, type CtlCommand, jsonArgument, objectArgument, option } from './command.ts'
import { CtlError } from './ctl-error.ts'

/** The commands about policies and parameters. */
export const policyCommands: readonly CtlCommand[] = [
  ...policies('policies', {
    set: 'set_policy',
    clear: 'clear_policy',
    list: 'list_policies',
    one: 'policy',
    many: 'policies',
  }),
  ...policies('operator-policies', {
    set: 'set_operator_policy',
    clear: 'clear_operator_policy',
    list: 'list_operator_policies',
    one: 'operator policy',
    many: 'operator policy overrides',
  }),
  {
    name: 'set_parameter',
    group: 'Parameters',
    help: 'Sets a runtime parameter.',
    usage: '[--vhost <vhost>] <component_name> <name> <value>',
    takes: [3, 3],
    banner: ({ args: [component, name, value], vhost }) =>
      `Setting runtime parameter "${name}" for component "${component}" to "${value}" in vhost "${vhost}" ...`,
    run: async ({ args: [component = '', name = '', text = ''], vhost }, broker) => {
      const value = jsonArgument(text)
      await broker.request('PUT', ['parameters', component, vhost, name], { component, vhost, name, value })
      return undefined
    },
  },
  {
    name: 'clear_parameter',
    group: 'Parameters',
    help: 'Clears a runtime parameter.',
    usage: '[--vhost <vhost>] <component_name> <name>',
    takes: [2, 2],
    banner: ({ args: [component, name], vhost }) =>
      `Clearing runtime parameter "${name}" for component "${component}" on vhost "${vhost}" ...`,
    run: async ({ args: [component = '', name = ''], vhost }, broker) =>
      void (await broker.request('DELETE', ['parameters', component, vhost, name], undefined, gone)),
  },
  {
    name: 'list_parameters',
    group: 'Parameters',
    help: 'Lists runtime parameters for a virtual host',
    usage: '[--vhost <vhost>] [--no-table-headers] [--timeout <timeout>]',
    takes: [0, 0],
    banner: ({ vhost }) => `Listing runtime parameters for vhost "${vhost}" ...`,
    run: async ({ vhost }, broker) => {
      const all = await broker.list(['parameters'])
      // These have commands of their own.
      const rows = all.filter((each) => each['vhost'] === vhost && !special.has(String(each['component'])))
      return { isWhole: true, columns: ['component', 'name', 'value'], rows: rows.map(written('value')) }
    },
  },
  {
    name: 'set_global_parameter',
    group: 'Parameters',
    help: 'Sets a runtime parameter.',
    usage: '<name> <value>',
    takes: [2, 2],
    banner: (given) => `Setting global runtime parameter "${arg(given, 0)}" to "${arg(given, 1)}" ...`,
    run: async (given, broker) => {
      const value = jsonArgument(arg(given, 1))
      await broker.request('PUT', ['global-parameters', arg(given, 0)], { name: arg(given, 0), value })
      return undefined
    },
  },
  {
    name: 'clear_global_parameter',
    group: 'Parameters',
    help: 'Clears a global runtime parameter',
    usage: '<name>',
    takes: [1, 1],
    banner: (given) => `Clearing global runtime parameter "${arg(given, 0)}" ...`,
    run: async (given, broker) =>
      void (await broker.request('DELETE', ['global-parameters', arg(given, 0)], undefined, gone)),
  },
  {
    name: 'list_global_parameters',
    group: 'Parameters',
    help: 'Lists global runtime parameters',
    usage: '[--no-table-headers] [--timeout <timeout>]',
    takes: [0, 0],
    banner: () => 'Listing global runtime parameters ...',
    run: async (_given, broker) => ({
      isWhole: true,
      columns: ['name', 'value'],
      rows: (await broker.list(['global-parameters'])).map(written('value')),
    }),
  },
]

const gone = { 404: new CtlError('Parameter does not exist') }
const special = new Set(['policy', 'operator_policy', 'vhost-limits'])

interface Words {
  readonly set: string
  readonly clear: string
  readonly list: string
  readonly one: string
  readonly many: string
}

function policies(kind: string, { set, clear, list, one, many }: Words): readonly CtlCommand[] {
  const group = 'Policies'
  const override = kind === 'policies' ? one : `${one} override`
  return [
    {
      name: set,
      group,
      help: `Sets or updates ${one === 'policy' ? 'a policy' : 'an operator policy'}`,
      usage: '[--vhost <vhost>] [--priority <priority>] [--apply-to <apply-to>] <name> <pattern> <definition>',
      takes: [3, 3],
      banner: ({ args: [name, pattern, definition], vhost, options }) =>
        `Setting ${override} "${name}" for pattern "${pattern}" to "${definition}" with priority "${options['priority'] ?? 0}" for vhost "${vhost}" ...`,
      run: async (given, broker) => {
        const {
          args: [name = '', pattern, definition = ''],
          vhost,
        } = given
        await broker.request('PUT', [kind, vhost, name], {
          pattern,
          definition: objectArgument(definition),
          priority: priorityOf(option(given, 'priority') ?? '0'),
          'apply-to': option(given, 'apply-to') ?? 'all',
        })
        return undefined
      },
    },
    {
      name: clear,
      group,
      help: `Clears ${one === 'policy' ? 'a policy' : 'an operator policy'}`,
      usage: '[--vhost <vhost>] <name>',
      takes: [1, 1],
      banner: (given) => `Clearing ${one} "${arg(given, 0)}" on vhost "${given.vhost}" ...`,
      run: async (given, broker) =>
        void (await broker.request('DELETE', [kind, given.vhost, arg(given, 0)], undefined, gone)),
    },
    {
      name: list,
      group,
      help: `Lists all ${many} in a virtual host`,
      usage: '[--vhost <vhost>] [--no-table-headers] [--timeout <timeout>]',
      takes: [0, 0],
      banner: ({ vhost }) => `Listing ${many} for vhost "${vhost}" ...`,
      run: async ({ vhost }, broker) => ({
        isWhole: true,
        columns: ['vhost', 'name', 'pattern', 'apply-to', 'definition', 'priority'],
        rows: (await broker.list([kind, vhost])).map(written('definition')),
      }),
    },
  ]
}

function priorityOf(text: string): number {
  const priority = Number(text)
  if (Number.isInteger(priority)) return priority
  throw new CtlError(`--priority: got "${text}", expected a whole number`, exitCode.data)
}

/** rabbitmqctl prints these values as JSON, in JSON too. */
function written(key: string): (row: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> {
  return (row) => ({ ...row, [key]: JSON.stringify(row[key]) })
}
