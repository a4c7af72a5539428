// A stream's log on trial: everything is done to a log and to a plain list of messages beside it, and what can be read from
// any place, what publishers hear and what a restart brings back is compared.

import { Message } from '../../../../src/broker/message.ts'
import { Committer } from '../../../../src/broker/queue/committer.ts'
import type { Outcome } from '../../../../src/broker/queue/publisher.ts'
import { SegmentMemory } from '../../../../src/broker/queue/segment-memory.ts'
import { StreamLog, type StreamSizes } from '../../../../src/broker/queue/stream-log.ts'
import { NOTHING, StreamReader } from '../../../../src/broker/queue/stream-reader.ts'
import { Recovery } from '../../../../src/broker/recovery.ts'
import type { StoreErrorKind } from '../../../../src/broker/store.ts'
import { createMemoryStore } from '../../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../../../support/fault-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { idOf, type Kind, makeMessage, spoil } from './messages.ts'

/** A message as the list knows it; `id` is its sequence number as well. */
interface Entry {
  readonly id: number
  readonly at: number
}

const QUEUE_ID = 5
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A log and the list that it is compared with. Any method throws where the two differ. */
export class StreamTrial {
  readonly #inner = createMemoryStore()
  readonly #clock = new ManualClock()
  readonly #sizes: StreamSizes
  #store: FaultyStore = faultyStore(this.#inner)
  #log: StreamLog = null as unknown as StreamLog
  /** All messages that may be there, oldest first. */
  #entries: Entry[] = []
  /** Those that are gone included: until that is stored, a restart brings them back. */
  #all: Entry[] = []
  /** Publishers that wait. */
  #pending = new Set<number>()
  /** Reads of chunks, and chunks that were given up. */
  reads = 0
  #lost = 0
  /** From then on everything counts as stored. */
  #deleted = false
  /** Messages that went because of the sizes. */
  retired = 0

  private constructor(sizes: StreamSizes) {
    this.#sizes = sizes
  }

  static async begin(sizes: StreamSizes): Promise<StreamTrial> {
    const trial = new StreamTrial(sizes)
    await trial.#open()
    return trial
  }

  async #open(): Promise<void> {
    this.#store = faultyStore(this.#inner)
    const { messages } = this.#store
    const heard = { failed: () => {}, succeeded: () => {} }
    const committer = new Committer(messages, await this.#store.open(), this.#clock, heard)
    const host = {
      memory: new SegmentMemory(0),
      read: (key: { queueId: number; firstSeq: number }) => {
        this.reads++
        return messages.read(key)
      },
      lost: () => this.#lost++,
      readable: () => {},
      rolled: () => this.retain(),
    }
    this.#log = new StreamLog(QUEUE_ID, committer, host, this.#sizes)
    // Whether pages stay in memory makes no difference to anybody but the store.
    this.#log.readers = this.#entries.length % 2
    await new Recovery(messages, { logger: quiet, clock: this.#clock }, false, 1).recover(this.#log, {})
  }

  append(kind: Kind): void {
    const id = this.#log.nextSeq
    const message = makeMessage(id, kind)
    ensure(this.#log.append(message, this.#clock.now()) === id, `another number than ${id}`)
    ensure(message.expiresAt === 0, 'the message is not as it was')
    spoil(message)
    const entry = { id, at: this.#clock.now() }
    this.#entries.push(entry)
    this.#all.push(entry)
    this.#pending.add(id)
    const pending = this.#pending
    const settle = (tag: number, outcome: Outcome) => {
      // Who waited in a life that is over hears nothing of value any more.
      if (pending === this.#pending) this.#told(tag, outcome)
    }
    this.#log.await({ settle }, id)
  }

  #told(id: number, outcome: Outcome): void {
    ensure(this.#pending.delete(id), `${id} was told ${outcome}, and nobody waits`)
    if (outcome === 'stored' && !this.#deleted)
      ensure(id < this.#log.endSeq, `${id} is said to be stored and cannot be read`)
  }

  async endTurn(): Promise<void> {
    await this.#clock.pass()
  }

  wait(ms: number): void {
    this.#clock.advance(ms)
  }

  failNextCommit(kind: StoreErrorKind, applied: boolean): void {
    this.#store.messages.failNextCommit(kind, { applied })
  }

  retain(): void {
    const before = this.#log.firstSeq
    this.#log.retain(this.#clock.now())
    ensure(this.#log.firstSeq >= before, 'what was gone is back')
    const kept = this.#entries.filter(({ id }) => id >= this.#log.firstSeq)
    this.retired += this.#entries.length - kept.length
    this.#entries = kept
  }

  /** The process is gone: what was stored is there, what was not may be. */
  async crash(): Promise<void> {
    const { endSeq, firstSeq } = this.#log
    await this.#store.close()
    this.#pending = new Set()
    await this.#open()
    ensure(this.#log.nextSeq >= endSeq, `the end went back from ${endSeq} to ${this.#log.nextSeq}`)
    ensure(this.#log.firstSeq <= Math.max(firstSeq, endSeq), `${firstSeq} was there, ${this.#log.firstSeq} is`)
    this.#all = this.#all.filter(({ id }) => id < this.#log.nextSeq)
    this.#entries = this.#all.filter(({ id }) => id >= this.#log.firstSeq)
    this.retain()
    await this.readFrom(0)
  }

  /** Reads all from the message that is so far along. */
  async readFrom(which: number): Promise<void> {
    const log = this.#log
    const seq = this.#entries[which % Math.max(this.#entries.length, 1)]?.id ?? log.firstSeq
    const reader = new StreamReader(log, { seq, notBefore: 0 }, null)
    const message = new Message()
    const read: number[] = []
    for (let waits = 0; reader.lag > 0 && waits < 2000; ) {
      const found = reader.next(message)
      if (found === NOTHING) {
        waits++
        await this.#clock.settle()
      } else ensure(read.push(idOf(message)) > 0 && idOf(message) === found, `${found} reads as ${idOf(message)}`)
    }
    // Commits end, and segments go, while it reads.
    const wanted = this.#entries.map(({ id }) => id).filter((id) => id >= seq && id < log.endSeq)
    ensure(reader.next(message) === NOTHING, 'there is more to read than was stored')
    ensure(`${read.filter((id) => id >= log.firstSeq)}` === `${wanted}`, `read ${read}, not ${wanted}`)
    ensure(this.#lost === 0, 'a chunk was given up')
    ensure(log.messages === this.#entries.filter(({ id }) => id < log.endSeq).length, `it counts ${log.messages}`)
  }

  /** Finds the first message since the time of that one. */
  findTime(which: number): void {
    const entry = this.#entries[which % Math.max(this.#entries.length, 1)]
    if (entry === undefined) return
    const seq = this.#log.seqAt(entry.at)
    ensure(seq <= entry.id, `${entry.id} is before ${seq}, which is said to be the first of its time`)
  }

  /** Everybody hears what became of their messages, and all of it can be read. */
  async end(): Promise<void> {
    for (let round = 0; this.#pending.size > 0; round++) {
      ensure(round < 100, `nobody says what became of ${[...this.#pending]}`)
      this.#clock.advance(1000)
      await this.endTurn()
    }
    await this.endTurn()
    await this.crash()
  }

  async delete(): Promise<void> {
    this.#deleted = true
    this.#log.delete()
    await this.endTurn()
    ensure(this.#pending.size === 0, `nobody said what became of ${[...this.#pending]}`)
  }
}

function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
