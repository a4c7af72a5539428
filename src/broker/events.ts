// What happens in a broker, told to those who want to hear of it, under the names that RabbitMQ's event exchange has for
// it. Where nobody listens it costs one comparison: what would be told is put together for listeners only.

import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'

/** The names of all events. */
export const eventNames = [
  'alarm.cleared',
  'alarm.set',
  'binding.created',
  'binding.deleted',
  'channel.closed',
  'channel.created',
  'connection.closed',
  'connection.created',
  'consumer.created',
  'consumer.deleted',
  'exchange.created',
  'exchange.deleted',
  'parameter.cleared',
  'parameter.set',
  'permission.created',
  'permission.deleted',
  'policy.cleared',
  'policy.set',
  'queue.created',
  'queue.deleted',
  'topic.permission.created',
  'topic.permission.deleted',
  'user.authentication.failure',
  'user.authentication.success',
  'user.created',
  'user.deleted',
  'user.limits.cleared',
  'user.limits.set',
  'user.password.changed',
  'user.tags.set',
  'vhost.created',
  'vhost.deleted',
  'vhost.limits.cleared',
  'vhost.limits.set',
] as const

/** The name of an event. */
export type EventName = (typeof eventNames)[number]

/** What is said of an event: values that JSON can carry. */
export type EventFields = Readonly<Record<string, unknown>>

/** Something that has happened. */
export interface BrokerEvent {
  readonly name: EventName
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly fields: EventFields
}

/** The events of one broker. */
export class Events {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #listeners = new Set<(event: BrokerEvent) => void>()

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock
    this.#logger = logger
  }

  /** Whether anybody listens. */
  get heard(): boolean {
    return this.#listeners.size > 0
  }

  /** Tells `listener` of all that happens from now on, as it happens. Returns how to stop that. */
  listen(listener: (event: BrokerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Something has happened; `fields` is called where somebody listens. */
  tell(name: EventName, fields: () => EventFields): void {
    if (this.#listeners.size === 0) return
    const event: BrokerEvent = { name, atMs: this.#clock.now(), fields: fields() }
    for (const listener of [...this.#listeners]) {
      try {
        listener(event)
      } catch (error) {
        // That is not to reach whoever tells.
        this.#logger.error({ err: error, event: name }, 'somebody who listens to events has failed')
      }
    }
  }
}
