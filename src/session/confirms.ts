// Publisher confirms of one channel (https://www.rabbitmq.com/docs/confirms): counts, per publish, the queues that have
// not answered yet, and says at the end of the turn with as few basic.ack as the order allows what is settled.

import type { Outcome, Publisher } from '../broker/queue/publisher.ts'

/** Where confirms are said. */
export interface ConfirmSink {
  /** Something is settled: `flush` is to be called at the end of the turn. */
  confirmsWait(): void
  /** basic.ack; it says that of `count` publishes. */
  confirm(tag: number, multiple: boolean, count: number): void
  /** basic.nack for one publish. */
  refuse(tag: number): void
}

/** A publish that has been said to be settled, or refused, ahead of older ones. */
const SAID = -1
const SAID_REFUSED = -2
const SMALLEST = 64

/** The confirms of one channel; tags count from 1 (behaviour.md §8.2). */
export class Confirms implements Publisher {
  readonly #sink: ConfirmSink
  /** Queues outstanding per publish, at `tag & mask`; 0: settled, and not said yet. */
  #outstanding = new Int32Array(SMALLEST)
  /** The oldest publish that is not said. */
  #low = 1
  #next = 1
  /** Settled while an older one was not. */
  #early: number[] = []
  readonly #refused = new Set<number>()
  #waits = false

  constructor(sink: ConfirmSink) {
    this.#sink = sink
  }

  /** Publishes that nothing was said of. */
  get unsaid(): number {
    let unsaid = 0
    for (let tag = this.#low; tag < this.#next; tag++) {
      if ((this.#outstanding[tag & (this.#outstanding.length - 1)] as number) >= 0) unsaid++
    }
    return unsaid
  }

  /** A publish begins: returns its tag. It is outstanding until `settle` was called once for it and for each `expect`. */
  begin(): number {
    if (this.#next - this.#low === this.#outstanding.length) this.#grow()
    const tag = this.#next++
    this.#outstanding[tag & (this.#outstanding.length - 1)] = 1
    return tag
  }

  /** One queue more will call `settle` for this publish. */
  expect(tag: number): void {
    const at = tag & (this.#outstanding.length - 1)
    this.#outstanding[at] = (this.#outstanding[at] as number) + 1
  }

  settle(tag: number, outcome: Outcome): void {
    if (outcome !== 'stored') this.#refused.add(tag)
    const at = tag & (this.#outstanding.length - 1)
    const left = (this.#outstanding[at] as number) - 1
    this.#outstanding[at] = left
    if (left !== 0) return
    if (tag !== this.#low && this.#outstanding[(tag - 1) & (this.#outstanding.length - 1)] !== 0) this.#early.push(tag)
    if (this.#waits) return
    this.#waits = true
    this.#sink.confirmsWait()
  }

  /** Says what is settled and was not said. */
  flush(): void {
    this.#waits = false
    this.#sayInOrder()
    if (this.#early.length > 0) this.#sayEarly()
  }

  /**
   * The settled publishes from the oldest on: one basic.ack, or several with a basic.nack between. No ack with `multiple`
   * spans a refused publish: clients that hand confirms out in order (amqp091-go) would take it for acked.
   */
  #sayInOrder(): void {
    const mask = this.#outstanding.length - 1
    let unsaid = 0
    let newest = 0
    let tag = this.#low
    for (; tag < this.#next && (this.#outstanding[tag & mask] as number) <= 0; tag++) {
      const state = this.#outstanding[tag & mask]
      if (state === SAID) continue
      if (state === 0 && !(this.#refused.size > 0 && this.#refused.delete(tag))) {
        unsaid++
        newest = tag
        continue
      }
      if (unsaid > 0) this.#sink.confirm(newest, unsaid > 1, unsaid)
      if (state === 0) this.#sink.refuse(tag)
      unsaid = 0
    }
    if (unsaid > 0) this.#sink.confirm(newest, unsaid > 1, unsaid)
    this.#low = tag
  }

  #sayEarly(): void {
    const early = this.#early
    this.#early = []
    for (const first of early) {
      for (let tag = Math.max(first, this.#low); tag < this.#next; tag++) {
        const at = tag & (this.#outstanding.length - 1)
        if (this.#outstanding[at] !== 0) break
        const refused = this.#refused.delete(tag)
        this.#outstanding[at] = refused ? SAID_REFUSED : SAID
        if (refused) this.#sink.refuse(tag)
        else this.#sink.confirm(tag, false, 1)
      }
    }
  }

  #grow(): void {
    const larger = new Int32Array(this.#outstanding.length * 2)
    for (let tag = this.#low; tag < this.#next; tag++) {
      larger[tag & (larger.length - 1)] = this.#outstanding[tag & (this.#outstanding.length - 1)] as number
    }
    this.#outstanding = larger
  }
}
