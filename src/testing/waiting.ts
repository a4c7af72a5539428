// Waiting for something that a broker does: looked at whenever it did something, never at intervals. A wait that ends
// without it says what was there instead.

import { type Duration, millisecondsOf } from './duration.ts'
import type { Journal } from './journal.ts'

/** How long a wait may take where the test does not say. */
const USUAL_MS = 5000

/** How a wait may end early. */
export interface WaitOptions {
  /** The longest it may take; 5 seconds where it is not said. */
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
  /** Looks; undefined: it is not there yet. */
  look(): T | undefined
  /** What is there instead, in lines. */
  instead(): readonly string[]
}

/** Resolves with what `awaited` finds, at once where it is there. Rejects with `WaitError`, or the signal's reason. */
export async function waitFor<T>(journal: Journal, awaited: Awaited<T>, options: WaitOptions = {}): Promise<T> {
  const { timeout = USUAL_MS, signal } = options
  const limitMs = millisecondsOf(timeout, 'timeout')
  return new Promise<T>((resolve, reject) => {
    let looks = false
    const end = (): void => {
      clearTimeout(timer)
      unlisten()
      signal?.removeEventListener('abort', abort)
    }
    const look = (): void => {
      looks = false
      try {
        const found = awaited.look()
        if (found === undefined) return
        end()
        resolve(found)
      } catch (error) {
        end()
        reject(error)
      }
    }
    const abort = (): void => {
      end()
      reject(signal?.reason)
    }
    // Not while the broker is in the middle of it.
    const unlisten = journal.listen(() => {
      if (looks) return
      looks = true
      setImmediate(look)
    })
    const timer = setTimeout(() => {
      end()
      const lines = [`waited ${limitMs} ms for ${awaited.what}, in vain. There is instead:`, ...awaited.instead()]
      reject(new WaitError(lines.join('\n  ')))
    }, limitMs)
    if (signal?.aborted === true) return abort()
    signal?.addEventListener('abort', abort)
    look()
  })
}
