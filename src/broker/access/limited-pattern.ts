// Patterns that are ended where they take too long: nothing else runs meanwhile. Most cannot, and cost nothing more for it.
// Knows patterns and the engine's own watch; not what they are for.

import { type Context, createContext, Script } from 'node:vm'
import type { Logger } from '../logger.ts'
import { compilePattern, type Pattern } from './pattern.ts'

/** Milliseconds that the first text may take; each that takes too long halves it, so that all together are bounded. */
const LONGEST_MS = 100
/** A pause for the garbage collector is not the pattern's fault. */
const SHORTEST_MS = 10
/** Texts whose answers are remembered; beyond, all are forgotten. */
const REMEMBERED = 1000
/** What is repeated as a whole, a group, may be tried in as many ways as there are subsets. */
const REPEATED_GROUP = /\)[*+?{]/
/** A name has 255 octets at the most: two repetitions and where they begin are some 20 ms, a third is a second. */
const REPETITION = /[*+?{]/g
const MOST_REPETITIONS = 2
/** Groups one after the other have as many ways as the product of their alternatives; one group, as many as it has itself. */
const GROUP = /\(/g
const ALTERNATIVE = /\|/g
const MOST_ALTERNATIVES = 4

/** Answers for a pattern that took too long with a text, or throws. */
export type TooLong = (source: string, text: string) => boolean

/** It does not match, as in RabbitMQ, whose engine gives up as well. */
export function countsAsNone(logger: Pick<Logger, 'warn'> | null): TooLong {
  return (pattern, name) => {
    logger?.warn({ pattern, name }, 'a regular expression takes too long, and counts as one that does not match')
    return false
  }
}

/** Compiles a pattern that holds up nobody. Throws `PatternError`. */
export function limitedPattern(source: string, tooLong: TooLong): Pattern {
  const pattern = compilePattern(source)
  if (!mayTakeLong(source)) return pattern
  const answers = new Map<string, boolean>()
  let ms = LONGEST_MS
  return {
    matches(text) {
      const known = answers.get(text)
      if (known !== undefined) return known
      const answer = within(ms, () => pattern.matches(text))
      if (answer === null) ms = Math.max(ms / 2, SHORTEST_MS)
      const settled = answer ?? tooLong(source, text)
      if (answers.size >= REMEMBERED) answers.clear()
      answers.set(text, settled)
      return settled
    },
  }
}

function mayTakeLong(source: string): boolean {
  if (REPEATED_GROUP.test(source) || count(source, REPETITION) > MOST_REPETITIONS) return true
  return count(source, GROUP) > 1 && count(source, ALTERNATIVE) > MOST_ALTERNATIVES
}

function count(source: string, what: RegExp): number {
  return source.match(what)?.length ?? 0
}

/** Made when it is first needed: the engine ends what takes too long only for a script. */
let script: { readonly code: Script; readonly context: Context } | null = null

/** What `match` answers; null where it was ended. */
function within(ms: number, match: () => boolean): boolean | null {
  script ??= { code: new Script('match()'), context: createContext({}) }
  script.context['match'] = match
  try {
    return script.code.runInContext(script.context, { timeout: Math.ceil(ms) }) === true
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return null
  }
}
