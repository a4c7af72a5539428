// Work on the messages of a queue that takes longer than a request: it goes on in slices, can be looked at and stopped,
// and is remembered for a while when it has ended. No message is lost whenever it ends: each is where it was, or where it
// was to go. Knows queues and clocks; not requests.

import type { Clock } from '../../broker/clock.ts'
import type { Message } from '../../broker/message.ts'
import type { Queue } from '../../broker/queue/queue.ts'
import type { Fate, Way } from './destination.ts'
import type { Wants } from './message-filter.ts'
import { Unstored } from './unstored.ts'

/** What is done with messages. */
export type JobKind = 'move' | 'copy' | 'redrive' | 'delete'

/** What is to be done. */
export interface JobRequest {
  readonly kind: JobKind
  readonly queue: Queue
  /** null: they go nowhere, and are deleted. */
  readonly way: Way | null
  readonly wants: Wants
  /** Messages at most; Infinity: all. */
  readonly limit: number
  /** Messages a second at most; Infinity: as fast as it goes. */
  readonly rate: number
  readonly user: string
}

/** How far a job has come. */
export interface JobView {
  readonly id: number
  readonly kind: JobKind
  readonly vhost: string
  readonly queue: string
  readonly user: string
  readonly state: 'running' | 'done' | 'stopped' | 'failed'
  /** Messages that were meant when it began. */
  readonly total: number
  readonly done: number
  /** Those that stay where they are, by the reasons. */
  readonly stayed: { readonly [reason: string]: number }
  /** Messages a second, over the whole time. */
  readonly rate: number
  readonly started_at: number
  readonly ended_at: number | null
  readonly error: string | null
}

/** Jobs that have ended and are remembered. */
const REMEMBERED = 100
/** Messages of a slice, and slices a second where there is a rate. */
const SLICE = 200
const SLICES_PER_SECOND = 10
const LONGEST_PAUSE_MS = 2 ** 31 - 1
/** Octets of messages in a slice, but for the last one; and those that may wait to be stored when the next one begins. */
const SLICE_BYTES = 8 * 1024 * 1024
const UNSTORED_BYTES = 8 * 1024 * 1024

/** All jobs of a broker. */
export class Jobs {
  readonly #clock: Clock
  readonly #jobs = new Map<number, Job>()
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins a job. */
  begin(request: JobRequest): JobView {
    const job = new Job(++this.#last, request, this.#clock)
    this.#jobs.set(job.id, job)
    const ended = [...this.#jobs.values()].filter(({ view }) => view.state !== 'running')
    for (const { id } of ended.slice(0, Math.max(ended.length - REMEMBERED, 0))) this.#jobs.delete(id)
    void job.run()
    return job.view
  }

  /** Those that run, and those that ended lately; the newest last. */
  list(): readonly JobView[] {
    return [...this.#jobs.values()].map(({ view }) => view)
  }

  get(id: number): JobView | undefined {
    return this.#jobs.get(id)?.view
  }

  /** Stops a job, where it has not ended; it does no more than what is under way. */
  stop(id: number): void {
    this.#jobs.get(id)?.stop()
  }
}

class Job {
  readonly id: number
  readonly #request: JobRequest
  readonly #clock: Clock
  readonly #stayed = new Map<string, number>()
  readonly #startedAt: number
  readonly #unstored = new Unstored()
  #state: JobView['state'] = 'running'
  #total = 0
  #done = 0
  #endedAt: number | null = null
  #error: string | null = null

  constructor(id: number, request: JobRequest, clock: Clock) {
    this.id = id
    this.#request = request
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  get view(): JobView {
    const { kind, queue, user } = this.#request
    const tookMs = Math.max((this.#endedAt ?? this.#clock.now()) - this.#startedAt, 1)
    return {
      id: this.id,
      kind,
      vhost: queue.vhost,
      queue: queue.name,
      user,
      state: this.#state,
      total: this.#total,
      done: this.#done,
      stayed: Object.fromEntries(this.#stayed),
      rate: Math.round((this.#done * 10_000) / tookMs) / 10,
      started_at: this.#startedAt,
      ended_at: this.#endedAt,
      error: this.#error,
    }
  }

  stop(): void {
    if (this.#state === 'running') this.#end('stopped')
  }

  async run(): Promise<void> {
    try {
      this.#total = await count(this.#request)
      await this.#work()
      await this.#unstored.below(0)
      if (this.#state === 'running') this.#end('done')
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error)
      this.#end('failed')
    }
  }

  #end(state: JobView['state']): void {
    this.#state = state
    this.#endedAt = this.#clock.now()
  }

  /** Slice by slice; not more messages than were there at first, or what comes back by itself would never end. */
  async #work(): Promise<void> {
    const { rate } = this.#request
    const size = Math.min(SLICE, Math.max(Math.ceil(rate / SLICES_PER_SECOND), 1))
    let looked = 0
    for (let after: number | undefined; looked < this.#total && this.#state === 'running'; ) {
      const slice = await nextSlice(this.#request, after, Math.min(size, this.#total - looked))
      if (slice.length === 0) return
      for (const { seq, message } of slice) {
        if (this.#state !== 'running') return
        await this.#treat(seq, message)
      }
      looked += slice.length
      after = slice.at(-1)?.seq
      await this.#unstored.below(UNSTORED_BYTES)
      await this.#pause(rate === Number.POSITIVE_INFINITY ? 0 : (slice.length * 1000) / rate)
    }
  }

  async #treat(seq: number, copy: Message | null): Promise<void> {
    const { queue, way } = this.#request
    let fate: Fate = { stays: 'not there any more' }
    const use = (message: Message): boolean => {
      fate = way?.send(message, this.#unstored) ?? { to: [] }
      return 'to' in fate
    }
    if (copy) use(copy)
    else if (!(await queue.withdraw(seq, use)) && 'to' in fate) fate = { stays: 'not there any more' }
    if ('to' in fate) this.#done++
    else this.#stayed.set(fate.stays, (this.#stayed.get(fate.stays) ?? 0) + 1)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      // A longer one would be over at once: timers count milliseconds in 31 bits.
      if (ms > 0) this.#clock.after(Math.min(ms, LONGEST_PAUSE_MS), resolve)
      else this.#clock.soon(resolve)
    })
  }
}

/** How many messages are meant. */
export async function count({ queue, wants, limit }: Pick<JobRequest, 'queue' | 'wants' | 'limit'>): Promise<number> {
  let found = 0
  await queue.browse(({ message, ready }) => {
    if (ready && wants(message)) found++
    return found < limit
  })
  return found
}

/** The next messages that are meant; those that are to be copied with what is in them. */
async function nextSlice({ kind, queue, wants }: JobRequest, after: number | undefined, size: number) {
  const slice: { readonly seq: number; readonly message: Message | null }[] = []
  let bytes = 0
  await queue.browse(({ seq, message, ready }) => {
    if (!ready || !wants(message)) return true
    slice.push({ seq, message: kind === 'copy' ? message.copy() : null })
    bytes += message.recordBytes
    return slice.length < size && bytes < SLICE_BYTES
  }, after)
  return slice
}
