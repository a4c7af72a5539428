// Colours, where they are wanted: on a terminal, unless NO_COLOR or --no-color says otherwise. Knows no format.

import type { Environment } from '../../config/options.ts'

/** Text in a colour, or as it was where there are no colours. */
export interface Colours {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
}

/**
 * Whether output is coloured: `--no-color` and NO_COLOR (no-color.org) switch it off, FORCE_COLOR and CLICOLOR_FORCE on,
 * CLICOLOR=0 off; else it depends on whether a terminal is there that can do it.
 */
export function wantsColour(flag: boolean, env: Environment, isTTY: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM } = env
  if (!flag || (NO_COLOR !== undefined && NO_COLOR !== '')) return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (CLICOLOR_FORCE !== undefined && CLICOLOR_FORCE !== '0') return true
  return CLICOLOR !== '0' && isTTY && TERM !== 'dumb'
}

/** The colours of a terminal, or none. */
export function coloursFor(wanted: boolean): Colours {
  const code =
    (on: number, off: number) =>
    (text: string): string =>
      wanted ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39), green: code(32, 39), yellow: code(33, 39) }
}
