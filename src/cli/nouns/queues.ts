// `leveret queues`: what there is, made, emptied and removed. Knows the API's paths for queues.

import { readArguments } from '../arguments.ts'
import type { Given, Noun } from '../command.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import {
  argumentFlags,
  chosen,
  count,
  detailedFlag,
  existing,
  inVhost,
  isMissing,
  many,
  missing,
  octets,
  rate,
  remove,
  toEach,
} from './support.ts'

const shape: Shape = {
  columns: [
    'vhost',
    'name',
    { path: 'type', value: (row) => row['type'] ?? 'classic' },
    'state',
    { path: 'messages_ready', title: 'ready', show: count },
    { path: 'messages_unacknowledged', title: 'unacked', show: count },
    { path: 'messages', title: 'total', show: count },
    'consumers',
  ],
  wide: [
    'durable',
    'auto_delete',
    'exclusive',
    'policy',
    { path: 'message_bytes', title: 'bytes', show: octets },
    { path: 'memory', show: octets },
    { path: 'message_stats.publish_details.rate', title: 'in/s', show: rate },
    { path: 'message_stats.deliver_get_details.rate', title: 'out/s', show: rate },
    { path: 'message_stats.ack_details.rate', title: 'ack/s', show: rate },
    'arguments',
  ],
}

const bulk = [{ flags: '--pattern <regex>', help: 'all queues of the vhost whose names match' }, detailedFlag('queues')]

/** Queues, and what can be done with them. */
export const queues: Noun = {
  name: 'queues',
  summary: 'Queues: list, show, declare, delete, purge.',
  verbs: [
    {
      name: 'list',
      summary: 'List queues, of one vhost when -p names one.',
      notes:
        "  leveret queues list --filter 'messages>1000 && name=~^orders' --sort -messages\n  leveret queues list -o wide --watch",
      reach: 'any broker',
      looks: true,
      run: list,
    },
    {
      name: 'show',
      operands: '<queue>',
      summary: 'Show all that is known of a queue.',
      reach: 'any broker',
      looks: true,
      run: show,
    },
    {
      name: 'declare',
      operands: '<queue>',
      summary: 'Declare a queue; one that is there already has to be equal.',
      flags: [
        { flags: '--type <type>', help: 'classic, quorum or stream (default: what the vhost says)' },
        { flags: '--no-durable', help: 'gone after a restart of the broker' },
        { flags: '--auto-delete', help: 'gone with its last consumer' },
        ...argumentFlags,
      ],
      notes: '  leveret queues declare orders --type quorum --argument x-max-length=100000',
      reach: 'any broker',
      run: declare,
    },
    {
      name: 'delete',
      operands: '[queues...]',
      summary: 'Delete queues with their messages.',
      flags: [
        { flags: '--if-empty', help: 'only queues without messages' },
        { flags: '--if-unused', help: 'only queues without consumers' },
        ...bulk,
      ],
      notes: "  leveret queues delete --pattern '^test-' --dry-run",
      reach: 'any broker',
      run: drop,
    },
    {
      name: 'purge',
      operands: '[queues...]',
      summary: 'Throw away the messages of queues that are ready for delivery.',
      flags: bulk,
      reach: 'any broker',
      run: purge,
    },
  ],
}

async function list(task: Task): Promise<void> {
  const api = await task.api()
  await task.list(await api.list(await task.pathOf('queues')), shape)
}

async function show(task: Task, given: Given): Promise<void> {
  await task.show(await existing(task, 'queues', given.operand(0)), shape)
}

async function declare(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  const type = given.oneOf('type', ['classic', 'quorum', 'stream'])
  const args = readArguments('--argument', given.texts('argument'), given.text('arguments'))
  if (type !== undefined) args['x-queue-type'] = type
  const vhost = await task.vhost()
  const body = {
    durable: given.flag('durable') ?? true,
    auto_delete: given.flag('auto-delete') ?? false,
    arguments: args,
  }
  await inVhost(task, (await task.api()).put(path('queues', vhost, name), body))
  task.done(`queue "${name}" is there in vhost "${vhost}"`)
}

async function drop(task: Task, given: Given): Promise<number> {
  const names = await chosen(task, 'queues', given.operands, given.text('pattern'))
  const vhost = await task.vhost()
  if (names.length === 0) return nothingMatches(task)
  await task.confirm(`delete ${titleOf(names)} of vhost "${vhost}" with all messages`)
  const query = { 'if-empty': given.flag('if-empty'), 'if-unused': given.flag('if-unused') }
  const act = (name: string) => remove(task, 'queues', name, { query })
  const code = await toEach(task, 'deleting queues', names, act, given.flag('detailed-exit-codes') ?? false)
  if (code === exitCode.ok) task.done(`${titleOf(names)} deleted from vhost "${vhost}"`)
  return code
}

async function purge(task: Task, given: Given): Promise<number> {
  const names = await chosen(task, 'queues', given.operands, given.text('pattern'))
  const vhost = await task.vhost()
  if (names.length === 0) return nothingMatches(task)
  await task.confirm(`throw away all messages of ${titleOf(names)} in vhost "${vhost}"`)
  const act = (name: string) => purgeOne(task, vhost, name, names.length === 1)
  const code = await toEach(task, 'purging queues', names, act, given.flag('detailed-exit-codes') ?? false)
  if (code === exitCode.ok) task.done(`${titleOf(names)} purged in vhost "${vhost}"`)
  return code
}

/** A queue of fewer messages is purged before a bar is worth drawing. */
const WORTH_A_BAR = 100_000
const POLL_MS = 250

/** Purges a queue. While the broker is at it, the bar follows what is left there. */
async function purgeOne(task: Task, vhost: string, name: string, alone: boolean): Promise<void> {
  const api = await task.api()
  const contents = path('queues', vhost, name, 'contents')
  const refused = async (error: unknown) =>
    Promise.reject(isMissing(error) ? await missing(task, 'queues', name) : error)
  if (!alone || !task.terminal.stderr.isTTY) return void (await api.delete(contents).catch(refused))
  const left = async (): Promise<number> =>
    Number((await api.find(path('queues', vhost, name)))?.['messages_ready'] ?? 0)
  const total = await left()
  if (total < WORTH_A_BAR) return void (await api.delete(contents).catch(refused))
  const bar = await task.progress(`purging ${name}`, total)
  let purging = true
  const purged = api.delete(contents).finally(() => {
    purging = false
  })
  const settled = purged.catch(() => {})
  while (purging) {
    await Promise.race([settled, task.terminal.pause(POLL_MS)])
    if (purging) bar.update(Math.max(0, total - (await left())))
  }
  bar.update(total)
  bar.stop()
  await purged.catch(refused)
}

function nothingMatches(task: Task): number {
  task.say('no queue matches')
  return exitCode.ok
}

function titleOf(names: readonly string[]): string {
  return names.length === 1 ? `queue "${names[0]}"` : many(names.length, 'queue')
}
