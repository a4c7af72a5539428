// The stored side of a recent-history exchange that is durable: the messages that it keeps lie in a log of their own, so
// that they are there after a restart. Which are kept is the exchange type's concern.

import type { ExchangeLog, ExchangeLogHost } from './exchange/exchange.ts'
import type { HistoryKeeper } from './exchange/recent-history.ts'
import type { Message } from './message.ts'
import { Log } from './queue/log.ts'
import { eachRecord } from './recovery.ts'
import type { StoredChunk } from './store.ts'

/** The stored messages of one exchange. */
export class History implements ExchangeLog, HistoryKeeper {
  readonly queueId: number
  readonly #host: ExchangeLogHost
  readonly #log: Log
  readonly #restored: (message: Message) => void
  /** Sequence numbers of what is kept, oldest first. */
  #seqs: number[] = []
  /** First sequences of recovered chunks. */
  #recovered: number[] = []

  /**
   * @param queueId the number of its log
   * @param restored takes a message that was kept before the broker started, oldest first
   */
  constructor(queueId: number, host: ExchangeLogHost, restored: (message: Message) => void) {
    this.queueId = queueId
    this.#host = host
    this.#restored = restored
    this.#log = new Log(queueId, host.committer, {
      memory: host.memory,
      read: (key) => host.readChunk(key),
      // Its messages are in memory: what is in the store is read by `restore` only, which says what it cannot read.
      lost: () => {},
      loaded: () => {},
    })
  }

  keep(message: Message): void {
    this.#seqs.push(this.#log.append(message, true))
  }

  dropOldest(): void {
    const seq = this.#seqs.shift()
    if (seq !== undefined) this.#log.settle(seq)
  }

  open(): void {}

  mark(): void {
    this.#log.mark()
  }

  retire(): void {
    this.#log.delete()
    this.#seqs = []
  }

  // --- recovery ---------------------------------------------------------------------------------------------------

  recover(chunk: StoredChunk): void {
    this.#log.recover(chunk)
    this.#recovered.push(chunk.firstSeq)
  }

  recoverUnsummarised(firstSeq: number, bytes: Buffer): void {
    this.#log.recoverUnsummarised(firstSeq, bytes)
    this.#recovered.push(firstSeq)
  }

  recovered(deliveredBelow: number, nextSeq: number): void {
    this.#log.recovered(deliveredBelow, nextSeq)
  }

  async restore(): Promise<void> {
    await eachRecord(this.#log, this.#recovered, this.#host, (seq, message) => {
      this.#seqs.push(seq)
      this.#restored(message)
    })
    this.#recovered = []
  }
}
