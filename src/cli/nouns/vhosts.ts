// `leveret vhosts`: what there is, made and removed. Knows the API's paths for vhosts.

import type { Given, Noun } from '../command.ts'
import { path } from '../http.ts'
import type { Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { count, existing, isMissing, missing, remove } from './support.ts'

const shape: Shape = {
  columns: ['name', 'description', 'tags', { path: 'messages', show: count }],
  wide: ['default_queue_type', 'tracing', 'metadata'],
}

/** Vhosts, and what can be done with them. */
export const vhosts: Noun = {
  name: 'vhosts',
  summary: 'Virtual hosts: list, show, add, delete.',
  verbs: [
    { name: 'list', summary: 'List vhosts.', reach: 'any broker', looks: true, run: list },
    {
      name: 'show',
      operands: '<vhost>',
      summary: 'Show all that is known of a vhost.',
      reach: 'any broker',
      looks: true,
      run: show,
    },
    {
      name: 'add',
      operands: '<vhost>',
      summary: 'Add a vhost; one that is there is changed.',
      flags: [
        { flags: '--description <text>', help: 'what it is for' },
        { flags: '--tags <tags>', help: 'words of your own; commas between them' },
        { flags: '--default-queue-type <type>', help: 'of queues that are declared without a type' },
        { flags: '--tracing', help: 'let the broker publish what goes through to amq.rabbitmq.trace' },
      ],
      reach: 'any broker',
      aliases: ['declare'],
      run: add,
    },
    {
      name: 'delete',
      operands: '<vhost>',
      summary: 'Delete a vhost with all that is in it; its connections end.',
      reach: 'any broker',
      run: drop,
    },
    {
      name: 'protect',
      operands: '<vhost>',
      summary: 'Refuse to delete a vhost until it is unprotected.',
      notes: 'RabbitMQ has this from version 4 on.',
      reach: 'any broker',
      run: (task, given) => protect(task, given, true),
    },
    {
      name: 'unprotect',
      operands: '<vhost>',
      summary: 'Let a vhost be deleted again.',
      reach: 'any broker',
      run: (task, given) => protect(task, given, false),
    },
  ],
}

async function list(task: Task): Promise<void> {
  await task.list(await (await task.api()).list(path('vhosts')), shape)
}

async function show(task: Task, given: Given): Promise<void> {
  await task.show(await existing(task, 'vhosts', given.operand(0)), shape)
}

async function add(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  const said = {
    description: given.text('description'),
    tags: given.text('tags'),
    default_queue_type: given.oneOf('default-queue-type', ['classic', 'quorum', 'stream']),
    tracing: given.flag('tracing'),
  }
  await (await task.api()).put(path('vhosts', name), said)
  task.done(`vhost "${name}" is there`)
}

async function drop(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  await task.confirm(`delete vhost "${name}" with all queues, messages and permissions in it`)
  await remove(task, 'vhosts', name)
  task.done(`vhost "${name}" deleted`)
}

async function protect(task: Task, given: Given, on: boolean): Promise<void> {
  const name = given.operand(0)
  const api = await task.api()
  const to = path('vhosts', name, 'deletion', 'protection')
  try {
    await (on ? api.post(to) : api.delete(to))
  } catch (error) {
    throw isMissing(error) ? await missing(task, 'vhosts', name) : error
  }
  task.done(`vhost "${name}" ${on ? 'cannot' : 'can'} be deleted`)
}
