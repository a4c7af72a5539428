// Taking what is stored of one log back in, chunk by chunk, and saying what of it is damaged. Knows the store's port; not
// what the log is to anybody.

import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'
import { Message } from './message.ts'
import type { Log } from './queue/log.ts'
import { checkedCount, DamagedChunk, offsetsOf, readRecord } from './queue/page.ts'
import type { ChunkKey, MessageStore, StoredChunk } from './store.ts'

/** Where chunks are read, and who hears of those that cannot be. */
interface ChunkReader {
  readChunk(key: ChunkKey): Promise<Buffer | null>
  chunkLost(key: ChunkKey, messages: number, why: string): void
}

/** What has messages in the store: a queue, or where those of a delayed exchange wait. */
export interface Recoverable {
  readonly queueId: number
  /** Takes in a chunk found in the store. Throws `DamagedChunk`. */
  recover(chunk: StoredChunk): void
  /** The same for one whose summary is damaged, from its own bytes. Throws `DamagedChunk`. */
  recoverUnsummarised(firstSeq: number, bytes: Buffer): void
  /** All chunks are in: those below `deliveredBelow` count as delivered before, `nextSeq` comes next at the earliest. */
  recovered(deliveredBelow: number, nextSeq: number): void
}

/** Milliseconds between two lines about a recovery that takes longer. */
const TOLD_MS = 2000

/**
 * Calls `each` with every record of these chunks that the log holds, in order; the message is a view that holds during the
 * call only, and persistent as its delivery-mode says.
 */
export async function eachRecord(
  log: Log,
  chunks: readonly number[],
  host: ChunkReader,
  each: (seq: number, message: Message) => void,
): Promise<void> {
  const message = new Message()
  for (const firstSeq of chunks) {
    const key = { queueId: log.queueId, firstSeq }
    try {
      const bytes = await host.readChunk(key)
      if (bytes === null) throw new DamagedChunk('it is not there')
      for (const [index, at] of offsetsOf(bytes, checkedCount(bytes)).entries()) {
        if (!log.holds(firstSeq + index)) continue
        readRecord(bytes, at, message)
        message.persistent = message.asksForPersistence
        each(firstSeq + index, message)
      }
    } catch (error) {
      if (!(error instanceof DamagedChunk)) throw error
      host.chunkLost(key, 0, error.message)
    }
  }
}

/** Takes logs back in from one store. */
export class Recovery {
  readonly #messages: MessageStore
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #stoppedInOrder: boolean
  readonly #all: number
  #toldAt: number
  #chunks = 0
  #logs = 0

  /**
   * @param stoppedInOrder whether the marks are exact
   * @param all how many logs there are
   */
  constructor(
    messages: MessageStore,
    { logger, clock }: { readonly logger: Logger; readonly clock: Clock },
    stoppedInOrder: boolean,
    all: number,
  ) {
    this.#messages = messages
    this.#logger = logger
    this.#clock = clock
    this.#stoppedInOrder = stoppedInOrder
    this.#all = all
    this.#toldAt = clock.now()
  }

  /**
   * Takes one log in. After a crash nobody knows what was delivered: all that is there counts as delivered (behaviour.md
   * §7.6). `names` say in the broker's log what it is.
   */
  async recover(log: Recoverable, names: object): Promise<void> {
    for await (const chunk of this.#messages.recover(log.queueId)) {
      await this.#recoverChunk(log, names, chunk)
      this.#chunks++
      this.#tellProgress(names)
    }
    this.#logs++
    const mark = await this.#messages.mark(log.queueId)
    const headSeq = this.#stoppedInOrder && mark ? mark.headSeq : Number.MAX_SAFE_INTEGER
    log.recovered(headSeq, mark?.nextSeq ?? 1)
  }

  /** Whoever waits for the broker to come up sees that it does. */
  #tellProgress(names: object): void {
    const now = this.#clock.now()
    if (now - this.#toldAt < TOLD_MS) return
    this.#toldAt = now
    const fields = { ...names, chunks: this.#chunks, queues: this.#logs, of: this.#all }
    this.#logger.info(fields, `still recovering what is stored: ${this.#logs} of ${this.#all} queues are done`)
  }

  /** A chunk whose summary is damaged is read itself; one that is damaged itself is left out, and left where it is. */
  async #recoverChunk(log: Recoverable, names: object, chunk: StoredChunk): Promise<void> {
    const { firstSeq } = chunk
    const tell = (error: unknown, consequence: string): void => {
      if (!(error instanceof DamagedChunk)) throw error
      this.#logger.error({ ...names, firstSeq }, `a stored chunk ${consequence}: ${error.message}`)
    }
    try {
      log.recover(chunk)
    } catch (error) {
      tell(error, 'is read in full')
      const bytes = await this.#messages.read({ queueId: log.queueId, firstSeq })
      try {
        if (bytes) log.recoverUnsummarised(firstSeq, bytes)
      } catch (damage) {
        tell(damage, 'is set aside')
      }
    }
  }
}
