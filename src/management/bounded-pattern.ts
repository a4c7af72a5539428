// Regular expressions that anybody may bring with a query: one that takes longer than anybody waits for is the asker's
// fault, and said so. Knows patterns; not what they are for.

import { limitedPattern } from '../broker/access/limited-pattern.ts'
import type { Pattern } from '../broker/access/pattern.ts'
import { badRequest } from './errors.ts'

/** `source` as a pattern that throws `HttpError` 400 where it takes too long. Throws `PatternError` as well. */
export function boundedPattern(source: string): Pattern {
  return limitedPattern(source, () => {
    throw badRequest(`the regular expression ${source} takes too long`)
  })
}
