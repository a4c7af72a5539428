// Settings from environment variables, Leveret's own and RabbitMQ's, and from the files that `..._FILE` variables name.
// Reads only what the table of options lists; values stay raw.

import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'
import { nearest } from './nearest.ts'
import { type Environment, type Option, optionList, variablesOf } from './options.ts'

/** The variable that names the configuration file. */
export const CONFIG_VARIABLE = 'LEVERET_CONFIG'

/** The variable that names a configuration in RabbitMQ's format. */
export const RABBITMQ_CONF_VARIABLE = 'LEVERET_RABBITMQ_CONF'
/** RabbitMQ's own variables for that, in the order in which they are read. */
export const RABBITMQ_CONF_VARIABLES: readonly string[] = ['RABBITMQ_CONFIG_FILE', 'RABBITMQ_CONFIG_FILES']

/** A raw value and the variable that it came from. */
export interface FromEnvironment {
  readonly where: string
  readonly raw: string
}

/**
 * Finds an option's value in the environment. An empty variable counts as none: compose files write `${NAME:-}`.
 * @throws ConfigError when a variable and its `_FILE` are both set, or when the file cannot be read or is empty
 */
export function fromEnvironment(option: Option<unknown>, env: Environment): FromEnvironment | undefined {
  for (const variable of variablesOf(option)) {
    const raw = own(variable, env)
    const path = option.fromFile ? env[`${variable}_FILE`] : undefined
    if (raw && path)
      throw new ConfigError('environment', variable, `is set, and so is ${variable}_FILE; keep one of them`)
    if (raw) return { where: variable, raw }
    if (path) return { where: `${variable}_FILE`, raw: contents(`${variable}_FILE`, path) }
  }
  return undefined
}

/**
 * Names variables that look like a misspelled setting of Leveret's. They are no error, since others (Kubernetes for one)
 * put variables of any name there.
 */
export function misspelled(env: Environment): readonly string[] {
  const known = optionList.flatMap(([, option]) =>
    variablesOf(option).flatMap((name) => (option.fromFile ? [name, `${name}_FILE`] : [name])),
  )
  const ours = known.filter((name) => name.startsWith('LEVERET_')).concat(CONFIG_VARIABLE, RABBITMQ_CONF_VARIABLE)
  const warnings: string[] = []
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith('LEVERET_') || ours.includes(variable)) continue
    const meant = nearest(
      variable.slice(8),
      ours.map((name) => name.slice(8)),
    )
    if (meant) warnings.push(`${variable} is not a setting; did you mean LEVERET_${meant}?`)
  }
  return warnings
}

// Kubernetes gives every pod LEVERET_PORT=tcp://10.0.0.1:5672 when a service of the name leveret stands beside it.
function own(variable: string, env: Environment): string | undefined {
  const raw = env[variable]
  return variable === 'LEVERET_PORT' && raw && /^(tcp|udp|sctp):\/\//i.test(raw) ? undefined : raw
}

function contents(variable: string, path: string): string {
  try {
    // Editors and `echo` end a file with a newline that is not part of the secret.
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    if (value !== '') return value
  } catch (error) {
    throw new ConfigError('environment', variable, `cannot read ${path} (${(error as NodeJS.ErrnoException).code})`)
  }
  throw new ConfigError('environment', variable, `the file ${path} is empty`)
}
