// `leveret users`: who may log in. Passwords are asked for or read from standard input, so that no process list and no
// shell history has them. Knows the API's paths for users.

import { askedSecretly } from '../ask.ts'
import type { Given, Noun, VerbFlag } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Shape } from '../output/print.ts'
import type { Task } from '../task.ts'
import { chosen, detailedFlag, existing, many, remove, toEach } from './support.ts'

const tags = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value ?? ''))
const shape: Shape = {
  columns: ['name', { path: 'tags', show: tags, value: (row) => tags(row['tags']) }],
  wide: ['hashing_algorithm', 'limits'],
}

const passwordFlags: readonly VerbFlag[] = [
  { flags: '--new-password <password>', help: 'the password, seen by others on the machine' },
  { flags: '--password-hash <hash>', help: 'a hash as definitions have it, instead of a password' },
  { flags: '--hashing-algorithm <name>', help: 'with --password-hash: how it was made' },
  { flags: '--without-password', help: 'no password: logs in by certificate only' },
]

const passwordNotes = `Without these flags the password is asked for on a terminal, and read from standard input elsewhere:
  printf %s "$SECRET" | leveret users add web --tags monitoring`

/** Users, and what can be done with them. */
export const users: Noun = {
  name: 'users',
  summary: 'Users: list, show, add, delete, passwords, tags.',
  verbs: [
    { name: 'list', summary: 'List users.', reach: 'any broker', looks: true, run: list },
    {
      name: 'show',
      operands: '<user>',
      summary: 'Show a user and its permissions.',
      reach: 'any broker',
      looks: true,
      run: show,
    },
    {
      name: 'add',
      operands: '<user>',
      summary: 'Add a user; one that is there is changed.',
      flags: [
        { flags: '--tags <tags>', help: 'administrator, monitoring, policymaker, management; commas between them' },
        ...passwordFlags,
      ],
      notes: passwordNotes,
      reach: 'any broker',
      aliases: ['declare'],
      run: add,
    },
    {
      name: 'password',
      operands: '<user>',
      summary: 'Give a user another password; its tags stay.',
      flags: passwordFlags,
      notes: passwordNotes,
      reach: 'any broker',
      run: changePassword,
    },
    {
      name: 'tags',
      operands: '<user> [tags...]',
      summary: 'Give a user these tags and no others; its password stays.',
      reach: 'any broker',
      run: setTags,
    },
    {
      name: 'delete',
      operands: '[users...]',
      summary: 'Delete users; their connections end.',
      flags: [{ flags: '--pattern <regex>', help: 'all users whose names match' }, detailedFlag('users')],
      reach: 'any broker',
      run: drop,
    },
    {
      name: 'whoami',
      summary: 'Show who this command line is to the broker.',
      reach: 'any broker',
      looks: true,
      run: whoami,
    },
  ],
}

async function list(task: Task): Promise<void> {
  await task.list(await (await task.api()).list(path('users')), shape)
}

async function show(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  const { password_hash: _hidden, ...user } = await existing(task, 'users', name)
  const permissions = await (await task.api()).list(path('users', name, 'permissions'))
  await task.show({ ...user, permissions: permissions.map(({ user: _same, ...rest }) => rest) }, shape)
}

async function whoami(task: Task): Promise<void> {
  await task.show((await (await task.api()).get(path('whoami'))) as Record<string, unknown>, shape)
}

async function add(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  const secret = await secretOf(task, given, name)
  await (await task.api()).put(path('users', name), { ...secret, tags: given.text('tags') ?? '' })
  task.done(`user "${name}" is there`)
}

async function changePassword(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  const user = await existing(task, 'users', name)
  const secret = await secretOf(task, given, name)
  await (await task.api()).put(path('users', name), { ...secret, tags: tags(user['tags']) })
  task.done(`user "${name}" has another password`)
}

async function setTags(task: Task, given: Given): Promise<void> {
  const [name = '', ...words] = given.operands
  const user = await existing(task, 'users', name)
  const wanted = words.flatMap((word) => word.split(',')).join(',')
  await (await task.api()).put(path('users', name), {
    password_hash: user['password_hash'] ?? '',
    hashing_algorithm: user['hashing_algorithm'],
    tags: wanted,
  })
  task.done(`user "${name}" has ${wanted === '' ? 'no tags' : `the tags ${wanted}`}`)
}

/** What the API is told about a password. */
async function secretOf(task: Task, given: Given, name: string): Promise<object> {
  const hash = given.text('password-hash')
  if (hash !== undefined) {
    const algorithm = given.text('hashing-algorithm')
    return { password_hash: hash, ...(algorithm === undefined ? {} : { hashing_algorithm: algorithm }) }
  }
  if (given.flag('without-password')) return { password_hash: '' }
  const password = given.text('new-password') ?? (await readPassword(task, name))
  if (password === '')
    throw new CommandError(`users: the password of "${name}" is empty (--without-password means none)`)
  return { password }
}

async function readPassword(task: Task, name: string): Promise<string> {
  if (task.terminal.stdin.isTTY) return askedSecretly(`password of ${name}: `, task.terminal)
  let text = ''
  for await (const chunk of task.terminal.stdin.setEncoding('utf8')) text += chunk
  return text.replace(/\r?\n$/, '')
}

async function drop(task: Task, given: Given): Promise<number> {
  const names = await chosen(task, 'users', given.operands, given.text('pattern'))
  const title = names.length === 1 ? `user "${names[0]}"` : many(names.length, 'user')
  if (names.length === 0) {
    task.say('no user matches')
    return exitCode.ok
  }
  await task.confirm(`delete ${title}`)
  const act = (name: string) => remove(task, 'users', name)
  const code = await toEach(task, 'deleting users', names, act, given.flag('detailed-exit-codes') ?? false)
  if (code === exitCode.ok) task.done(`${title} deleted`)
  return code
}
