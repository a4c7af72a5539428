// The flags that every command which talks to a broker has: where the broker is, how answers are printed, how careful to
// be. One table, from which commander's flags, the completion and the type derive. Knows no command.

import { CommandError } from './command-error.ts'
import { formats, type OutputFormat } from './output/formats.ts'

/** A flag as commander writes it, and what it is for. */
export interface GlobalFlag {
  readonly flags: string
  readonly help: string
}

/** The flags, in the order in which help shows them. */
export const globalFlags: readonly GlobalFlag[] = [
  { flags: '--url <url>', help: 'the broker: http(s)://[user:password@]host[:port], or amqp(s)://... (LEVERET_URL)' },
  { flags: '--amqp-url <url>', help: 'where messages go, when the broker does not say so itself (LEVERET_AMQP_URL)' },
  { flags: '-p, --vhost <name>', help: 'virtual host (LEVERET_VHOST; default: /, or all of them in lists)' },
  { flags: '--user <name>', help: 'who to log in as (LEVERET_USER; default: guest)' },
  { flags: '--password <password>', help: 'the password; others on the machine see flags, so prefer LEVERET_PASSWORD' },
  { flags: '--context <name>', help: 'a context of `leveret contexts` (LEVERET_CONTEXT)' },
  { flags: '--ca-cert <file>', help: 'certificate authority that the broker is verified by, in PEM (LEVERET_CA_CERT)' },
  { flags: '--insecure', help: 'do not verify the certificate of the broker' },
  { flags: '--timeout <seconds>', help: 'how long to wait for an answer (default: 60)' },
  { flags: '-o, --output <format>', help: `${formats.join(', ')} (default: table on a terminal, tsv elsewhere)` },
  { flags: '--columns <paths>', help: 'columns to print, commas between them: name,message_stats.publish' },
  { flags: '--sort <column>', help: 'sort by a column; -column sorts downwards' },
  { flags: '--filter <expression>', help: "rows to print, such as 'messages>1000 && name=~^orders'" },
  { flags: '--watch [seconds]', help: 'print again every 2 (or so many) seconds, until Ctrl-C' },
  { flags: '--no-headers', help: 'no line of column names' },
  { flags: '-q, --quiet', help: 'say nothing but the answer' },
  { flags: '-s, --silent', help: 'the same, and no line of column names' },
  { flags: '--no-color', help: 'no colours (NO_COLOR, FORCE_COLOR, CLICOLOR)' },
  { flags: '--dry-run', help: 'change nothing; say what would be asked of the broker' },
  { flags: '-y, --yes', help: 'do not ask before something is lost' },
  { flags: '-v, --verbose', help: 'tell every request on stderr' },
]

/** What was given of them. */
export interface Globals {
  readonly url?: string | undefined
  readonly amqpUrl?: string | undefined
  readonly vhost?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly context?: string | undefined
  readonly caCert?: string | undefined
  readonly insecure: boolean
  readonly timeoutMs: number
  readonly output?: OutputFormat | undefined
  readonly columns?: readonly string[] | undefined
  readonly sort?: string | undefined
  readonly filter?: string | undefined
  /** Milliseconds between two prints; undefined prints once. */
  readonly watchMs?: number | undefined
  readonly headers: boolean
  readonly quiet: boolean
  readonly color: boolean
  readonly dryRun: boolean
  readonly yes: boolean
  readonly verbose: boolean
}

/** Values as commander keeps them, by the flag's name in camelCase. */
export type RawValues = Readonly<Record<string, unknown>>

/**
 * Types what commander read.
 * @throws CommandError for a value that a flag does not take
 */
export function readGlobals(raw: RawValues): Globals {
  const silent = raw['silent'] === true
  return {
    url: text(raw['url']),
    amqpUrl: text(raw['amqpUrl']),
    vhost: text(raw['vhost']),
    user: text(raw['user']),
    password: text(raw['password']),
    context: text(raw['context']),
    caCert: text(raw['caCert']),
    insecure: raw['insecure'] === true,
    timeoutMs: seconds('--timeout', raw['timeout'] ?? '60'),
    output: format(text(raw['output'])),
    columns: text(raw['columns'])?.split(',').map(trimmed),
    sort: text(raw['sort']),
    filter: text(raw['filter']),
    watchMs: raw['watch'] === undefined ? undefined : seconds('--watch', raw['watch'] === true ? '2' : raw['watch']),
    headers: raw['headers'] !== false && !silent,
    quiet: raw['quiet'] === true || silent,
    color: raw['color'] !== false,
    dryRun: raw['dryRun'] === true,
    yes: raw['yes'] === true,
    verbose: raw['verbose'] === true,
  }
}

/** Names of the global flags that a value follows, short and long: what a reader of raw arguments has to skip. */
export function flagsWithValue(): ReadonlySet<string> {
  const taking = globalFlags.filter(({ flags }) => flags.includes('<'))
  return new Set(taking.flatMap(({ flags }) => flags.replace(/ <.*/, '').split(', ')))
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function trimmed(word: string): string {
  return word.trim()
}

function seconds(flag: string, value: unknown): number {
  const number = Number(String(value).replace(/s$/, ''))
  if (!(number > 0 && number <= 86_400)) {
    throw new CommandError(`${flag}: got "${value}", expected a number of seconds above 0`)
  }
  return Math.round(number * 1000)
}

function format(value: string | undefined): OutputFormat | undefined {
  const known = formats.find((name) => name === value)
  if (value !== undefined && !known) {
    throw new CommandError(`--output: got "${value}", expected one of ${formats.join(', ')}`)
  }
  return known
}
