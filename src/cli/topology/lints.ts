// What is odd about a broker that works: queues without bounds, without consumers, without an end for what fails. Each lint
// takes the API's lists and answers with findings; knows no command.

import { type Row, valueAt } from '../output/paths.ts'

/** Something that may be wrong. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'hint'
  readonly lint: string
  readonly subject: string
  readonly finding: string
}

/** What the lints look at. */
export interface Evidence {
  readonly queues: readonly Row[]
  readonly exchanges: readonly Row[]
  readonly bindings: readonly Row[]
  readonly consumers: readonly Row[]
  readonly connections: readonly Row[]
  readonly users: readonly Row[]
  readonly nodes: readonly Row[]
}

type Lint = (evidence: Evidence) => readonly Omit<Finding, 'lint'>[]

const nameOf = (row: Row) =>
  `${row['name']}${row['vhost'] === '/' || row['vhost'] === undefined ? '' : ` (${row['vhost']})`}`
const queue = (row: Row) => `queue ${nameOf(row)}`
const number = (row: Row, path: string) => Number(valueAt(row, path) ?? 0)

/** The value of a setting of a queue: its argument, or what a policy says. */
function setting(row: Row, name: string): unknown {
  return valueAt(row, `arguments.x-${name}`) ?? (row['effective_policy_definition'] as Row | undefined)?.[name]
}

const isStream = (row: Row) => row['type'] === 'stream'
const isTransient = (row: Row) => row['exclusive'] === true || row['auto_delete'] === true

/** Consumers that may hold this many messages, or any number, starve the others of their queue. */
const GREEDY_PREFETCH = 2000
const CONNECTION_LIMIT_OF_CHANNELS = 100

/** All lints, by name. */
export const lints: Readonly<Record<string, Lint>> = {
  'no-consumers': ({ queues }) =>
    queues
      .filter((row) => !isStream(row) && number(row, 'messages') > 0 && number(row, 'consumers') === 0)
      .map((row) => ({
        severity: 'warning',
        subject: queue(row),
        finding: `holds ${row['messages']} messages and has no consumers`,
      })),
  unbounded: ({ queues }) =>
    queues
      .filter((row) => !isTransient(row))
      .filter((row) =>
        ['max-length', 'max-length-bytes', 'message-ttl', 'max-age', 'expires'].every(
          (name) => setting(row, name) === undefined,
        ),
      )
      .map((row) => ({
        severity: 'hint',
        subject: queue(row),
        finding: 'may grow without end: no max-length, no message-ttl',
      })),
  'no-dead-letter-exchange': ({ queues }) =>
    queues
      .filter((row) => !isTransient(row) && !isStream(row) && setting(row, 'dead-letter-exchange') === undefined)
      .filter((row) =>
        ['message-ttl', 'max-length', 'max-length-bytes', 'delivery-limit'].some(
          (name) => setting(row, name) !== undefined,
        ),
      )
      .map((row) => ({
        severity: 'warning',
        subject: queue(row),
        finding: 'throws messages away for good: it has limits and no dead-letter-exchange',
      })),
  'dead-letters-nowhere': ({ queues, exchanges }) =>
    queues
      .filter(
        (row) =>
          typeof setting(row, 'dead-letter-exchange') === 'string' && setting(row, 'dead-letter-exchange') !== '',
      )
      .filter(
        (row) =>
          !exchanges.some(
            (each) => each['vhost'] === row['vhost'] && each['name'] === setting(row, 'dead-letter-exchange'),
          ),
      )
      .map((row) => ({
        severity: 'error',
        subject: queue(row),
        finding: `its dead-letter-exchange "${setting(row, 'dead-letter-exchange')}" is not there`,
      })),
  'exchange-without-bindings': ({ exchanges, bindings }) =>
    exchanges
      .filter((row) => row['name'] !== '' && !String(row['name']).startsWith('amq.'))
      .filter((row) => valueAt(row, 'arguments.alternate-exchange') === undefined)
      .filter((row) => !bindings.some((each) => each['vhost'] === row['vhost'] && each['source'] === row['name']))
      .map((row) => ({
        severity: 'warning',
        subject: `exchange ${nameOf(row)}`,
        finding: 'is bound to nothing: what is published to it is dropped',
      })),
  'greedy-consumer': ({ consumers }) =>
    consumers
      .filter((row) => row['ack_required'] === true)
      .filter((row) => number(row, 'prefetch_count') === 0 || number(row, 'prefetch_count') > GREEDY_PREFETCH)
      .map((row) => ({
        severity: 'warning',
        subject: `consumer ${row['consumer_tag']} of queue ${valueAt(row, 'queue.name')}`,
        finding:
          number(row, 'prefetch_count') === 0
            ? 'has no prefetch: it is sent everything at once'
            : `has a prefetch of ${row['prefetch_count']}`,
      })),
  'many-channels': ({ connections }) =>
    connections
      .filter((row) => number(row, 'channels') > CONNECTION_LIMIT_OF_CHANNELS)
      .map((row) => ({
        severity: 'warning',
        subject: `connection ${row['name']}`,
        finding: `has ${row['channels']} channels: a leak?`,
      })),
  'no-heartbeat': ({ connections }) =>
    connections
      .filter((row) => row['timeout'] === 0)
      .map((row) => ({
        severity: 'hint',
        subject: `connection ${row['name']}`,
        finding: 'has no heartbeat: when its peer dies, nobody notices',
      })),
  'default-user': ({ users, nodes }) =>
    users
      .filter((row) => row['name'] === 'guest' && nodes.length > 0)
      .map((row) => ({
        severity: 'hint',
        subject: `user ${row['name']}`,
        finding: 'is still there: everybody knows its password',
      })),
  'no-password': ({ users }) =>
    users
      .filter((row) => row['password_hash'] === '')
      .map((row) => ({
        severity: 'hint',
        subject: `user ${row['name']}`,
        finding: 'has no password: it logs in by certificate or not at all',
      })),
  alarms: ({ nodes }) =>
    nodes.flatMap((row) =>
      (['mem_alarm', 'disk_free_alarm'] as const)
        .filter((name) => row[name] === true)
        .map((name) => ({
          severity: 'error' as const,
          subject: `node ${row['name']}`,
          finding: `${name === 'mem_alarm' ? 'memory is' : 'room on the disk is'} short: publishers are blocked`,
        })),
    ),
}

const ranks = { error: 0, warning: 1, hint: 2 } as const

/** What all lints find, the worst first. */
export function findingsOf(evidence: Evidence, skip: readonly string[] = []): readonly Finding[] {
  return Object.entries(lints)
    .filter(([lint]) => !skip.includes(lint))
    .flatMap(([lint, look]) => look(evidence).map((found) => ({ lint, ...found })))
    .sort((a, b) => ranks[a.severity] - ranks[b.severity])
}
