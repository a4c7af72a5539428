// What was sent on and is not stored yet where it went, in octets: so that whoever moves messages goes no faster than the
// store takes them, and memory does not fill with what waits. Knows outcomes; not which messages, nor where they are.

import type { Outcome, Publisher } from '../../broker/queue/publisher.ts'

/** Octets that wait to be stored; the tag of each publish is how many it has. */
export class Unstored implements Publisher {
  #bytes = 0
  #failed = false
  /** Who waits, and down to how many octets. */
  #waiting: { readonly most: number; readonly resolve: () => void } | null = null

  /** A message of so many octets is to be stored. */
  expect(bytes: number): void {
    this.#bytes += bytes
  }

  settle(bytes: number, outcome: Outcome): void {
    this.#bytes -= bytes
    if (outcome !== 'stored') this.#failed = true
    const waiting = this.#waiting
    if (waiting === null || this.#bytes > waiting.most) return
    this.#waiting = null
    waiting.resolve()
  }

  /** Resolves when no more than `most` octets wait. Rejects where the store did not take something. */
  async below(most: number): Promise<void> {
    if (this.#bytes > most) {
      await new Promise<void>((resolve) => {
        this.#waiting = { most, resolve }
      })
    }
    if (this.#failed)
      throw new Error('the store takes no messages: what was sent on is kept in memory, and tried again')
  }
}
