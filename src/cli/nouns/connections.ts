// `leveret connections`, `channels` and `consumers`: who is there and what they do. Knows the API's paths for the three.

import type { Given, Noun } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import { filtered } from '../output/filter.ts'
import type { Row, Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { count, detailedFlag, existing, many, octets, rate, remove, toEach } from './support.ts'

const connectionShape: Shape = {
  columns: [
    'vhost',
    'name',
    'user',
    'state',
    'channels',
    { path: 'client_properties.connection_name', title: 'client', value: clientOf },
    { path: 'recv_oct', title: 'received', show: octets },
    { path: 'send_oct', title: 'sent', show: octets },
  ],
  wide: [
    'peer_host',
    'peer_port',
    'ssl',
    'protocol',
    'timeout',
    'client_properties.product',
    'client_properties.version',
  ],
}

const channelShape: Shape = {
  columns: [
    'vhost',
    'name',
    'user',
    'state',
    'consumer_count',
    'prefetch_count',
    { path: 'messages_unacknowledged', title: 'unacked', show: count },
    { path: 'messages_unconfirmed', title: 'unconfirmed', show: count },
  ],
  wide: [
    'confirm',
    'transactional',
    'global_prefetch_count',
    { path: 'message_stats.publish_details.rate', title: 'in/s', show: rate },
    { path: 'message_stats.deliver_get_details.rate', title: 'out/s', show: rate },
  ],
}

const consumerShape: Shape = {
  columns: [
    { path: 'queue.vhost', title: 'vhost' },
    { path: 'queue.name', title: 'queue' },
    { path: 'consumer_tag', title: 'tag' },
    { path: 'channel_details.name', title: 'channel' },
    'ack_required',
    'prefetch_count',
    'active',
  ],
  wide: ['exclusive', 'activity_status', 'arguments'],
  name: 'consumer_tag',
}

// RabbitMQ keeps the name that a client gave itself in two places, by version.
function clientOf(row: Row): unknown {
  const given = row['user_provided_name']
  if (typeof given === 'string') return given
  return (row['client_properties'] as Row | undefined)?.['connection_name']
}

/** Connections, and what can be done with them. */
export const connections: Noun = {
  name: 'connections',
  summary: 'Connections: list, show, close.',
  verbs: [
    {
      name: 'list',
      summary: 'List connections, of one vhost when -p names one.',
      reach: 'any broker',
      looks: true,
      run: list,
    },
    {
      name: 'show',
      operands: '<connection>',
      summary: 'Show all that is known of a connection.',
      reach: 'any broker',
      looks: true,
      run: async (task, given) => task.show(await existing(task, 'connections', given.operand(0)), connectionShape),
    },
    {
      name: 'close',
      operands: '[connections...]',
      summary: 'Close connections: those that are named, of a user, of the vhost of -p, that --filter wants, or all.',
      flags: [
        { flags: '--of-user <user>', help: 'those of this user' },
        { flags: '--all', help: 'every connection there is' },
        { flags: '--reason <text>', help: 'what the clients are told' },
        detailedFlag('connections'),
      ],
      notes:
        "  leveret connections close --of-user web --reason maintenance\n  leveret connections close --filter 'channels>100'",
      reach: 'any broker',
      run: close,
    },
  ],
}

/** Channels, which can be looked at. */
export const channels: Noun = {
  name: 'channels',
  summary: 'Channels: list, show.',
  verbs: [
    {
      name: 'list',
      summary: 'List channels, of one vhost when -p names one.',
      reach: 'any broker',
      looks: true,
      run: async (task) => task.list(await rowsOf(task, 'channels'), channelShape),
    },
    {
      name: 'show',
      operands: '<channel>',
      summary: 'Show all that is known of a channel.',
      reach: 'any broker',
      looks: true,
      run: async (task, given) => {
        const found = await (await task.api()).find(path('channels', given.operand(0)))
        if (!found) throw new CommandError(`there is no channel "${given.operand(0)}"`, exitCode.data, 'not_found')
        await task.show(found, channelShape)
      },
    },
  ],
}

/** Consumers, which can be looked at. */
export const consumers: Noun = {
  name: 'consumers',
  summary: 'Consumers: list.',
  verbs: [
    {
      name: 'list',
      summary: 'List consumers, of one vhost when -p names one.',
      reach: 'any broker',
      looks: true,
      run: async (task) => task.list(await (await task.api()).list(await task.pathOf('consumers')), consumerShape),
    },
  ],
}

async function rowsOf(task: Task, noun: 'connections' | 'channels'): Promise<readonly Row[]> {
  const { vhost } = await task.target()
  return (await task.api()).list(vhost === undefined ? path(noun) : path('vhosts', vhost, noun))
}

async function list(task: Task): Promise<void> {
  await task.list(await rowsOf(task, 'connections'), connectionShape)
}

async function close(task: Task, given: Given): Promise<number> {
  const names = await doomed(task, given)
  const title = names.length === 1 ? `connection "${names[0]}"` : many(names.length, 'connection')
  if (names.length === 0) {
    task.say('no connection matches')
    return exitCode.ok
  }
  await task.confirm(`close ${title}`)
  const reason = given.text('reason')
  const headers = reason === undefined ? {} : { 'x-reason': reason }
  const act = (name: string) => remove(task, 'connections', name, { headers })
  const code = await toEach(task, 'closing connections', names, act, given.flag('detailed-exit-codes') ?? false)
  if (code === exitCode.ok) task.done(`${title} closed`)
  return code
}

/** Names of the connections to close. What is not said is never taken for "all". */
async function doomed(task: Task, given: Given): Promise<readonly string[]> {
  const user = given.text('of-user')
  const { filter } = task.globals
  const chosen =
    user !== undefined || filter !== undefined || task.globals.vhost !== undefined || given.flag('all') === true
  if (given.operands.length > 0 === chosen) {
    throw new CommandError('connections close: expected names, or --of-user, --vhost, --filter or --all')
  }
  if (!chosen) return given.operands
  const all = given.flag('all') ? await (await task.api()).list(path('connections')) : await rowsOf(task, 'connections')
  const rows = all.filter((row) => user === undefined || row['user'] === user)
  return (filter === undefined ? rows : filtered(rows, filter)).map((row) => String(row['name']))
}
