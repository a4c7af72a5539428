/**
 * What was promised about the messages of one queue, and whether it was kept. Knows numbers of messages and what clients
 * were told about them; no client, no broker.
 */

const confirmed = 1
const delivered = 2
const settled = 4
/** The settlement is known to be stored: a publish that the same channel made after it was confirmed. */
const committed = 8
const rolledBack = 16

/** A message as it was found in a queue. */
export interface Found {
  readonly id: number
  readonly redelivered: boolean
}

/** How many messages a check found, of which: ... */
export interface Tally {
  found: number
  /** ... never confirmed (allowed: the broker may keep what it did not promise), ... */
  foundUnconfirmed: number
  /** ... settled so shortly before the kill that the settlement was lost (allowed, when marked as redelivered), ... */
  foundSettled: number
  /** ... marked as redelivered. */
  foundRedelivered: number
}

/** A promise was broken. */
export class Broken extends Error {}

/** The account of one queue. Its messages have growing numbers, in the order they were published in. */
export class Ledger {
  readonly queue: string
  readonly #states = new Map<number, number>()
  #lastFirstDelivered = -1
  /** Messages up to this one were taken out for good. */
  #floor = -1
  #settledLately: number[] = []

  constructor(queue: string) {
    this.queue = queue
  }

  published(id: number): void {
    this.#states.set(id, 0)
  }

  confirmed(id: number): void {
    this.#add(id, confirmed)
  }

  rolledBack(id: number): void {
    this.#add(id, rolledBack)
  }

  /** @throws Broken when it should not have come, not unmarked, or not before others */
  delivered({ id, redelivered }: Found): void {
    const state = this.#expected(id)
    if (!redelivered) {
      if (state & delivered) throw this.#broken(`message ${id} comes a second time without the redelivered mark`)
      if (id <= this.#lastFirstDelivered) throw this.#broken(`message ${id} comes after ${this.#lastFirstDelivered}`)
      this.#lastFirstDelivered = id
    }
    this.#add(id, delivered)
  }

  settled(id: number): void {
    this.#add(id, settled)
    this.#settledLately.push(id)
  }

  /** What was settled since the last call; for `committed`, once that is known to be stored. */
  takeSettled(): readonly number[] {
    const ids = this.#settledLately
    this.#settledLately = []
    return ids
  }

  committed(ids: readonly number[]): void {
    for (const id of ids) if (this.#states.has(id)) this.#add(id, committed)
  }

  /** The broker was killed: nobody will learn any more what became of the last settlements. */
  killed(): void {
    this.#settledLately = []
    this.#lastFirstDelivered = -1
  }

  /**
   * Compares all that the queue held with what was promised. The account is empty afterwards, and none of these messages
   * may come again.
   *
   * @throws Broken
   */
  close(found: readonly Found[], tally: Tally): void {
    const present = new Set<number>()
    let last = -1
    for (const { id, redelivered } of found) {
      const state = this.#expected(id)
      if (id === last) throw this.#broken(`message ${id} is there twice`)
      if (id < last) throw this.#broken(`message ${id} comes after ${last}`)
      if (state & delivered && !redelivered) {
        throw this.#broken(`message ${id} comes a second time without the redelivered mark`)
      }
      last = id
      present.add(id)
      tally.found++
      if (redelivered) tally.foundRedelivered++
      if (state & settled) tally.foundSettled++
      else if (!(state & confirmed)) tally.foundUnconfirmed++
    }
    this.#assertNoneLost(present)
    for (const id of this.#states.keys()) this.#floor = Math.max(this.#floor, id)
    this.#states.clear()
    this.#lastFirstDelivered = -1
  }

  #assertNoneLost(present: ReadonlySet<number>): void {
    const lost: number[] = []
    for (const [id, state] of this.#states)
      if (state & confirmed && !(state & settled) && !present.has(id)) lost.push(id)
    if (lost.length === 0) return
    const some = lost.slice(0, 10).join(', ')
    throw this.#broken(`${lost.length} messages were confirmed, not settled, and are lost: ${some}`)
  }

  /** The state of a message that comes. */
  #expected(id: number): number {
    if (id <= this.#floor) throw this.#broken(`message ${id} was taken out before an earlier kill, and came back`)
    const state = this.#states.get(id)
    if (state === undefined) throw this.#broken(`message ${id} was never published here`)
    if (state & rolledBack) throw this.#broken(`message ${id} was rolled back`)
    if (state & committed) throw this.#broken(`message ${id} was settled, that was stored, and it came back`)
    return state
  }

  #add(id: number, flag: number): void {
    this.#states.set(id, (this.#states.get(id) ?? 0) | flag)
  }

  #broken(what: string): Broken {
    return new Broken(`queue ${this.queue}: ${what}`)
  }
}
