// §15 of the behaviour reference: what is there again after the broker stopped or was killed. A row is what is done
// before and what is seen afterwards; all rows share one restart. Only builds data.

import { deathRows } from './deaths.ts'
import { definitionRows } from './definitions.ts'
import { messageRows } from './messages.ts'
import { streamRows } from './streams.ts'
import type { Ending, RestartRow } from './words.ts'

/** Every row, as it must be after this ending. */
export function restartRows(ending: Ending): readonly RestartRow[] {
  return [...definitionRows, ...messageRows(ending), ...deathRows(ending), ...streamRows]
}
