// Settles what the broker's settings are: a flag goes before the environment, that before the configuration file, that
// before the default. Everything given is validated here, once, also what something else overrides.

import { dirname, resolve } from 'node:path'
import { ConfigError, type Origin, shown } from './config-error.ts'
import {
  CONFIG_VARIABLE,
  fromEnvironment,
  misspelled,
  RABBITMQ_CONF_VARIABLE,
  RABBITMQ_CONF_VARIABLES,
} from './environment.ts'
import { keyPlace, readSettings } from './file.ts'
import {
  type Config,
  type Environment,
  flagOf,
  keyOf,
  type Option,
  type OptionField,
  optionList,
  options,
  variablesOf,
} from './options.ts'
import type { RabbitmqSettings } from './rabbitmq-conf.ts'

export type { Config } from './options.ts'

/** Everything that a person can say about the settings. */
export interface Given {
  /** Raw values of the flags that were given, by field. */
  readonly flags: Readonly<Partial<Record<OptionField, string | boolean>>>
  /** The path that `--config` names. */
  readonly configFile?: string | undefined
  /** The path that `--rabbitmq-conf` names: a file in RabbitMQ's format, or a folder of them. */
  readonly rabbitmqConf?: string | undefined
  readonly env: Environment
  /** Absolute folder that relative paths in flags and variables start from. */
  readonly cwd: string
}

/** The settings, and what is odd about how they were given without being wrong. */
export interface Loaded {
  readonly config: Config
  readonly warnings: readonly string[]
  /** What was given and means nothing here. */
  readonly notices: readonly string[]
  /** Where each setting comes from: a flag, a variable, a line of a file, or `default`. */
  readonly origins: ReadonlyMap<OptionField, string>
}

interface Candidate {
  readonly origin: Origin
  readonly where: string
  readonly raw: unknown
  readonly base: string
}

/**
 * Reads flags, environment and configuration files into one Config; also all there is to checking a configuration.
 * @throws ConfigError for the first thing that is wrong
 */
export async function loadConfig(given: Given): Promise<Loaded> {
  const named = given.configFile ?? given.env[CONFIG_VARIABLE]
  const path = named ? resolve(given.cwd, named) : undefined
  const settings = path === undefined ? undefined : await readSettings(path)
  const rabbitmq = await rabbitmqSettings(given)
  const origins = new Map<OptionField, string>()
  const config = settle(given.env, (field, option) => {
    const flag = given.flags[field]
    const variable = fromEnvironment(option, given.env)
    const key = keyOf(option)
    const line = rabbitmq?.values.get(field)
    const candidates: Candidate[] = []
    if (flag !== undefined) candidates.push({ origin: 'flag', where: flagOf(option), raw: flag, base: given.cwd })
    if (variable) candidates.push({ origin: 'environment', ...variable, base: given.cwd })
    if (path !== undefined && settings && Object.hasOwn(settings.values, key)) {
      const where = keyPlace(path, key, settings.lines.get(key))
      candidates.push({ origin: 'file', where, raw: settings.values[key], base: dirname(path) })
    }
    if (line) candidates.push({ origin: 'file', ...line })
    origins.set(field, candidates[0]?.where ?? 'default')
    return candidates
  })
  return {
    config: config.testMode ? forTests(config, origins) : config,
    warnings: [...misspelled(given.env), ...exposed(given.flags)],
    notices: rabbitmq?.notices ?? [],
    origins,
  }
}

/**
 * Settings that have another default in a test broker. Passwords of tests are no secrets: they are looked at at once, and as
 * often as somebody likes, as by RabbitMQ. The others are those of the RabbitMQ that it is (behaviour.md §7.7, §8.1).
 */
export function usualOf(compat: Config['testCompat']): Partial<Config> {
  const former = { maxMessageBytes: 128 * 2 ** 20, consumerTimeoutMs: 1_800_000 }
  return { passwordHashing: 'sha256', loginFailures: 0, ...(compat === 'rabbitmq-3.13' ? former : {}) }
}

/** A broker for tests keeps nothing: whoever asks for something else as well means another broker. */
function forTests(config: Config, origins: Loaded['origins']): Config {
  const refuse = (field: OptionField, problem: string): never => {
    throw new ConfigError('flag', origins.get(field) ?? field, `${problem} with ${flagOf(options.testMode)}`)
  }
  const isGiven = (field: OptionField): boolean => origins.get(field) !== 'default'
  if (isGiven('dataDir')) refuse('dataDir', 'a broker keeps its data in memory')
  if (isGiven('ephemeral') && !config.ephemeral) refuse('ephemeral', 'a broker keeps its data in memory')
  if (config.httpPort === 'off') refuse('httpPort', 'got "off", expected a port for the control API')
  // The control API asks for no password: nobody else is to find it by chance.
  const httpHost = config.httpHost ?? (isGiven('host') ? null : '127.0.0.1')
  const usual = Object.entries(usualOf(config.testCompat)).filter(([field]) => !isGiven(field as OptionField))
  return Object.freeze({ ...config, ...Object.fromEntries(usual), httpHost, ephemeral: true })
}

/** Names secrets that were given as flags, where everybody on the machine can see them. */
function exposed(flags: Given['flags']): readonly string[] {
  const secrets = optionList.filter(([field, option]) => option.secret && flags[field] !== undefined)
  return secrets.map(([, option]) => {
    const [variable = ''] = variablesOf(option)
    return `${flagOf(option)} can be seen by everybody on this machine; ${variable} or ${variable}_FILE cannot`
  })
}

/** What RabbitMQ's files say, where there are any: those that the flag or our variable names, or those of RabbitMQ's own. */
async function rabbitmqSettings({ rabbitmqConf, env, cwd }: Given): Promise<RabbitmqSettings | undefined> {
  const wanted = rabbitmqConf ?? env[RABBITMQ_CONF_VARIABLE]
  const named = wanted ? [wanted] : RABBITMQ_CONF_VARIABLES.map((name) => env[name] ?? '').filter((path) => path !== '')
  if (named.length === 0) return undefined
  const [{ readRabbitmqConf }, { filesAt }] = await Promise.all([
    import('./rabbitmq-conf.ts'),
    import('./rabbitmq-file.ts'),
  ])
  const paths = named.map((path) => resolve(cwd, path))
  const [first = ''] = paths
  if (wanted && filesAt(first).length === 0) throw new ConfigError('file', first, 'there is no such file')
  return readRabbitmqConf(paths, env)
}

/** Doors that a program has to ask for: several brokers in one process, or one beside a RabbitMQ, are not to collide. */
const EMBEDDED: Partial<Config> = { httpPort: 'off', metricsPort: 'off' }

/**
 * The defaults, with what a calling program wants otherwise; neither flags nor files are read. The HTTP API and metrics
 * have no port unless it names one.
 * @throws ConfigError when a value is out of its bounds
 */
export function configWith(overrides: Partial<Config> = {}, env: Environment = process.env): Config {
  return settle(env, (field) => {
    const raw = overrides[field] ?? EMBEDDED[field]
    return raw === undefined ? [] : [{ origin: 'caller', where: field, raw, base: process.cwd() }]
  })
}

/** The settings with every secret hidden: the only form of them that may be logged. */
export function redacted(config: Config): Config {
  const secrets = optionList.filter(([field, option]) => option.secret && config[field] !== null)
  const hidden = secrets.map(([field]) => [field, '(hidden)'])
  return { ...config, ...Object.fromEntries(hidden) }
}

function settle(
  env: Environment,
  given: (field: OptionField, option: Option<unknown>) => readonly Candidate[],
): Config {
  const entries = optionList.map(([field, option]) => {
    const [first] = given(field, option).map((candidate) => read(option, candidate))
    return [field, first === undefined ? initialOf(option, env) : first]
  })
  // The table gives every field a value of its kind; the type system cannot follow that through fromEntries.
  return Object.freeze(Object.fromEntries(entries)) as Config
}

function initialOf(option: Option<unknown>, env: Environment): unknown {
  return typeof option.initial === 'function' ? option.initial(env) : option.initial
}

function read(option: Option<unknown>, { origin, where, raw, base }: Candidate): unknown {
  const value = option.kind.read(raw, base)
  if (value !== undefined) return value
  const got = option.secret ? 'the value (not shown) does not fit' : `got ${shown(raw)}`
  throw new ConfigError(origin, where, `${got}, expected ${option.kind.expected}`)
}
