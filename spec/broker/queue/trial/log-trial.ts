// long: all of it compares the same two things, step by step; to part it would be to pass both from file to file.
//
// A log on trial: everything is done to a log over a store with faults, and to a plain array of messages beside it; what
// the two say is compared at every step. A crash throws the log away and opens another on what the store holds. Reads of
// chunks wait until the trial ends them.

import { Message } from '../../../../src/broker/message.ts'
import { Committer } from '../../../../src/broker/queue/committer.ts'
import { Log } from '../../../../src/broker/queue/log.ts'
import type { LogHost } from '../../../../src/broker/queue/paging.ts'
import type { Publisher } from '../../../../src/broker/queue/publisher.ts'
import { SEGMENT_BYTES } from '../../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../../src/broker/queue/segment-memory.ts'
import type { Lease, Store, StoreErrorKind } from '../../../../src/broker/store.ts'
import { createMemoryStore } from '../../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore, type Hold } from '../../../support/fault-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { Entries, type Entry, ensure } from './entries.ts'
import { HeldReads, type ReadFate } from './held-reads.ts'
import { idOf, type Kind, makeMessage, spoil } from './messages.ts'
import { type Range, rangeOf, WatchedStore } from './watched-store.ts'

const QUEUE_ID = 7

/** A log and the array that it is compared with. Any method throws where the two differ. */
export class LogTrial {
  readonly #inner: Store = createMemoryStore()
  #store!: FaultyStore
  #lease!: Lease
  #clock!: ManualClock
  #committer!: Committer
  #log!: Log
  readonly #budget: number
  #memory!: SegmentMemory
  #reads!: HeldReads
  /** The chunk whose read is just ending badly: it has to be reported, once. */
  #damage: Range | null = null
  /** Chunks of this life that could not be read. */
  #lostChunks = new Set<number>()
  /** How often the log said that something had been loaded. */
  #loadings = 0
  /** The first error in what the log told. */
  #wrong: unknown = null
  /** Reads of all lives. */
  #readsBegun = 0
  #publisher!: Publisher
  /** What a log that crashed still does is of no account. */
  #life = 0
  readonly #entries = new Entries()
  #ids = 0
  /** Below this, sequence numbers have been seen by the disk or were given in this life. */
  #nextSeq = 1
  /** Orders to the store that no commit has used up. */
  #orders = 0
  #holds: Hold[] = []
  #closed = false
  readonly #view = new Message()

  private constructor(budget: number) {
    this.#budget = budget
  }

  /** @param budget octets that messages may occupy before they leave memory */
  static async begin(budget = 0): Promise<LogTrial> {
    const trial = new LogTrial(budget)
    await trial.#open(0)
    return trial
  }

  /** Chunks that the log has read back, before and after restarts. */
  get reads(): number {
    return this.#readsBegun + this.#reads.begun
  }

  // --- the steps --------------------------------------------------------------------------------------------------

  append(kind: Kind, persistent: boolean, waits: boolean): void {
    const id = ++this.#ids
    const message = makeMessage(id, kind, persistent)
    const seq = this.#log.append(message, persistent)
    spoil(message)
    ensure(seq === this.#nextSeq, `message ${id} got ${seq}, not ${this.#nextSeq}`)
    this.#nextSeq++
    const entry = this.#entries.add(id, seq, persistent, persistent && waits)
    if (entry.waits) ensure(this.#log.awaitStored(seq, this.#publisher, id), `nobody will hear of ${id}`)
    this.#compareCounts()
  }

  /** Takes what comes next. False when there is nothing, or nothing at hand: then it is being read. */
  take(): boolean {
    const expected = this.#entries.next()
    if (!this.#log.atHand()) {
      const reading = this.#reads.held.some(({ key }) => key.firstSeq <= (expected?.seq ?? Number.MAX_SAFE_INTEGER))
      ensure(!expected || reading, `nobody reads message ${expected?.id}`)
      return false
    }
    if (!expected) throw new Error('a message is at hand, and there is none')
    const seq = this.#log.take(this.#view)
    ensure(seq === expected.seq, `took ${seq}, not ${expected.seq}`)
    ensure(idOf(this.#view) === expected.id, `took message ${idOf(this.#view)}, not ${expected.id}`)
    const { redelivered } = this.#log
    ensure(redelivered === expected.delivered, `message ${expected.id} came with redelivered=${redelivered}`)
    this.#entries.move(expected, 'out')
    expected.delivered = true
    this.#compareCounts()
    return true
  }

  /** Settles one of those that are out. */
  settle(which: number): void {
    this.#pick(which, (entry) => this.#settle(entry))
  }

  giveBack(which: number): void {
    this.#pick(which, (entry) => this.#giveBack(entry))
  }

  settleAll(): void {
    for (const entry of this.#entries.in('out')) this.#settle(entry)
  }

  giveBackAll(): void {
    for (const entry of this.#entries.in('out').reverse()) this.#giveBack(entry)
  }

  purge(): void {
    const ready = this.#entries.in('ready')
    for (const entry of ready) this.#entries.move(entry, 'settled')
    const purged = this.#log.purge()
    ensure(purged === ready.length, `purged ${purged}, not ${ready.length}`)
    this.#compareCounts()
  }

  async endTurn(): Promise<void> {
    await this.#clock.pass()
    this.#entries.compareTold()
  }

  async wait(ms: number): Promise<void> {
    this.#clock.advance(ms)
    await this.endTurn()
  }

  holdNextCommit(): void {
    this.#orders++
    this.#holds.push(this.#store.messages.holdNextCommit())
  }

  failNextCommit(kind: StoreErrorKind, applied: boolean): void {
    this.#orders++
    this.#store.messages.failNextCommit(kind, { applied })
  }

  /** Decides on the oldest commit that is held; `kind` null: it succeeds. */
  async decide(kind: StoreErrorKind | null, applied: boolean): Promise<void> {
    const hold = this.#holds.shift()
    if (kind === null) hold?.release()
    else hold?.fail(kind, { applied })
    await this.endTurn()
  }

  /** Ends one of the reads under way. */
  async endRead(which: number, fate: ReadFate): Promise<void> {
    const read = this.#reads.pick(which)
    const bytes = await read?.bytes
    if (!read) return
    const { firstSeq } = read.key
    this.#damage = fate === 'whole' || !bytes ? null : rangeOf(firstSeq, bytes)
    const loadings = this.#loadings
    read.end(fate)
    await this.#clock.settle()
    this.#rethrow()
    const unsaid = this.#damage === null ? [] : this.#entries.readyIn(this.#damage)
    ensure(unsaid.length === 0, `chunk ${firstSeq} was damaged, and nobody said so`)
    ensure(this.#loadings === loadings + 1, `the end of a read was told ${this.#loadings - loadings} times`)
    this.#damage = null
    this.#compareCounts()
  }

  /** Ends all reads well. */
  async endReads(): Promise<void> {
    await this.#reads.endAll()
    this.#rethrow()
    this.#compareCounts()
  }

  // --- the ends ---------------------------------------------------------------------------------------------------

  /** The process is killed; a commit in flight comes to the disk in whole (`applied`) or not at all. */
  async crash(applied: boolean): Promise<void> {
    this.#life++
    for (const hold of this.#holds) hold.fail('unknown', { applied })
    await this.#clock.settle()
    await this.#leave()
    for (const entry of this.#entries.all()) entry.delivered = true
    await this.#open(Number.MAX_SAFE_INTEGER)
  }

  /** The broker stops in order, and starts again. */
  async stop(): Promise<void> {
    await this.#spendOrders()
    this.#log.mark()
    await this.#committer.flush()
    this.#entries.compareTold()
    this.#entries.compareNobodyWaits()
    this.#life++
    const headSeq = (await this.#store.messages.mark(QUEUE_ID))?.headSeq ?? 0
    await this.#leave()
    // The head has passed over them.
    for (const entry of this.#entries.in('lost')) if (entry.seq < headSeq) entry.delivered = true
    await this.#open(headSeq)
  }

  /** Takes all that can be taken, which needs no more than that reads end. */
  async drain(): Promise<void> {
    for (let vain = 0; this.#entries.counts.ready > 0; vain++) {
      ensure(vain < 2, 'nothing is at hand although all reads have ended')
      await this.endReads()
      while (this.take()) vain = -1
    }
    await this.settleToNothing()
  }

  /** Settles everything, and then nothing of it is left in the store and in memory but chunks that could not be read. */
  async settleToNothing(): Promise<void> {
    this.purge()
    this.settleAll()
    await this.#spendOrders()
    await this.wait(20)
    await this.endTurn()
    const left: number[] = []
    for await (const { firstSeq } of this.#store.messages.recover(QUEUE_ID)) left.push(firstSeq)
    ensure(`${left}` === `${[...this.#lostChunks].sort((a, b) => a - b)}`, `chunks ${left} are left in the store`)
    this.#entries.compareNobodyWaits()
    await this.endReads()
    ensure(this.#memory.used <= SEGMENT_BYTES, `an empty log occupies ${this.#memory.used} octets`)
    await this.#leave()
  }

  /** The queue is deleted: all who wait hear that all is well, and the store forgets it, whatever is in flight. */
  async delete(): Promise<void> {
    this.#closed = true
    this.#log.delete()
    this.#entries.compareNobodyWaits()
    await this.decide('unknown', true)
    await this.#spendOrders()
    await this.#committer.flush()
    const left = await this.#store.messages.queueIds()
    ensure(left.length === 0, 'the store has not forgotten the queue')
    await this.#leave()
  }

  /** The end of a log. Reads may still end after it, and then it occupies nothing. */
  async #leave(): Promise<void> {
    this.#life++
    this.#log.close()
    await this.#reads.endAll()
    ensure(this.#memory.used === 0, `${this.#memory.used} octets are still counted`)
    this.#readsBegun += this.#reads.begun
    await this.#store.close()
  }

  // --- what happens -----------------------------------------------------------------------------------------------

  #lost(firstSeq: number, messages: number): void {
    const damage = this.#damage
    if (damage?.from !== firstSeq) throw new Error(`chunk ${firstSeq} is said to be lost`)
    const lost = this.#entries.readyIn(damage)
    ensure(messages === lost.length, `chunk ${firstSeq} is said to have had ${messages} messages, not ${lost.length}`)
    for (const entry of lost) this.#entries.move(entry, 'lost')
    this.#lostChunks.add(firstSeq)
  }

  #settle(entry: Entry): void {
    this.#entries.move(entry, 'settled')
    this.#log.settle(entry.seq)
    this.#compareCounts()
  }

  #giveBack(entry: Entry): void {
    this.#entries.move(entry, 'ready')
    this.#log.giveBack(entry.seq)
    this.#compareCounts()
  }

  /** Lets every order be used up, so that the next commit succeeds. */
  async #spendOrders(): Promise<void> {
    for (let round = 0; this.#orders > 0 || this.#entries.committing; round++) {
      ensure(round < 200, 'a commit does not end')
      for (const hold of this.#holds.splice(0)) hold.release()
      if (!this.#entries.committing) this.#committer.schedule(this.#spender, true)
      await this.wait(1000)
      await this.endTurn()
    }
    await this.wait(1000)
    await this.endTurn()
  }

  /** Something to commit where the log has nothing. */
  readonly #spender = { collect: () => {}, committed: () => {}, failed: () => {} }

  // --- opening ----------------------------------------------------------------------------------------------------

  /** Opens the store, looks at what a log finds in it, and opens the one that goes on. */
  async #open(headSeq: number): Promise<void> {
    this.#store = faultyStore(this.#inner)
    this.#lease = await this.#store.open()
    this.#clock = new ManualClock()
    this.#orders = 0
    this.#holds = []
    this.#entries.forgetCommit()
    const life = this.#life
    this.#publisher = { settle: (id, outcome) => life === this.#life && this.#entries.told(id, outcome, this.#closed) }
    const watched = new WatchedStore(this.#store.messages, {
      began: (chunks) => {
        if (life !== this.#life) return
        if (this.#orders > 0) this.#orders--
        this.#entries.began(chunks)
      },
      ended: (error) => life === this.#life && this.#entries.ended(error),
    })
    this.#committer = new Committer(watched, this.#lease, this.#clock, { failed: () => {}, succeeded: () => {} })
    await this.#compareFound(headSeq)
    this.#memory = new SegmentMemory(this.#budget)
    this.#reads = new HeldReads(this.#store.messages)
    this.#lostChunks = new Set()
    this.#log = await this.#recover(new Log(QUEUE_ID, this.#committer, this.#host(life)), headSeq)
    this.#compareCounts()
  }

  #host(life: number): LogHost {
    // It is called where nobody would hear of an error.
    const guarded = (act: () => void): void => {
      if (life !== this.#life) return
      try {
        act()
      } catch (error) {
        this.#wrong ??= error
      }
    }
    return {
      memory: this.#memory,
      read: (key) => this.#reads.read(key),
      lost: ({ firstSeq }, messages) => guarded(() => this.#lost(firstSeq, messages)),
      loaded: () => guarded(() => this.#loadings++),
    }
  }

  #rethrow(): void {
    if (this.#wrong !== null) throw this.#wrong
  }

  async #recover(log: Log, headSeq: number): Promise<Log> {
    for await (const chunk of this.#store.messages.recover(QUEUE_ID)) log.recover(chunk)
    const mark = await this.#store.messages.mark(QUEUE_ID)
    log.recovered(headSeq, mark?.nextSeq ?? 1)
    return log
  }

  /** Empties a copy of the log that is recovered, and makes the array hold what may be there and is. */
  async #compareFound(headSeq: number): Promise<void> {
    const log = await this.#recover(new Log(QUEUE_ID, null, this.#plainHost), headSeq)
    const found = new Set<number>()
    let last = 0
    while (log.ready > 0) {
      if (!log.atHand()) await this.#clock.settle()
      ensure(log.atHand(), 'nothing is at hand after a start')
      const seq = log.take(this.#view)
      const entry = this.#entries.byId(idOf(this.#view))
      ensure(entry.seq === seq, `recovered message ${entry.id} of ${entry.seq} as ${seq}`)
      ensure(seq > last, `recovered ${seq} after ${last}`)
      ensure(log.redelivered === entry.delivered, `recovered ${entry.id} with redelivered=${log.redelivered}`)
      last = seq
      found.add(entry.id)
    }
    this.#entries.compareFound(found)
    this.#nextSeq = log.append(makeMessage(0, 'empty'), false)
    ensure(this.#nextSeq > Math.max(last, this.#entries.lastStored), `${this.#nextSeq} is given again`)
  }

  /** Reads what there is at once. */
  get #plainHost(): LogHost {
    const lost = (): void => {
      throw new Error('a chunk of the store cannot be read')
    }
    return { memory: new SegmentMemory(0), read: (key) => this.#store.messages.read(key), lost, loaded: () => {} }
  }

  // --- comparing --------------------------------------------------------------------------------------------------

  #pick(which: number, act: (entry: Entry) => void): void {
    const out = this.#entries.in('out')
    const entry = out[which % out.length]
    if (entry) act(entry)
  }

  #compareCounts(): void {
    const { ready, out } = this.#entries.counts
    ensure(this.#log.ready === ready, `${this.#log.ready} ready, not ${ready}`)
    ensure(this.#log.unacked === out, `${this.#log.unacked} unacked, not ${out}`)
    ensure(this.#memory.used >= 0, `${this.#memory.used} octets are counted`)
  }
}
