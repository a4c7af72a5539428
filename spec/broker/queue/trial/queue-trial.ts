// A queue on trial: everything is done to a classic queue and to a list of messages with a list of consumers beside it,
// and every delivery, count and outcome is compared. What is stored is LogTrial's concern; here the disk only answers.

import type { Consumer } from '../../../../src/broker/consumer.ts'
import { ClassicQueue } from '../../../../src/broker/queue/classic.ts'
import { Committer } from '../../../../src/broker/queue/committer.ts'
import type { Outcome, Publisher } from '../../../../src/broker/queue/publisher.ts'
import { SegmentMemory } from '../../../../src/broker/queue/segment-memory.ts'
import type { StoreErrorKind } from '../../../../src/broker/store.ts'
import { table } from '../../../../src/protocol/field-table.ts'
import { createMemoryStore } from '../../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../../../support/fault-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { deadEnd } from './dead-end.ts'
import { Mailbox } from './mailbox.ts'
import { idOf, type Kind, makeMessage, spoil } from './messages.ts'
import { RoundRobin } from './round-robin.ts'

/** A message as the list knows it. */
interface Entry {
  readonly id: number
  state: 'ready' | 'out' | 'settled'
  delivered: boolean
  /** Who has it, if a consumer does. */
  holder: Consumer | null
  /** The queue's number for it, once it is out. */
  seq: number
}

/** A queue and the list that it is compared with. Any method throws where the two differ. */
export class QueueTrial {
  readonly #store: FaultyStore
  readonly #clock = new ManualClock()
  /** The committer's own clock: its turn does not end when the queue's does. */
  readonly #commits: ManualClock
  readonly #queue: ClassicQueue
  readonly #mailbox = new Mailbox()
  /** Messages in the order in which they were published; those settled are taken out. */
  #entries: Entry[] = []
  #ids = 0
  readonly #ring = new RoundRobin()
  readonly #consumers: Consumer[] = []
  /** Deliveries wait for the end of the turn. */
  #soon = false
  /** Those who have been promised news. */
  readonly #pending = new Set<number>()
  /** Deliveries that the list has made and nobody has compared. */
  #expected: Entry[] = []

  private constructor(store: FaultyStore, committer: Committer, commits: ManualClock) {
    this.#store = store
    this.#commits = commits
    const spec = { id: 5, name: 'q', vhost: '/', durable: true, autoDelete: false, owner: null, arguments: new Map() }
    this.#queue = new ClassicQueue(spec, {
      ...{ clock: this.#clock, committer, unused: () => {} },
      deadLetters: deadEnd(this.#clock),
      // Nothing leaves memory here.
      memory: new SegmentMemory(Number.MAX_SAFE_INTEGER),
      readChunk: () => Promise.reject(new Error('nothing has to be read')),
      chunkLost: () => {},
    })
  }

  static async begin(): Promise<QueueTrial> {
    const store = faultyStore(createMemoryStore())
    const lease = await store.open()
    const clock = new ManualClock()
    const listener = { failed: () => {}, succeeded: () => {} }
    return new QueueTrial(store, new Committer(store.messages, lease, clock, listener), clock)
  }

  // --- the steps --------------------------------------------------------------------------------------------------

  publish(kind: Kind, persistent: boolean, confirmed: boolean): void {
    const id = ++this.#ids
    const entry: Entry = { id, state: 'ready', delivered: false, holder: null, seq: 0 }
    this.#entries.push(entry)
    this.#deliver()
    const message = makeMessage(id, kind, persistent)
    const outcome = this.#queue.publish(message, confirmed ? this.#publisher : null, id)
    spoil(message)
    const pending = persistent && confirmed && entry.state !== 'settled'
    ensure(outcome === (pending ? 'pending' : 'stored'), `publish ${id} was answered ${outcome}`)
    if (pending) this.#pending.add(id)
    this.#compare()
  }

  consume(noAck: boolean, prefetch: number, priority: number): void {
    const consumer = this.#mailbox.consumer(this.#queue, {
      ...{ tag: `${this.#consumers.length}`, noAck, prefetch },
      arguments: table({ 'x-priority': priority }),
    })
    this.#consumers.push(consumer)
    this.#ring.add(consumer)
    this.#soon = true
    this.#queue.consume(consumer)
    this.#compare()
  }

  cancel(which: number): void {
    const [consumer] = this.#consumers.splice(which % this.#consumers.length, 1)
    if (!consumer) return
    this.#ring.remove(consumer)
    for (const entry of this.#in('out')) if (entry.holder === consumer) entry.holder = null
    this.#queue.cancel(consumer)
    this.#compare()
  }

  /** The client's socket does not take more, or does again. */
  fill(which: number): void {
    const consumer = this.#consumers[which % this.#consumers.length]
    if (consumer) this.#mailbox.full.add(consumer)
  }

  free(which: number): void {
    const consumer = this.#consumers[which % this.#consumers.length]
    if (consumer && this.#mailbox.full.delete(consumer)) this.#wake(consumer)
    this.#compare()
  }

  ack(which: number): void {
    this.#release(which, (entry) => {
      this.#settle(entry)
      this.#queue.ack(entry.seq)
    })
  }

  reject(which: number): void {
    this.#release(which, (entry) => {
      this.#settle(entry)
      this.#queue.reject(entry.seq, false)
    })
  }

  requeue(which: number): void {
    this.#release(which, (entry) => {
      entry.state = 'ready'
      this.#soon = true
      this.#queue.reject(entry.seq, true)
    })
  }

  get(): void {
    const [expected] = this.#in('ready')
    const got = this.#queue.get()
    if (got instanceof Promise) throw new Error('nothing has to be read')
    ensure((got === null) === (expected === undefined), `got ${got?.seq}, not ${expected?.id}`)
    if (!expected || !got) return
    const { message, seq, redelivered, remaining } = got
    ensure(idOf(message) === expected.id, `got ${idOf(message)}, not ${expected.id}`)
    ensure(redelivered === expected.delivered, `got ${expected.id} with redelivered=${redelivered}`)
    Object.assign(expected, { state: 'out', delivered: true, seq })
    ensure(remaining === this.#in('ready').length, `${remaining} are said to remain`)
    this.#compare()
  }

  purge(): void {
    const ready = this.#in('ready')
    for (const entry of ready) this.#settle(entry)
    const purged = this.#queue.purge()
    ensure(purged === ready.length, `purged ${purged}, not ${ready.length}`)
    this.#compare()
  }

  async endTurn(): Promise<void> {
    this.#soon = false
    this.#deliver()
    this.#clock.endTurn()
    this.#compare()
    await this.#commits.pass()
  }

  failNextCommit(kind: StoreErrorKind): void {
    this.#store.messages.failNextCommit(kind, { applied: false })
  }

  /** Ends the queue in good order: everybody has heard by then. */
  async end(retire: boolean): Promise<void> {
    if (retire) this.#queue.retire()
    else {
      for (let round = 0; this.#pending.size > 0; round++) {
        ensure(round < 100, `nobody says what became of ${[...this.#pending]}`)
        this.#commits.advance(1000)
        await this.endTurn()
      }
    }
    ensure(this.#pending.size === 0, `nobody said what became of ${[...this.#pending]}`)
    if (!retire) return
    this.#clock.endTurn()
    const ended = this.#mailbox.ended.map(({ tag }) => tag).sort()
    ensure(`${ended}` === `${this.#consumers.map(({ tag }) => tag).sort()}`, `ended ${ended}`)
    ensure(this.#queue.get() === null && this.#queue.stats().consumers === 0, 'something is left of the queue')
  }

  // --- the list ---------------------------------------------------------------------------------------------------

  readonly #publisher: Publisher = { settle: (id, outcome) => this.#told(id, outcome) }

  #told(id: number, outcome: Outcome): void {
    ensure(this.#pending.delete(id), `message ${id} was told ${outcome}, and nobody waits for it`)
  }

  #in(state: Entry['state']): readonly Entry[] {
    return this.#entries.filter((entry) => entry.state === state)
  }

  #settle(entry: Entry): void {
    entry.state = 'settled'
    this.#entries.splice(this.#entries.indexOf(entry), 1)
  }

  /** Room as the list sees it. */
  readonly #hasRoom = (consumer: Consumer): boolean => {
    const held = this.#entries.filter(({ holder, state }) => state === 'out' && holder === consumer).length
    return !this.#mailbox.full.has(consumer) && (consumer.prefetch === 0 || held < consumer.prefetch)
  }

  #deliver(): void {
    if (this.#soon) return
    for (let [entry] = this.#in('ready'); entry; [entry] = this.#in('ready')) {
      const consumer = this.#ring.next(this.#hasRoom, () => true)
      if (!consumer) return
      this.#expected.push({ ...entry, holder: consumer })
      entry.delivered = true
      entry.holder = consumer
      if (consumer.noAck) this.#settle(entry)
      else entry.state = 'out'
    }
  }

  /** What a channel does when a client settles: the consumer has room first, then the queue hears of it. */
  #release(which: number, act: (entry: Entry) => void): void {
    const out = this.#in('out')
    const entry = out[which % out.length]
    if (!entry) return
    const { holder } = entry
    entry.holder = null
    if (holder) holder.unacked--
    act(entry)
    if (holder) this.#wake(holder)
    this.#compare()
  }

  #wake(consumer: Consumer): void {
    if (this.#ring.wake(consumer, this.#hasRoom)) this.#deliver()
    this.#queue.wake(consumer)
    this.#queue.handOut()
  }

  #compare(): void {
    const given = this.#mailbox.given.splice(0)
    const expected = this.#expected.splice(0)
    const show = (id: number, consumer: Consumer | null, redelivered: boolean) =>
      `${id} to ${consumer?.tag}${redelivered ? ' again' : ''}`
    const actual = given.map(({ id, consumer, redelivered }) => show(id, consumer, redelivered)).join(', ')
    const wanted = expected.map(({ id, holder, delivered }) => show(id, holder, delivered)).join(', ')
    ensure(actual === wanted, `delivered ${actual || 'nothing'}, not ${wanted || 'nothing'}`)
    for (const { id, seq } of given) {
      const entry = this.#entries.find((entry) => entry.id === id)
      if (entry) entry.seq = seq
    }
    const { ready, unacked, consumers } = this.#queue.stats()
    const counts = [this.#in('ready').length, this.#in('out').length, this.#consumers.length]
    ensure(`${[ready, unacked, consumers]}` === `${counts}`, `it counts ${[ready, unacked, consumers]}, not ${counts}`)
  }
}

function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
