// rabbitmqadmin's options: flags as Python's optparse reads them (anywhere, abbreviated, joined), then the section of a
// configuration file, then the defaults. Knows no subcommand.

import { AdminError, misuse } from './admin-error.ts'

/** What rabbitmqadmin is told beside its subcommand. */
export interface AdminOptions {
  readonly config: string | undefined
  readonly node: string | undefined
  readonly hostname: string | undefined
  readonly port: string | undefined
  readonly pathPrefix: string
  readonly vhost: string | undefined
  /** The vhost that declare and delete mean when none was named. */
  readonly declareVhost: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly baseUri: string | undefined
  readonly quiet: boolean
  readonly ssl: boolean
  readonly sslCaCertFile: string | undefined
  readonly sslInsecure: boolean
  readonly requestTimeoutSeconds: number
  readonly format: string
  readonly sort: string | undefined
  readonly sortReverse: boolean
  readonly depth: number
  /** Whether a depth was named: then lists print every column. */
  readonly depthGiven: boolean
  readonly help: boolean
  readonly version: boolean
  readonly bashCompletion: boolean
}

/** Options and what else stood on the command line. */
export interface AdminLine {
  readonly given: Readonly<Record<string, string | true>>
  readonly args: readonly string[]
}

interface Flag {
  readonly short?: string
  readonly long: string
  /** The name under which its value is kept; in a configuration file, with underscores. */
  readonly key: string
  readonly takesValue: boolean
  readonly help: string
}

const flag = (short: string, long: string, key: string, takesValue: boolean, help: string): Flag => ({
  ...(short === '' ? {} : { short }),
  long,
  key,
  takesValue,
  help,
})

/** The flags, in the order of help. */
export const adminFlags: readonly Flag[] = [
  flag('h', 'help', 'help', false, 'show this help message and exit'),
  flag('c', 'config', 'config', true, 'configuration file [default: ~/.rabbitmqadmin.conf]'),
  flag('N', 'node', 'node', true, "node described in the configuration file [default: 'default']"),
  flag('H', 'host', 'hostname', true, 'connect to host HOST [default: localhost]'),
  flag('P', 'port', 'port', true, 'connect to port PORT [default: 15672]'),
  flag('', 'path-prefix', 'path_prefix', true, 'URI path prefix of the HTTP API [default: none]'),
  flag('V', 'vhost', 'vhost', true, "connect to vhost VHOST [default: all vhosts for list, '/' for declare]"),
  flag('u', 'username', 'username', true, 'connect using username USERNAME [default: guest]'),
  flag('p', 'password', 'password', true, 'connect using password PASSWORD [default: guest]'),
  flag('U', 'base-uri', 'base_uri', true, 'connect using a base HTTP API URI; its path is ignored'),
  flag('q', 'quiet', 'quiet', false, 'suppress status messages'),
  flag('s', 'ssl', 'ssl', false, 'connect with ssl'),
  flag('', 'ssl-key-file', 'ssl_key_file', true, 'PEM format key file for SSL (not supported)'),
  flag('', 'ssl-cert-file', 'ssl_cert_file', true, 'PEM format certificate file for SSL (not supported)'),
  flag('', 'ssl-ca-cert-file', 'ssl_ca_cert_file', true, 'PEM format CA certificate file for SSL'),
  flag('', 'ssl-disable-hostname-verification', 'ssl_disable_hostname_verification', false, 'trust any certificate'),
  flag('k', 'ssl-insecure', 'ssl_insecure', false, "trust any certificate, like curl's -k"),
  flag('t', 'request-timeout', 'request_timeout', true, 'HTTP request timeout in seconds [default: 120]'),
  flag('f', 'format', 'format', true, 'raw_json, pretty_json, tsv, long, table, kvp, bash [default: table]'),
  flag('S', 'sort', 'sort', true, 'sort key for listing queries'),
  flag('R', 'sort-reverse', 'sort_reverse', false, 'reverse the sort order'),
  flag('d', 'depth', 'depth', true, 'maximum depth to recurse for listing tables [default: 1]'),
  flag('', 'bash-completion', 'bash_completion', false, 'Print bash completion script'),
  flag('', 'version', 'version', false, 'Display version and exit'),
]

/** A flag that rabbitmqadmin does not have: optparse answers that with exit code 2. */
export class UnknownFlag extends AdminError {}

/** Takes a command line apart. */
export function parseAdmin(argv: readonly string[]): AdminLine {
  const given: Record<string, string | true> = {}
  const args: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--') return { given, args: [...args, ...argv.slice(at + 1)] }
    if (word === '-' || !word.startsWith('-')) {
      args.push(word)
      continue
    }
    const takeNext = (name: string): string => {
      if (at + 1 >= argv.length) throw new UnknownFlag(`${name} option requires 1 argument`)
      return argv[++at] ?? ''
    }
    if (word.startsWith('--')) readLong(word, given, takeNext)
    else readShort(word, given, takeNext)
  }
  return { given, args }
}

type Given = Record<string, string | true>

function readLong(word: string, given: Given, takeNext: (name: string) => string): void {
  const equals = word.indexOf('=')
  const name = equals === -1 ? word.slice(2) : word.slice(2, equals)
  const exact = adminFlags.find(({ long }) => long === name)
  const alike = exact ? [exact] : adminFlags.filter(({ long }) => long.startsWith(name))
  const [found] = alike
  if (!found || alike.length > 1) throw new UnknownFlag(`no such option: --${name}`)
  if (!found.takesValue) given[found.key] = true
  else given[found.key] = equals === -1 ? takeNext(`--${found.long}`) : word.slice(equals + 1)
}

function readShort(word: string, given: Given, takeNext: (name: string) => string): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? ''
    const found = adminFlags.find(({ short }) => short === letter)
    if (!found) throw new UnknownFlag(`no such option: -${letter}`)
    if (!found.takesValue) {
      given[found.key] = true
      continue
    }
    given[found.key] = at + 1 < word.length ? word.slice(at + 1) : takeNext(`-${letter}`)
    return
  }
}

/**
 * Settles the options.
 * @param file the text of the configuration file, where there is one
 */
export function settleAdmin({ given }: AdminLine, file: string | undefined): AdminOptions {
  const node = text(given['node'])
  const section = file === undefined ? {} : sectionOf(file, node ?? 'default', node !== undefined)
  const value = (key: string): string | undefined => text(given[key]) ?? section[key]
  const is = (key: string): boolean => given[key] === true || section[key] === 'True' || section[key] === 'true'
  return {
    config: text(given['config']),
    node,
    hostname: value('hostname'),
    port: value('port'),
    pathPrefix: value('path_prefix') ?? '',
    vhost: value('vhost'),
    declareVhost: section['declare_vhost'] ?? '/',
    username: value('username'),
    password: value('password'),
    baseUri: value('base_uri'),
    quiet: given['quiet'] === true,
    ssl: is('ssl'),
    sslCaCertFile: value('ssl_ca_cert_file'),
    sslInsecure: is('ssl_insecure') || is('ssl_disable_hostname_verification'),
    requestTimeoutSeconds: whole('-t', value('request_timeout') ?? '120'),
    format: value('format') ?? 'table',
    sort: value('sort'),
    sortReverse: is('sort_reverse'),
    depth: whole('-d', value('depth') ?? '1'),
    depthGiven: value('depth') !== undefined,
    help: given['help'] === true,
    version: given['version'] === true,
    bashCompletion: given['bash_completion'] === true,
  }
}

// An absent section is only an error when it was named, as in the original.
function sectionOf(file: string, name: string, named: boolean): Readonly<Record<string, string>> {
  const sections = new Map<string, Record<string, string>>()
  let current: Record<string, string> = {}
  for (const line of file.split(/\r?\n/)) {
    const trimmed = line.trim()
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue
    const header = /^\[(.+)\]$/.exec(trimmed)
    if (header) {
      current = {}
      sections.set(header[1] ?? '', current)
      continue
    }
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(trimmed)
    if (pair) current[(pair[1] ?? '').toLowerCase()] = pair[2] ?? ''
  }
  const section = sections.get(name)
  if (!section && named) throw misuse(`Could not read section '${name}' in the configuration file`)
  return section ?? {}
}

function text(value: string | true | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function whole(name: string, value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number > 0) return number
  throw new UnknownFlag(`option ${name}: invalid integer value: '${value}'`)
}
