// Regular expressions that anybody may bring with a query. Some take longer than anybody waits for, and nothing else runs
// meanwhile: they are ended. Knows patterns; not what they are for.

import { type Context, createContext, Script } from 'node:vm'
import { compilePattern, type Pattern } from '../broker/access/pattern.ts'
import { badRequest } from './errors.ts'

/** Milliseconds that one text may take. */
const LONGEST_MS = 100
/** Texts whose answers are remembered. */
const REMEMBERED = 1000
/** Only what is repeated as a whole, a group, can take more than a short name's time. */
const REPEATED_GROUP = /\)[*+?{]/

/** `source` as a pattern that throws `HttpError` 400 where it takes too long. Throws `PatternError` as well. */
export function boundedPattern(source: string): Pattern {
  const pattern = compilePattern(source)
  if (!REPEATED_GROUP.test(source)) return pattern
  const answers = new Map<string, boolean>()
  return {
    matches(text) {
      const known = answers.get(text)
      if (known !== undefined) return known
      const answer = bounded(() => pattern.matches(text), source)
      if (answers.size >= REMEMBERED) answers.clear()
      answers.set(text, answer)
      return answer
    },
  }
}

/** Made when it is first needed: the engine ends what takes too long only for a script. */
let script: { readonly code: Script; readonly context: Context } | null = null

function bounded(match: () => boolean, source: string): boolean {
  script ??= { code: new Script('match()'), context: createContext({}) }
  script.context['match'] = match
  try {
    return script.code.runInContext(script.context, { timeout: LONGEST_MS }) === true
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw badRequest(`the regular expression ${source} takes too long`)
  }
}
