// Settings from RabbitMQ's configuration files: what they say in our words, and notices of what means nothing here. A key
// that nobody knows is an error, as in RabbitMQ. Later lines and later files go before earlier ones.

import { dirname } from 'node:path'
import { ConfigError, shown } from './config-error.ts'
import { nearest } from './nearest.ts'
import type { Environment } from './option.ts'
import type { OptionField } from './options.ts'
import { filesAt, type Line, linePlace, readLines } from './rabbitmq-file.ts'
import { isIgnored, isMatterOfCourse, knownKeys, settingOf } from './rabbitmq-keys.ts'

/** A raw value and the line that it came from. */
export interface FromLine {
  readonly where: string
  readonly raw: unknown
  /** Absolute folder that a relative path starts from. */
  readonly base: string
}

/** What the files say. */
export interface RabbitmqSettings {
  readonly values: ReadonlyMap<OptionField, FromLine>
  readonly notices: readonly string[]
}

/**
 * Reads files or folders of RabbitMQ's format, in this order. A path where nothing is, is told of in a notice: RabbitMQ's
 * own images name files that need not be there.
 * @throws ConfigError for a line or a key that is no good
 */
export function readRabbitmqConf(paths: readonly string[], env: Environment): RabbitmqSettings {
  const reading = new Reading()
  for (const path of paths) {
    const files = filesAt(path)
    if (files.length === 0) reading.notices.push(`${path}: there is no such file; nothing is taken from it`)
    for (const file of files) for (const line of readLines(file, env)) reading.add(line)
  }
  reading.finish()
  return reading
}

/** Whether certificates of clients are checked, and whether they have to be shown: two keys that make one option. */
interface Verifying {
  verify: Line | null
  need: Line | null
}

/** What has been read so far. */
class Reading implements RabbitmqSettings {
  readonly values = new Map<OptionField, FromLine>()
  readonly notices: string[] = []
  /** Lines of one list by its key, `ssl_options.versions` for example. */
  readonly #lists = new Map<string, Line[]>()
  /** Lines of listeners by their keys, for TCP and for TLS. */
  readonly #listeners = { tcp: new Map<string, Line>(), ssl: new Map<string, Line>() }
  readonly #loopback = new Map<string, Line>()
  readonly #verifying: Verifying = { verify: null, need: null }

  add(line: Line): void {
    const setting = settingOf(line)
    if (setting) this.#set(line, ...setting)
    else if (!this.#compose(line)) this.#leave(line)
  }

  /** What several lines say together. */
  finish(): void {
    this.#listen(placesIn(this.#listeners.tcp), 'port', 'listen')
    this.#listen(placesIn(this.#listeners.ssl), 'tlsPort', 'tlsListen')
    const loopback = [...this.#loopback.values()]
    const last = loopback.at(-1)
    if (last) this.#set(last, 'loopbackUsers', this.#loopbackUsers())
    const { verify, need } = this.#verifying
    if (verify) this.#set(verify, 'tlsVerify', verifyOf(verify, need))
    this.#list('auth_mechanisms', 'authMechanisms', (lines) => lines.map(({ value }) => value))
    this.#list('ssl_options.ciphers', 'tlsCiphers', (lines) => lines.map(({ value }) => value).join(':'))
    this.#list('ssl_options.versions', 'tlsMinVersion', oldestVersion)
  }

  #set(line: Line, field: OptionField, raw: unknown): void {
    this.values.set(field, { where: linePlace(line), raw, base: dirname(line.file) })
  }

  /** Takes a line that means something together with others. */
  #compose(line: Line): boolean {
    const [, list] = /^(auth_mechanisms|ssl_options\.ciphers|ssl_options\.versions)\.[\w.]+$/.exec(line.key) ?? []
    const [, scheme] = /^listeners\.(tcp|ssl)(?:\.[\w-]+)?$/.exec(line.key) ?? []
    if (list !== undefined) this.#lists.set(list, [...(this.#lists.get(list) ?? []), line])
    else if (scheme === 'tcp' || scheme === 'ssl') this.#listeners[scheme].set(line.key, line)
    else if (line.key === 'loopback_users' || line.key.startsWith('loopback_users.')) this.#loopback.set(line.key, line)
    else if (line.key === 'ssl_options.verify') this.#verifying.verify = line
    else if (line.key === 'ssl_options.fail_if_no_peer_cert') this.#verifying.need = line
    else return false
    return true
  }

  #leave(line: Line): void {
    if (isMatterOfCourse(line)) return
    if (/^auth_backends\.\d+$/.test(line.key))
      throw problem(line, `got ${shown(line.value)}, and there is only internal`)
    if (isIgnored(line.key)) {
      this.notices.push(`${linePlace(line)}: has no meaning here and is ignored`)
      return
    }
    const meant = nearest(line.key, knownKeys())
    throw problem(line, meant ? `is not a key; did you mean ${meant}?` : 'is not a key of RabbitMQ that is known here')
  }

  /** The first of a kind is what the option for its port says, unless it is on another address; the others are more places. */
  #listen(all: readonly ListenerLine[], port: 'port' | 'tlsPort', more: 'listen' | 'tlsListen'): void {
    const [first] = all
    if (!first) return
    if (port === 'port' && first.host !== undefined) this.#set(first.line, 'host', first.host)
    const fits = first.port === 'off' || first.host === this.values.get('host')?.raw
    this.#set(first.line, port, fits ? first.port : 'off')
    const others = fits ? all.slice(1) : all
    const [another] = others
    const texts = others.map(({ line }) => line.value)
    if (another) this.#set(another.line, more, texts)
  }

  /** RabbitMQ begins with guest; each line adds or takes away a user, `none` all of them. */
  #loopbackUsers(): readonly string[] {
    const users = new Set(['guest'])
    for (const line of this.#loopback.values()) {
      const user = line.key.slice('loopback_users.'.length)
      if (user === '' && line.value === 'none') users.clear()
      else if (user === '') throw problem(line, `got ${shown(line.value)}, expected none`)
      else if (line.value === 'true') users.add(user)
      else if (line.value === 'false') users.delete(user)
      else throw problem(line, `got ${shown(line.value)}, expected true or false`)
    }
    return [...users]
  }

  #list(key: string, field: OptionField, read: (lines: readonly Line[]) => unknown): void {
    const lines = this.#lists.get(key)
    const [first] = lines ?? []
    if (lines && first) this.#set(first, field, read(lines))
  }
}

/** A line that names a listener. */
interface ListenerLine {
  readonly line: Line
  /** undefined: every interface. */
  readonly host: string | undefined
  readonly port: string
}

/** `5672`, `127.0.0.1:5672`, `[::1]:5672`; or none, whatever else is named. */
function placesIn(lines: ReadonlyMap<string, Line>): readonly ListenerLine[] {
  const none = [...lines.values()].find(({ value }) => value === 'none')
  if (none) return [{ line: none, host: undefined, port: 'off' }]
  return [...lines.values()].map((line) => {
    const [, host, port] = /^(?:(.+):)?(\d+)$/.exec(line.value) ?? []
    if (port === undefined) throw problem(line, `got ${shown(line.value)}, expected a port, or an address and a port`)
    return { line, host, port }
  })
}

function verifyOf(verify: Line, need: Line | null): string {
  if (verify.value === 'verify_none') return 'none'
  if (verify.value !== 'verify_peer') {
    throw problem(verify, `got ${shown(verify.value)}, expected verify_peer or verify_none`)
  }
  return need?.value === 'true' ? 'require' : 'peer'
}

/** Versions are listed one by one there; here it is the oldest that counts. */
function oldestVersion(lines: readonly Line[]): string {
  const known = lines.filter(({ value }) => value === 'tlsv1.2' || value === 'tlsv1.3')
  const [first] = lines
  if (known.length === 0 && first) throw problem(first, `got ${shown(first.value)}, expected tlsv1.2 or tlsv1.3`)
  return known.some(({ value }) => value === 'tlsv1.2') ? '1.2' : '1.3'
}

function problem(line: Line, text: string): ConfigError {
  return new ConfigError('file', linePlace(line), text)
}
