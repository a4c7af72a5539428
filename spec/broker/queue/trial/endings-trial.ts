// A queue whose messages end by themselves, on trial: everything is done to a queue of a broker and to a plain list beside
// it, restarts included, and counts and messages are compared at every step.

import type { ClassicQueue } from '../../../../src/broker/queue/classic.ts'
import type { QueueSettings } from '../../../../src/broker/queue/settings.ts'
import { createMemoryStore } from '../../../../src/store/memory/memory-store.ts'
import { Site } from '../../../support/site.ts'
import { type Fields, tableOf } from '../../exchange/table.ts'
import { ensure } from './entries.ts'

interface Entry {
  readonly id: number
  readonly level: number
  readonly bytes: number
  readonly expiresAt: number
  /** The queue's number for it while it is out; else 0. */
  seq: number
  /** What comes back to a quorum queue goes to the head, in the order in which it comes; else infinity. */
  returned: number
}

/** What a policy may change. */
export type Change = Partial<Pick<QueueSettings, 'maxLength' | 'maxLengthBytes' | 'overflow' | 'messageTtlMs'>>

/** A queue and the list that it is compared with. Any method throws where the two differ. */
export class EndingsTrial {
  #site: Site
  readonly #fields: Fields
  /** In the order in which they were published. */
  #entries: Entry[] = []
  #ids = 0
  #returns = 0

  private constructor(site: Site, fields: Fields) {
    this.#site = site
    this.#fields = fields
  }

  static async begin(fields: Fields): Promise<EndingsTrial> {
    const trial = new EndingsTrial(await Site.start(createMemoryStore()), fields)
    await trial.#site.declareQueue('q', { arguments: tableOf(fields) })
    return trial
  }

  get #queue(): ClassicQueue {
    const [queue] = this.#site.vhost.localQueues()
    return queue as ClassicQueue
  }

  get #now(): number {
    return this.#site.clock.now()
  }

  publish(priority: number, ttlMs: number | null, bytes: number): void {
    const { messageTtlMs, maxPriority } = this.#queue.settings
    const id = ++this.#ids
    const body = String(id).padEnd(bytes, '.')
    const ttls = [ttlMs, messageTtlMs].filter((ms) => ms !== null)
    const expiration = ttlMs === null ? {} : { expiration: String(ttlMs) }
    this.#site.publish('', 'q', body, { deliveryMode: 2, priority, ...expiration })
    if (this.#isFull(body.length)) return
    const expiresAt = ttls.length === 0 ? Number.POSITIVE_INFINITY : this.#now + Math.min(...ttls)
    const level = Math.min(priority, maxPriority ?? 0)
    this.#entries.push({ id, level, bytes: body.length, expiresAt, seq: 0, returned: Number.POSITIVE_INFINITY })
    this.#shrink()
    this.#expire()
  }

  async get(): Promise<void> {
    this.#expire()
    const got = await this.#queue.get()
    const head = this.#ready[0]
    ensure((got === null) === (head === undefined), `get: ${got === null} for ${head?.id}`)
    if (got === null || head === undefined) return
    const id = Number.parseInt(got.message.copyBody().toString(), 10)
    ensure(id === head.id, `got ${id} for ${head.id}`)
    head.seq = got.seq
    this.#expire()
  }

  /** Settles, or gives back, what was taken `which`th. */
  settle(which: number, how: 'ack' | 'drop' | 'requeue'): void {
    const out = this.#entries.filter(({ seq }) => seq !== 0)
    const entry = out[which % Math.max(out.length, 1)]
    if (entry === undefined) return
    if (how === 'ack') this.#queue.ack(entry.seq)
    else this.#queue.reject(entry.seq, how === 'requeue')
    entry.seq = 0
    if (how !== 'requeue') this.#end(entry)
    else if (this.#isQuorum) entry.returned = ++this.#returns
    this.#shrink()
    this.#site.clock.endTurn()
    this.#expire()
  }

  advance(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.#site.clock.advance(1)
      this.#expire()
    }
  }

  purge(): void {
    const ready = this.#ready
    const purged = this.#queue.purge()
    ensure(purged === ready.length, `purged ${purged} of ${ready.length}`)
    for (const entry of ready) this.#end(entry)
  }

  apply(change: Change): void {
    this.#queue.apply({ ...this.#queue.settings, ...change })
    this.#shrink()
    this.#expire()
  }

  /** The broker stops, or crashes once all is stored, and starts again: what a policy said is forgotten. */
  async restart(how: 'stop' | 'crash'): Promise<void> {
    // Whatever expires has done so then, and its end is stored, which may wait for 20 ms.
    for (let turn = 0; turn < 5; turn++) {
      this.advance(20)
      await this.#site.clock.pass()
    }
    if (how === 'stop') await this.#site.broker.stop()
    else await this.#site.crash()
    this.#site = await Site.start(this.#site.store, {}, this.#now)
    // What is read back may lead to more that has to be.
    for (let turn = 0; turn < 5; turn++) await this.#site.clock.pass()
    for (const entry of this.#entries) {
      entry.seq = 0
      entry.returned = Number.POSITIVE_INFINITY
    }
    this.#shrink()
    this.#expire()
    ensure(this.#site.log.lines.length === 0, `it complained: ${this.#site.log.lines}`)
  }

  /** Compares the counts. */
  check(): void {
    const { ready, unacked } = this.#queue.stats()
    const is = `${ready} ready, ${unacked} unacked`
    const should = `${this.#ready.length} ready, ${this.#entries.length - this.#ready.length} unacked`
    ensure(is === should, `${is} instead of ${should} (${JSON.stringify(this.#fields)})`)
  }

  async end(): Promise<void> {
    while (this.#ready.length > 0) await this.get()
    this.check()
    await this.#site.broker.stop()
  }

  // --- the rules ----------------------------------------------------------------------------------------------------

  /** What can be taken, in the order in which it is given. */
  get #ready(): Entry[] {
    return this.#entries.filter(({ seq }) => seq === 0).sort(comesFirst)
  }

  get #isQuorum(): boolean {
    return this.#queue.settings.type === 'quorum'
  }

  #isFull(bytes: number): boolean {
    const { maxLength, maxLengthBytes, overflow } = this.#queue.settings
    const ready = this.#ready
    const over = ready.length + 1 > (maxLength ?? Infinity) || sum(ready) + bytes > (maxLengthBytes ?? Infinity)
    return overflow !== 'drop-head' && over
  }

  #shrink(): void {
    const { maxLength, maxLengthBytes, overflow } = this.#queue.settings
    if (overflow !== 'drop-head') return
    for (let ready = this.#ready; ready.length > 0; ready = this.#ready) {
      if (ready.length <= (maxLength ?? Infinity) && sum(ready) <= (maxLengthBytes ?? Infinity)) return
      const lowest = Math.min(...ready.map(({ level }) => level))
      this.#end((this.#isQuorum ? ready.find(({ level }) => level === lowest) : ready[0]) as Entry)
    }
  }

  #expire(): void {
    for (let head = this.#ready[0]; head !== undefined && head.expiresAt <= this.#now; head = this.#ready[0]) {
      this.#end(head)
    }
  }

  #end(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry)
  }
}

function comesFirst(a: Entry, b: Entry): number {
  if (a.level !== b.level) return b.level - a.level
  return a.returned === b.returned ? a.id - b.id : a.returned - b.returned
}

function sum(entries: readonly Entry[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0)
}
