// What a broker is given of the world around it. Types only.

import type { Clock } from './clock.ts'
import type { Dialect } from './dialect.ts'
import type { Logger } from './logger.ts'
import type { Trace } from './trace.ts'

/** What a broker is given of the world. */
export interface Surroundings {
  readonly clock: Clock
  readonly logger: Logger
  /** `count` octets that nobody can guess. */
  readonly random: (count: number) => Buffer
  /** Time as the store knows it, where that of messages is another; a test may move the latter. */
  readonly storeClock?: Clock
  /** Who watches messages; nobody but in tests. */
  readonly trace?: Trace | null
  /** Which RabbitMQ this is; Leveret itself but in tests. */
  readonly dialect?: Dialect
}
