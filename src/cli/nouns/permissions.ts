// `leveret permissions` and `leveret topic-permissions`: what users may do in a vhost. Knows the API's paths for both.

import type { Given, Noun } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { path } from '../http.ts'
import type { Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { isMissing, missing } from './support.ts'

const shape: Shape = { columns: ['vhost', 'user', 'configure', 'write', 'read'], name: 'user' }
const topicShape: Shape = { columns: ['vhost', 'user', 'exchange', 'write', 'read'], name: 'user' }

const ofUser = { flags: '--of-user <user>', help: 'only those of this user' }

/** Permissions, and what can be done with them. */
export const permissions: Noun = {
  name: 'permissions',
  summary: 'Permissions: list, set, clear.',
  verbs: [
    {
      name: 'list',
      summary: 'List permissions, of one vhost when -p names one.',
      flags: [ofUser],
      reach: 'any broker',
      looks: true,
      run: (task, given) => list(task, given, 'permissions', shape),
    },
    {
      name: 'set',
      operands: '<user> [configure] [write] [read]',
      summary: 'Let a user into the vhost; what is not given is ".*".',
      notes:
        "Each is a regular expression of names; '' is nothing.\n\n  leveret permissions set web '' '^orders$' '^orders$' -p shop",
      reach: 'any broker',
      run: set,
    },
    {
      name: 'clear',
      operands: '<user>',
      summary: 'Let a user into the vhost no more.',
      reach: 'any broker',
      aliases: ['delete'],
      run: (task, given) => clear(task, given, 'permissions'),
    },
  ],
}

/** Topic permissions, and what can be done with them. */
export const topicPermissions: Noun = {
  name: 'topic-permissions',
  summary: 'Topic permissions, for routing keys of topic exchanges: list, set, clear.',
  verbs: [
    {
      name: 'list',
      summary: 'List topic permissions, of one vhost when -p names one.',
      flags: [ofUser],
      reach: 'any broker',
      looks: true,
      run: (task, given) => list(task, given, 'topic-permissions', topicShape),
    },
    {
      name: 'set',
      operands: '<user> <exchange> <write> <read>',
      summary: 'Say which routing keys of an exchange a user may write and read.',
      reach: 'any broker',
      run: setTopic,
    },
    {
      name: 'clear',
      operands: '<user>',
      summary: 'Take all topic permissions of a user in the vhost away.',
      reach: 'any broker',
      aliases: ['delete'],
      run: (task, given) => clear(task, given, 'topic-permissions'),
    },
  ],
}

async function list(task: Task, given: Given, noun: string, shape: Shape): Promise<void> {
  const { vhost } = await task.target()
  const user = given.text('of-user')
  const from = vhost === undefined ? path(noun) : path('vhosts', vhost, noun)
  const rows = await (await task.api())
    .list(user === undefined ? from : path('users', user, noun))
    .catch(async (error) => {
      if (!isMissing(error)) throw error
      throw user === undefined ? await missing(task, 'vhosts', vhost ?? '/') : await missing(task, 'users', user)
    })
  const wanted = user === undefined || vhost === undefined ? rows : rows.filter((row) => row['vhost'] === vhost)
  await task.list(wanted, shape)
}

async function set(task: Task, given: Given): Promise<void> {
  const [user = '', configure = '.*', write = '.*', read = '.*'] = given.operands
  const vhost = await task.vhost()
  await put(task, path('permissions', vhost, user), { configure, write, read }, user)
  task.done(`user "${user}" may configure "${configure}", write "${write}" and read "${read}" in vhost "${vhost}"`)
}

async function setTopic(task: Task, given: Given): Promise<void> {
  const [user = '', exchange = '', write = '', read = ''] = given.operands
  await put(task, path('topic-permissions', await task.vhost(), user), { exchange, write, read }, user)
  task.done(`user "${user}" may write "${write}" and read "${read}" by way of exchange "${exchange}"`)
}

async function put(task: Task, to: string, body: object, user: string): Promise<void> {
  try {
    await (await task.api()).put(to, body)
  } catch (error) {
    // For permissions, this is how RabbitMQ says that one of the two is not there.
    const unknown = error instanceof CommandError && error.message === 'vhost_or_user_not_found'
    throw unknown || isMissing(error) ? await whichIsMissing(task, user) : error
  }
}

async function whichIsMissing(task: Task, user: string): Promise<Error> {
  const found = await (await task.api()).find(path('users', user))
  return found ? missing(task, 'vhosts', await task.vhost()) : missing(task, 'users', user)
}

async function clear(task: Task, given: Given, noun: string): Promise<void> {
  const user = given.operand(0)
  const vhost = await task.vhost()
  try {
    await (await task.api()).delete(path(noun, vhost, user))
  } catch (error) {
    throw isMissing(error) ? await whichIsMissing(task, user) : error
  }
  task.done(`user "${user}" has no ${noun.replace('-', ' ')} in vhost "${vhost}"`)
}
