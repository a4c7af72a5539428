// The audit log: who changed what, from where, what it was before and is now; and who was not let in. A file of JSON lines,
// added to, never read, and opened again where somebody has moved it away. Knows files and who is at work; not what changes.

import { AsyncLocalStorage } from 'node:async_hooks'
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Attempt, Refusal } from '../broker/access/logins.ts'
import type { Clock } from '../broker/clock.ts'
import type { Logger } from '../broker/logger.ts'

/** Only the broker's user may read it. */
const MODE = 0o600

/** Who is at work. */
export interface Actor {
  readonly user: string
  readonly address: string
}

/** One thing that was changed; null: it was not there, or is not any more. */
export interface AuditedChange {
  /** `user`, `policy`, `queue` ... */
  readonly what: string
  readonly names: readonly string[]
  readonly before: unknown
  readonly after: unknown
}

/** One audit log. */
export class Audit {
  readonly #path: string
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #actors = new AsyncLocalStorage<Actor>()
  #descriptor: number
  #failing = false

  /** @throws the error of node:fs when the file cannot be opened */
  constructor(path: string, clock: Clock, logger: Logger) {
    this.#path = path
    this.#clock = clock
    this.#logger = logger
    this.#descriptor = openSync(path, 'a', MODE)
  }

  /** Runs `task` and all that comes of it as the work of `actor`. */
  run<Result>(actor: Actor, task: () => Result): Result {
    return this.#actors.run(actor, task)
  }

  /** Who is at work now; null: nobody who came over HTTP. */
  get actor(): Actor | null {
    return this.#actors.getStore() ?? null
  }

  /** Something was changed by `actor`; null: by the broker, or over AMQP. */
  changed(actor: Actor | null, { what, names, before, after }: AuditedChange): void {
    const how = before === null ? 'created' : after === null ? 'deleted' : 'changed'
    this.#write({
      event: `${what} ${how}`,
      user: actor?.user ?? null,
      address: actor?.address ?? null,
      names,
      before,
      after,
    })
  }

  /** Somebody was not let in. */
  refused({ user, address }: Pick<Attempt, 'user' | 'address'>, { why }: Refusal): void {
    this.#write({ event: 'login refused', user, address, why })
  }

  /** Opens the file anew, where it was moved away to make room. */
  reopen(): void {
    try {
      const descriptor = openSync(this.#path, 'a', MODE)
      closeSync(this.#descriptor)
      this.#descriptor = descriptor
    } catch (error) {
      this.#logger.error({ err: error }, 'the audit log could not be opened again; the old file goes on')
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #write(record: object): void {
    try {
      writeSync(this.#descriptor, `${JSON.stringify({ at: new Date(this.#clock.now()).toISOString(), ...record })}\n`)
      this.#failing = false
    } catch (error) {
      // A full disk is no reason to stop; it is told once.
      if (!this.#failing) this.#logger.error({ err: error }, 'the audit log cannot be written to')
      this.#failing = true
    }
  }
}
