// What a test has go wrong: each fault begins when it is asked for, can be removed, and is listed until then. Knows what can
// go wrong and whom it concerns; how it is done is the carriers', the sessions' and the store's concern.

import type { Alarms } from '../../broker/alarms.ts'
import { type MethodName, methods } from '../../protocol/methods.ts'
import { ChannelError, NO_METHOD } from '../../protocol/reply.ts'
import type { Fate } from '../../session/watch.ts'
import { type Duration, millisecondsOf } from '../duration.ts'
import type { FaultCarrier } from './fault-carrier.ts'
import { type Publish, type PublishFault, PublishRule } from './publish-rules.ts'
import { type Direction, type DropMode, isMeant, type WireMatch, type WireRule, WireRules } from './wire-rules.ts'

const modes: readonly DropMode[] = ['fin', 'rst', 'blackhole']
const codes = [311, 313, 403, 404, 405, 406] as const

/** Something that goes wrong until it is removed. */
export interface Fault extends Disposable, AsyncDisposable {
  /** What it is, in words. */
  readonly text: string
  /** All is well again when this resolves; what has gone wrong stays so. A second time is none. */
  remove(): Promise<void>
}

/** The operations that faults count, by the names that tests use. */
const operations = {
  publishes: ['in', 'basic.publish'],
  deliveries: ['out', 'basic.deliver'],
  acks: ['in', 'basic.ack'],
  confirms: ['out', 'basic.ack'],
} as const satisfies Readonly<Record<string, readonly [Direction, MethodName]>>

/** After how much of what: `3 publishes`, `1 deliveries`, `2 acks`, `1 confirms`, or `1 queue.declare`. */
export type After = string

/** A connection that breaks. */
export interface DropFault extends WireMatch {
  /** `fin`: it is closed; `rst`: it is reset; `blackhole`: it is open, and nothing goes through. `rst`, if not said. */
  readonly mode?: DropMode
  /** Not now, but once so much has happened on a connection that is meant; once only. */
  readonly after?: After
}

/** A method that does not come as it should. */
export interface MethodFault extends WireMatch {
  readonly method: MethodName
  /** `in` from the client, `out` to it; what only one side says needs no word. */
  readonly direction?: Direction
  /** How often; always, if it is not said. */
  readonly times?: number
}

/** A channel that is closed. */
export interface CloseFault extends WireMatch {
  /** 311, 313, 403, 404, 405 or 406; 406 if it is not said. */
  readonly code?: (typeof codes)[number]
  readonly text?: string
}

/** A disk that is slow. */
export interface StoreFault {
  /** How much longer a commit takes. */
  readonly by: Duration
  /** Whether it fails then. */
  readonly fails?: boolean
}

/** What faults are done to. */
export interface FaultHost {
  readonly alarms: Alarms
  readonly carriers: Iterable<FaultCarrier>
  readonly store: { friction: { readonly delayMs: number; readonly fails: boolean } | null }
  /** Refuses who comes from now on; or (false) takes them in again, and resolves when it does. */
  refuse(refuses: boolean): Promise<void>
}

/** The faults of one broker. */
export class Faults {
  readonly wire: WireRules = new WireRules()
  readonly #host: FaultHost
  readonly #publishes = new Set<PublishRule>()
  readonly #faults = new Set<Fault>()
  /** How many faults have it that nobody can connect. */
  #refusals = 0

  constructor(host: FaultHost) {
    this.#host = host
  }

  /** All that goes wrong now, in words. */
  list(): readonly string[] {
    return [...this.#faults].map(({ text }) => text)
  }

  /** Removes all; resolves when all is well again. */
  async clear(): Promise<void> {
    await Promise.all([...this.#faults].map((fault) => fault.remove()))
  }

  /** Whether nobody can connect. */
  get refusing(): boolean {
    return this.#refusals > 0
  }

  // --- connections ------------------------------------------------------------------------------------------------

  /** Breaks all connections that are meant; or, with `after`, the first on which so much has happened. */
  dropConnection(fault: DropFault = {}): Fault {
    const { mode = 'rst', after, ...where } = fault
    if (!modes.includes(mode)) throw new RangeError(`mode is '${mode}', expected ${modes.join(', ')}`)
    if (after === undefined) {
      for (const carrier of this.#host.carriers) if (isMeant(where, carrier)) carrier.drop(mode)
      return this.#add(`connections were dropped (${mode})`, () => {}, false)
    }
    const [count, direction, method] = readAfter(after)
    const rule: WireRule = { where, direction, method, times: 1, skip: count - 1, what: { drop: mode } }
    return this.#rule(rule, `a connection drops (${mode}) after ${after}`)
  }

  /** Nobody can connect; for so long, or until the fault is removed. */
  refuseConnections({ for: duration }: { readonly for?: Duration } = {}): Fault {
    const forMs = duration === undefined ? null : millisecondsOf(duration, 'for')
    this.#refusals++
    void this.#host.refuse(true)
    const fault = this.#add('connections are refused', async () => {
      clearTimeout(timer)
      this.#refusals--
      if (!this.refusing) await this.#host.refuse(false)
    })
    const timer = forMs === null ? undefined : setTimeout(() => void fault.remove(), forMs).unref()
    return fault
  }

  /** A method comes late; what follows on its channel waits behind it. */
  delay({ by, ...fault }: MethodFault & { readonly by: Duration }): Fault {
    const delayMs = millisecondsOf(by, 'by')
    return this.#rule(methodRule(fault, { delayMs }), `${fault.method} is ${delayMs} ms late`)
  }

  /** A method never comes, nor the content that goes with it. */
  lose(fault: MethodFault): Fault {
    return this.#rule(methodRule(fault, 'lost'), `${fault.method} is lost`)
  }

  // --- publishes --------------------------------------------------------------------------------------------------

  /** Publishes are refused: no queue gets them, their confirm is a nack. */
  nackPublishes(fault: PublishFault = {}): Fault {
    return this.#publish('refused', fault, 'publishes are nacked')
  }

  /** Publishes arrive, and are never confirmed. */
  withholdConfirms(fault: PublishFault = {}): Fault {
    return this.#publish('unconfirmed', fault, 'confirms are withheld')
  }

  /** Publishes lead to no queue: those that are mandatory come back. */
  returnUnroutable(fault: PublishFault = {}): Fault {
    return this.#publish('unroutable', fault, 'publishes are unroutable')
  }

  // --- channels and resources -------------------------------------------------------------------------------------

  /** Closes all channels of the connections that are meant, with an error. */
  closeChannel({ code = 406, text = 'closed by a test', ...where }: CloseFault = {}): void {
    if (!codes.includes(code)) throw new RangeError(`code is ${code}, expected ${codes.join(', ')}`)
    for (const carrier of this.#host.carriers) {
      if (isMeant(where, carrier)) carrier.carried?.channels?.fail(new ChannelError(code, text, NO_METHOD))
    }
  }

  /** The broker is low on something: who publishes is blocked (connection.blocked). */
  blockPublishers(resource: 'memory' | 'disk' = 'memory'): Fault {
    this.#host.alarms.raise(resource)
    return this.#add(`publishers are blocked (low on ${resource})`, () => void this.#host.alarms.clear(resource))
  }

  /** What is to be stored is stored late, or not at all: so long do confirms of persistent messages take. */
  slowStore({ by, fails = false }: StoreFault): Fault {
    const delayMs = millisecondsOf(by, 'by')
    this.#host.store.friction = { delayMs, fails }
    return this.#add(`the store is ${delayMs} ms late${fails ? ', and fails' : ''}`, () => {
      this.#host.store.friction = null
    })
  }

  // --- how --------------------------------------------------------------------------------------------------------

  /** What becomes of a publish. */
  fateOf(publish: Publish): Fate {
    for (const rule of this.#publishes) if (rule.takes(publish)) return rule.fate
    return 'goes'
  }

  #publish(fate: Fate, given: PublishFault, text: string): Fault {
    const rule = new PublishRule(fate, given)
    this.#publishes.add(rule)
    return this.#add(text, () => void this.#publishes.delete(rule))
  }

  #rule(rule: WireRule, text: string): Fault {
    this.wire.add(rule)
    return this.#add(text, () => this.wire.remove(rule))
  }

  /** @param lasts false: it is over as soon as it was done */
  #add(text: string, undo: () => void | Promise<void>, lasts = true): Fault {
    const fault: Fault = {
      text,
      remove: async () => {
        if (this.#faults.delete(fault)) await undo()
      },
      [Symbol.dispose]: () => void fault.remove(),
      [Symbol.asyncDispose]: () => fault.remove(),
    }
    if (lasts) this.#faults.add(fault)
    return fault
  }
}

function methodRule({ method, direction, times, ...where }: MethodFault, what: WireRule['what']): WireRule {
  if (!(method in methods)) throw new RangeError(`method is ${JSON.stringify(method)}, expected a method of AMQP`)
  const usual = fromClient.has(method) ? 'in' : 'out'
  return { where, direction: direction ?? usual, method, times: times ?? Number.POSITIVE_INFINITY, skip: 0, what }
}

function readAfter(after: After): readonly [count: number, direction: Direction, method: MethodName] {
  const [, digits, what = ''] = /^(\d+) ([a-z-]+(?:\.[a-z-]+)?)$/.exec(after) ?? []
  const count = Number(digits)
  if (count >= 1) {
    const named = Object.hasOwn(operations, what) ? operations[what as keyof typeof operations] : undefined
    if (named) return [count, ...named]
    if (what in methods) return [count, fromClient.has(what) ? 'in' : 'out', what as MethodName]
  }
  const expected = `a number of ${Object.keys(operations).join(', ')} or of a method, such as '3 publishes'`
  throw new RangeError(`after is ${JSON.stringify(after)}, expected ${expected}`)
}

/** Methods that clients say, whether or not the broker says them as well. */
const fromClient: ReadonlySet<string> = new Set(
  Object.keys(methods).filter((name) => {
    if (name === 'basic.ack' || name === 'basic.nack' || name === 'basic.cancel') return true
    return !/-ok$|^basic\.(deliver|return|get-empty)$|^connection\.(start|tune|secure|blocked|unblocked)$/.test(name)
  }),
)
