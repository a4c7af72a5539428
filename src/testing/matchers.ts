// Matchers for `expect` of Jest and Vitest. Each says what was there instead.

import { type Match, matchText } from './match.ts'
import { line, messageText } from './telling.ts'
import { TestQueue } from './test-queue.ts'
import { TestVhost } from './test-vhost.ts'

/** What a matcher answers. */
export interface MatchResult {
  readonly pass: boolean
  readonly message: () => string
}

/** The matchers, for `expect.extend`. */
export const matchers = {
  /** A vhost in which such a message was published. */
  toHavePublished(received: unknown, match: Match = {}): MatchResult {
    const vhost = ofKind(received, TestVhost, 'a vhost', 'toHavePublished')
    const found = vhost.published(match)
    const pass = found.length > 0
    const message = (): string => {
      if (pass) return told(`${matchText(match)} not to be published`, found.map(line))
      return told(`${matchText(match)} to be published`, vhost.published().map(line))
    }
    return { pass, message }
  },
  /** A queue with no ready message. One that is not declared is neither empty nor not. */
  toBeEmpty(received: unknown): MatchResult {
    const queue = ofKind(received, TestQueue, 'a queue', 'toBeEmpty')
    if (!queue.exists) throw new Error(`toBeEmpty: there is no queue '${queue.name}' in vhost '${queue.vhost}'`)
    const { ready, unacked } = queue.counts()
    const pass = ready === 0
    const what = `queue '${queue.name}' ${pass ? 'not ' : ''}to be empty`
    return { pass, message: () => told(what, [`${ready} ready, ${unacked} unacked`]) }
  },
  /** A queue or vhost of which nobody holds a message. */
  toHaveNoUnacked(received: unknown): MatchResult {
    const of =
      received instanceof TestQueue ? received : ofKind(received, TestVhost, 'a vhost or queue', 'toHaveNoUnacked')
    const unacked = of.unacked()
    const lines = unacked.map(({ queue, consumer, message }) => {
      return `${queue}: ${messageText(message)} is held by ${consumer === null ? 'basic.get' : `consumer ${consumer}`}`
    })
    const pass = unacked.length === 0
    return { pass, message: () => told(pass ? 'some message to be unacked' : 'no message to be unacked', lines) }
  },
}

function ofKind<T>(received: unknown, kind: new (...args: never[]) => T, what: string, matcher: string): T {
  if (received instanceof kind) return received
  throw new TypeError(`${matcher} is for ${what} of a test broker, not for ${String(received)}`)
}

function told(what: string, instead: readonly string[]): string {
  const lines = instead.length === 0 ? ['nothing'] : instead
  return `expected ${what}. There is instead:\n${lines.map((each) => `  ${each}`).join('\n')}`
}
