// What the commands about messages share: the connection to where messages go, the names of places as they are typed, the
// pace of something that has a rate. Knows no single command.

import { type Amqp, connectAmqp } from '../amqp.ts'
import { CommandError } from '../command-error.ts'
import type { Task } from '../task.ts'

/** Connects for a command; a broker that stops reading is told of. */
export async function openAmqp(task: Task, command: string): Promise<Amqp> {
  const { ca, insecure } = await task.target()
  const url = await task.amqpUrl()
  if (task.globals.verbose) task.say(`connecting to ${new URL(url).host} (AMQP)`)
  return connectAmqp({
    url,
    ca,
    insecure,
    timeoutMs: task.globals.timeoutMs,
    name: `leveret ${command}`,
    blocked: (reason) =>
      task.say(
        reason === undefined ? 'the broker goes on' : `the broker has stopped reading what is published: ${reason}`,
      ),
  })
}

/** Connects, works, and ends the connection, however the work ends. */
export async function withAmqp<T>(task: Task, command: string, work: (amqp: Amqp) => Promise<T>): Promise<T> {
  const amqp = await openAmqp(task, command)
  try {
    return await work(amqp)
  } finally {
    await amqp.close()
  }
}

/** Where to publish. */
export interface Place {
  readonly exchange: string
  readonly key: string
}

/** `orders` is the queue of that name; `events:order.created` an exchange and a routing key. */
export function placeOf(text: string): Place {
  const colon = text.indexOf(':')
  return colon === -1 ? { exchange: '', key: text } : { exchange: text.slice(0, colon), key: text.slice(colon + 1) }
}

/** A place as people read it. */
export function placeText({ exchange, key }: Place): string {
  return exchange === '' ? `queue "${key}"` : `exchange "${exchange}" with key "${key}"`
}

/** Waits so long before each of many things that they happen at a rate. */
export class Pacer {
  readonly #everyMs: number
  readonly #now: () => number
  readonly #pause: (ms: number) => Promise<void>
  #next: number

  /** @param perSecond undefined does not wait */
  constructor(perSecond: number | undefined, now: () => number, pause: (ms: number) => Promise<void>) {
    this.#everyMs = perSecond === undefined ? 0 : 1000 / perSecond
    this.#now = now
    this.#pause = pause
    this.#next = now()
  }

  /** Resolves when the next one is due. */
  async turn(): Promise<void> {
    if (this.#everyMs === 0) return
    const early = this.#next - this.#now()
    this.#next += this.#everyMs
    // Timers are no finer than this; what is due within it goes at once.
    if (early >= 1) await this.#pause(early)
  }
}

/** A rate as it is typed: `100`, `100/s`, `2.5`. Throws `CommandError` for anything else. */
export function rateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const rate = Number(text.replace(/\/s$/, ''))
  if (rate > 0 && Number.isFinite(rate)) return rate
  throw new CommandError(`--rate: got "${text}", expected messages per second, such as 100`)
}

/** A number that counts something: above 0. Throws `CommandError` for anything else. */
export function countOf(flag: string, value: number | undefined): number | undefined {
  if (value === undefined || value > 0) return value
  throw new CommandError(`--${flag}: got ${value}, expected a whole number above 0`)
}
