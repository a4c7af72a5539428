// `leveret check-config`: whether a broker would start with these settings, and what they would be. Starts none.

import { type Config, type Given, loadConfig, redacted } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { keyOf, optionList } from '../config/options.ts'
import { exitCode } from './exit-codes.ts'
import { configFailure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** Settles the settings as `serve` would and prints them; resolves with the exit code: 0, 64 or 78. */
export async function checkConfig(
  given: Omit<Given, 'env' | 'cwd'>,
  { env, cwd, stdout, stderr }: Pick<Terminal, 'env' | 'cwd' | 'stdout' | 'stderr'>,
): Promise<number> {
  try {
    const { config, warnings } = await loadConfig({ ...given, env, cwd })
    for (const warning of warnings) stderr.write(`leveret: ${warning}\n`)
    stdout.write(settingsText(redacted(config)))
    return exitCode.ok
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { line, exitCode: code } = configFailure(error)
    stderr.write(`leveret: ${line}\n`)
    return code
  }
}

/** The settings as the configuration file would have them; what has no value there is a comment. */
function settingsText(config: Config): string {
  return optionList
    .map(([field, option]) => {
      const value = config[field] as unknown
      const plain = ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value)
      const known = plain && !(typeof value === 'number' && !Number.isFinite(value))
      return known
        ? `${keyOf(option)} = ${JSON.stringify(value)}\n`
        : `# ${keyOf(option)}: ${option.initially ?? 'none'}\n`
    })
    .join('')
}
