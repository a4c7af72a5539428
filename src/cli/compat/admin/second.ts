// The grammar of rabbitmqadmin's second version, as far as it means what the first can say: flags behind the verb
// (`declare queue --name q --type quorum`) and nouns before it (`queues list`). It is rewritten into the first grammar.

import { adminFlags } from './options.ts'

const nouns: Readonly<Record<string, string>> = {
  bindings: 'binding',
  channels: 'channel',
  connections: 'connection',
  consumers: 'consumer',
  exchanges: 'exchange',
  nodes: 'node',
  operator_policies: 'operator_policy',
  parameters: 'parameter',
  permissions: 'permission',
  policies: 'policy',
  queues: 'queue',
  users: 'user',
  vhost_limits: 'vhost_limit',
  vhosts: 'vhost',
}

/** What the flags of the second grammar are called in the first. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  queue: { type: 'queue_type', 'auto-delete': 'auto_delete' },
  exchange: { 'auto-delete': 'auto_delete' },
  binding: { 'destination-type': 'destination_type', 'routing-key': 'routing_key' },
  policy: { 'apply-to': 'apply-to' },
  operator_policy: { 'apply-to': 'apply-to' },
}

const verbs = ['list', 'show', 'declare', 'delete', 'close', 'purge']

/** Rewrites a command line of the second grammar; one of the first comes back as it is. */
export function asFirst(argv: readonly string[]): readonly string[] {
  const at = subcommandAt(argv)
  const [first = '', second = ''] = argv.slice(at, at + 2)
  const before = argv.slice(0, at)
  const rest = argv.slice(at + 2)
  const noun = snake(first)
  if (verbs.includes(second) && (nouns[noun] !== undefined || noun === 'definitions')) {
    const thing = second === 'list' ? noun : (nouns[noun] ?? noun)
    return asFirst([...before, second, thing, ...rest])
  }
  if (first === 'definitions' && (second === 'export' || second === 'import'))
    return [...before, second, ...fileOf(rest)]
  if (second === '') return argv
  if (verbs.includes(first)) return [...before, first, snake(second), ...pairs(rest, renamed[snake(second)] ?? {})]
  if (first === 'publish' && second === 'message') return [...before, 'publish', ...pairs(rest, {})]
  if (first === 'get' && second === 'messages') return [...before, 'get', ...pairs(rest, { 'ack-mode': 'ackmode' })]
  return argv
}

/** Where the subcommand stands, behind the global flags and their values. */
function subcommandAt(argv: readonly string[]): number {
  let at = 0
  while (at < argv.length && /^-./.test(argv[at] ?? '')) {
    const word = argv[at] ?? ''
    const flag = adminFlags.find(({ long, short }) => word === `--${long}` || word === `-${short}`)
    at += flag?.takesValue ? 2 : 1
  }
  return at
}

// Global flags may stand behind the subcommand too, and keep their meaning there.
function pairs(args: readonly string[], names: Readonly<Record<string, string>>): readonly string[] {
  const out: string[] = []
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    const [, name = '', joined] = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(word) ?? []
    const isGlobal = adminFlags.some(({ long }) => long === name)
    if (name === '' || isGlobal) {
      out.push(word)
      continue
    }
    const next = args[at + 1]
    const value = joined ?? (next === undefined || next.startsWith('--') ? 'true' : args[++at])
    out.push(`${names[name] ?? snake(name)}=${value}`)
  }
  return out
}

function fileOf(args: readonly string[]): readonly string[] {
  return args.filter((word) => word !== '--file').map((word) => word.replace(/^--file=/, ''))
}

function snake(word: string): string {
  return word.replaceAll('-', '_')
}
