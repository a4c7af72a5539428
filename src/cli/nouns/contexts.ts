// `leveret contexts`: brokers with a name. Knows the file of contexts; asks no broker.

import { askedSecretly } from '../ask.ts'
import type { Given, Noun } from '../command.ts'
import { CommandError } from '../command-error.ts'
import {
  type Context,
  type Contexts,
  contextKeys,
  contextsPath,
  readContexts,
  unknownContext,
  writeContexts,
} from '../contexts.ts'
import type { Shape } from '../output/print.ts'
import type { Task } from '../task.ts'

const shape: Shape = { columns: ['current', 'name', 'url', 'vhost', 'user', 'password'], wide: ['amqp_url', 'ca_cert'] }

/** Contexts, and what can be done with them. */
export const contexts: Noun = {
  name: 'contexts',
  summary: 'Brokers with a name, kept in ~/.config/leveret/config.toml.',
  verbs: [
    { name: 'list', summary: 'List contexts; passwords are masked.', reach: 'none', looks: true, run: list },
    {
      name: 'add',
      operands: '<name>',
      summary: 'Add a context, or replace one, from the global flags: --url, --amqp-url, --user, --password, --vhost.',
      notes:
        'A --user without --password is asked for the password on a terminal.\n\n  leveret contexts add prod --url https://mq.example.org --user ops',
      reach: 'none',
      run: add,
    },
    { name: 'use', operands: '<name>', summary: 'Use a context where none is named.', reach: 'none', run: use },
    {
      name: 'remove',
      operands: '<name>',
      summary: 'Forget a context.',
      reach: 'none',
      aliases: ['delete'],
      run: remove,
    },
  ],
}

async function list(task: Task): Promise<void> {
  const { current, contexts } = await readContexts(contextsPath(task.terminal.env))
  const rows = Object.entries(contexts).map(([name, entry]) => ({
    current: name === current ? '*' : '',
    name,
    ...entry,
    url: entry.url && masked(entry.url),
    amqp_url: entry.amqp_url && masked(entry.amqp_url),
    ...(entry.password === undefined ? {} : { password: '********' }),
  }))
  await task.list(rows, shape)
}

function masked(url: string): string {
  return url.replace(/(\/\/[^:@/]*):[^@/]*@/, '$1:********@')
}

async function add(task: Task, given: Given): Promise<void> {
  const { url, amqpUrl, vhost, user, caCert, insecure } = task.globals
  const name = given.operand(0)
  if (url === undefined && amqpUrl === undefined) throw new CommandError('contexts add: expected --url or --amqp-url')
  let { password } = task.globals
  if (user !== undefined && password === undefined && task.terminal.stdin.isTTY) {
    password = await askedSecretly(`password of ${user}: `, task.terminal)
  }
  const values = {
    url,
    amqp_url: amqpUrl,
    vhost,
    user,
    password,
    ca_cert: caCert,
    insecure: insecure ? 'true' : undefined,
  }
  const entry: Context = Object.fromEntries(contextKeys.flatMap((key) => (values[key] ? [[key, values[key]]] : [])))
  await change(task, ({ current, contexts }) => ({
    current: current ?? name,
    contexts: { ...contexts, [name]: entry },
  }))
  task.done(`context "${name}" is kept`)
}

async function use(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  await change(task, ({ contexts }, path) => {
    if (!contexts[name]) throw new CommandError(unknownContext(name, contexts, path))
    return { current: name, contexts }
  })
  task.done(`context "${name}" is used from now on`)
}

async function remove(task: Task, given: Given): Promise<void> {
  const name = given.operand(0)
  await change(task, ({ current, contexts }, path) => {
    if (!contexts[name]) throw new CommandError(unknownContext(name, contexts, path))
    const { [name]: _removed, ...rest } = contexts
    return { current: current === name ? undefined : current, contexts: rest }
  })
  task.done(`context "${name}" is forgotten`)
}

async function change(task: Task, by: (contexts: Contexts, path: string) => Contexts): Promise<void> {
  const path = contextsPath(task.terminal.env)
  const changed = by(await readContexts(path), path)
  if (!task.globals.dryRun) await writeContexts(path, changed)
}
