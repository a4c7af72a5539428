// Dead letters that lead nowhere: for queues of which none has a dead-letter exchange.

import type { Clock } from '../../../../src/broker/clock.ts'
import { DeadLetters } from '../../../../src/broker/dead-letters.ts'

/** A vhost's dead letters where there is nothing that they could go to. */
export function deadEnd(clock: Clock): DeadLetters {
  return new DeadLetters({ queues: new Map(), replies: new Map(), exchanges: new Map(), generation: 1 }, clock)
}
