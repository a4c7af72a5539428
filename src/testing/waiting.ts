// Waiting for something that a broker does: looked at whenever it did something. A wait that ends without it says what was
// there instead, and where the test waited for it.

import { type Duration, millisecondsOf } from './duration.ts'
import type { Journal } from './journal.ts'

/** Between two looks at what happens outside of the broker as well: no event tells of that. */
const ELSEWHERE_MS = 10

/** How a wait may end early. */
export interface WaitOptions {
  /** The longest it may take; 4 seconds where it is not said, or less where the runner gives a test less. */
  readonly timeout?: Duration
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal
}

/** What was waited for did not come. */
export class WaitError extends Error {
  override readonly name = 'WaitError'
}

/** Something to wait for. */
export interface Awaited<T> {
  /** How a complaint names it. */
  readonly what: string
  /** Looks; undefined: it is not there yet. What happens while a look takes its time is looked at again. */
  look(): T | undefined | Promise<T | undefined>
  /** What is there instead, in lines. */
  instead(): readonly string[]
  /** Whether it may come true by what the broker knows nothing of, such as the work of a consumer. */
  readonly elsewhere?: boolean
}

/** Resolves with what `awaited` finds, at once where it is there. Rejects with `WaitError`, or the signal's reason. */
export async function waitFor<T>(journal: Journal, awaited: Awaited<T>, options: WaitOptions = {}): Promise<T> {
  const { timeout = journal.usualWaitMs, signal } = options
  const limitMs = millisecondsOf(timeout, 'timeout')
  const stack = callers()
  return new Promise<T>((resolve, reject) => {
    const end = (): void => {
      looking.end()
      clearTimeout(timer)
      clearInterval(interval)
      journal.awaited.delete(awaited)
      unlisten()
      signal?.removeEventListener('abort', abort)
    }
    const fail = (error: unknown): void => {
      end()
      if (error instanceof WaitError) error.stack = `${error.name}: ${error.message}\n${stack}`
      reject(error)
    }
    const find = (found: T): void => {
      end()
      resolve(found)
    }
    const looking = new Looking(() => awaited.look(), find, fail)
    const abort = (): void => fail(signal?.reason)
    const unlisten = journal.listen(() => looking.soon())
    const timer = setTimeout(() => {
      const lines = [`waited ${limitMs} ms for ${awaited.what}, in vain. There is instead:`, ...awaited.instead()]
      fail(new WaitError(lines.join('\n  ')))
    }, limitMs)
    const interval = awaited.elsewhere === true ? setInterval(() => looking.soon(), ELSEWHERE_MS) : undefined
    journal.awaited.add(awaited)
    if (signal?.aborted === true) return abort()
    signal?.addEventListener('abort', abort)
    looking.now()
  })
}

/** Where the wait began: when it ends, by a timer or an event, the stack knows nothing of the test. */
function callers(): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, waitFor)
  return (holder.stack ?? '').split('\n').slice(1).join('\n')
}

/**
 * Whether it is to be waited for. Under Jest, the promises of Node itself (`fetch`, `fs.promises`) are no instances of the
 * `Promise` that a test file has.
 */
export function isThenable<T>(found: T | PromiseLike<T>): found is PromiseLike<T> {
  return typeof found === 'object' && found !== null && 'then' in found && typeof found.then === 'function'
}

/** Looks again and again, one look after the other. */
class Looking<T> {
  readonly #look: () => T | undefined | Promise<T | undefined>
  readonly #find: (found: T) => void
  readonly #fail: (error: unknown) => void
  #state: 'idle' | 'due' | 'looking' | 'over' = 'idle'
  /** Something has happened during a look. */
  #missed = false

  constructor(look: Awaited<T>['look'], find: (found: T) => void, fail: (error: unknown) => void) {
    this.#look = look
    this.#find = find
    this.#fail = fail
  }

  /** Looks when the turn ends: not while the broker is in the middle of something. */
  soon(): void {
    if (this.#state === 'looking') this.#missed = true
    if (this.#state !== 'idle') return
    this.#state = 'due'
    setImmediate(() => this.now())
  }

  now(): void {
    if (this.#state === 'over') return
    this.#state = 'looking'
    try {
      const found = this.#look()
      if (isThenable(found)) Promise.resolve(found).then((late) => this.#seen(late), this.#fail)
      else this.#seen(found)
    } catch (error) {
      this.#fail(error)
    }
  }

  end(): void {
    this.#state = 'over'
  }

  #seen(found: T | undefined): void {
    if (this.#state === 'over') return
    this.#state = 'idle'
    if (found !== undefined) return this.#find(found)
    if (!this.#missed) return
    this.#missed = false
    this.soon()
  }
}
