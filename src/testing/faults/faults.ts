// What a test has go wrong: each fault begins when it is asked for, can be removed, and is listed until then. Knows what can
// go wrong and whom it concerns; how it is done is the carriers', the sessions' and the store's concern.

import type { Alarms } from '../../broker/alarms.ts'
import { type MethodName, methods } from '../../protocol/methods.ts'
import { ChannelError, NO_METHOD } from '../../protocol/reply.ts'
import type { Fate } from '../../session/watch.ts'
import { type Duration, millisecondsOf } from '../duration.ts'
import { checkNames, type Known } from '../known.ts'
import type { FaultCarrier } from './fault-carrier.ts'
import { type Publish, type PublishFault, PublishRule } from './publish-rules.ts'
import { type Direction, type DropMode, isMeant, type WireMatch, type WireRule, WireRules } from './wire-rules.ts'

const modes: readonly DropMode[] = ['fin', 'rst', 'blackhole']
const codes = [311, 313, 403, 404, 405, 406] as const

/** Something that goes wrong until it is removed. */
export interface Fault extends Disposable, AsyncDisposable {
  /** What it is, in words. */
  readonly text: string
  /** The vhost that it is for; undefined: all. */
  readonly vhost: string | undefined
  /** All is well again when this resolves; what has gone wrong stays so. A second time is none. */
  remove(): Promise<void>
}

/** The operations that faults count, by the names that tests use: of one, and of several. */
const operations = {
  publish: ['in', 'basic.publish'],
  publishes: ['in', 'basic.publish'],
  delivery: ['out', 'basic.deliver'],
  deliveries: ['out', 'basic.deliver'],
  ack: ['in', 'basic.ack'],
  acks: ['in', 'basic.ack'],
  confirm: ['out', 'basic.ack'],
  confirms: ['out', 'basic.ack'],
} as const satisfies Readonly<Record<string, readonly [Direction, MethodName]>>

/** After how much of what: `3 publishes`, `1 delivery`, `2 acks`, `1 confirm`, or `1 queue.declare`. */
export type After = `${number} ${keyof typeof operations | MethodName}`

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

const whereNames: Known<Required<WireMatch>> = { vhost: true, user: true, connection: true }
const methodNames = { ...whereNames, method: true, direction: true, times: true } as const

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
  /** What is in the way of the store; the last holds. */
  readonly #frictions = new Set<NonNullable<FaultHost['store']['friction']>>()

  constructor(host: FaultHost) {
    this.#host = host
  }

  /** All that goes wrong now, in words; what may concern one vhost, where it is named. */
  list(vhost?: string): readonly string[] {
    const faults = [...this.#faults].filter((fault) => {
      return vhost === undefined || fault.vhost === undefined || fault.vhost === vhost
    })
    return faults.map(({ text }) => text)
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
    checkNames('dropConnection', fault, { ...whereNames, mode: true, after: true })
    const { mode = 'rst', after, ...where } = fault
    if (!modes.includes(mode)) throw new RangeError(`mode is '${mode}', expected ${modes.join(', ')}`)
    if (after === undefined) {
      const meant = [...this.#host.carriers].filter((carrier) => isMeant(where, carrier))
      for (const carrier of meant) carrier.drop(mode)
      const text = `${meant.length} ${meant.length === 1 ? 'connection was' : 'connections were'} dropped (${mode})`
      return this.#add(text, () => {}, { lasts: false })
    }
    const [count, direction, method] = readAfter(after)
    const rule = { where, direction, method, times: 1, skip: count - 1, what: { drop: mode } }
    return this.#rule(rule, `a connection drops (${mode}) after ${after}`)
  }

  /** Nobody can connect; for so long, or until the fault is removed. */
  refuseConnections(fault: { readonly for?: Duration } = {}): Fault {
    checkNames('refuseConnections', fault, { for: true })
    const { for: duration } = fault
    const forMs = duration === undefined ? null : millisecondsOf(duration, 'for')
    this.#refusals++
    void this.#host.refuse(true)
    const refusal = this.#add('connections are refused', async () => {
      clearTimeout(timer)
      this.#refusals--
      if (!this.refusing) await this.#host.refuse(false)
    })
    const timer = forMs === null ? undefined : setTimeout(() => void refusal.remove(), forMs).unref()
    return refusal
  }

  /** A method comes late; what follows on its channel waits behind it. */
  delay({ by, ...fault }: MethodFault & { readonly by: Duration }): Fault {
    checkNames('delay', fault, methodNames)
    const delayMs = millisecondsOf(by, 'by')
    return this.#rule(methodRule(fault, { delayMs }), `${fault.method} is ${delayMs} ms late`)
  }

  /** A method never comes, nor the content that goes with it. */
  lose(fault: MethodFault): Fault {
    checkNames('lose', fault, methodNames)
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
  closeChannel(fault: CloseFault = {}): void {
    checkNames('closeChannel', fault, { ...whereNames, code: true, text: true })
    const { code = 406, text = 'closed by a test', ...where } = fault
    if (!codes.includes(code)) throw new RangeError(`code is ${code}, expected ${codes.join(', ')}`)
    for (const carrier of this.#host.carriers) {
      if (isMeant(where, carrier)) carrier.carried?.channels?.fail(new ChannelError(code, text, NO_METHOD))
    }
  }

  /** The broker is low on something: who publishes is blocked (connection.blocked). */
  blockPublishers(resource: 'memory' | 'disk' = 'memory'): Fault {
    this.#host.alarms.raise(resource)
    const text = `publishers are blocked (low on ${resource})`
    return this.#add(text, () => {
      // The resource stays low as long as another fault says so.
      if (!this.list().includes(text)) this.#host.alarms.clear(resource)
    })
  }

  /** What is to be stored is stored late, or not at all: so long do confirms of persistent messages take. */
  slowStore(fault: StoreFault): Fault {
    checkNames('slowStore', fault, { by: true, fails: true })
    const { by, fails = false } = fault
    const friction = { delayMs: millisecondsOf(by, 'by'), fails }
    this.#frictions.add(friction)
    this.#host.store.friction = friction
    return this.#add(`the store is ${friction.delayMs} ms late${fails ? ', and fails' : ''}`, () => {
      this.#frictions.delete(friction)
      this.#host.store.friction = [...this.#frictions].at(-1) ?? null
    })
  }

  // --- how --------------------------------------------------------------------------------------------------------

  /** What becomes of a publish. */
  fateOf(publish: Publish): Fate {
    for (const rule of this.#publishes) if (rule.takes(publish)) return rule.fate
    return 'goes'
  }

  #publish(fate: Fate, given: PublishFault, text: string): Fault {
    const rule = new PublishRule(fate, given, () => void fault.remove())
    this.#publishes.add(rule)
    const fault = this.#add(text, () => void this.#publishes.delete(rule), { vhost: given.vhost })
    return fault
  }

  #rule(given: WireRule, text: string): Fault {
    const rule = { ...given, spent: () => void fault.remove() }
    this.wire.add(rule)
    const fault = this.#add(text, () => this.wire.remove(rule), { vhost: given.where.vhost })
    return fault
  }

  /** `lasts`: false: it is over as soon as it was done. */
  #add(
    text: string,
    undo: () => void | Promise<void>,
    { lasts = true, vhost }: { lasts?: boolean; vhost?: string | undefined } = {},
  ): Fault {
    const fault: Fault = {
      text,
      vhost,
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
  if (!Object.hasOwn(methods, method))
    throw new RangeError(`method is ${JSON.stringify(method)}, expected a method of AMQP`)
  if (direction !== undefined && direction !== 'in' && direction !== 'out') {
    throw new RangeError(`direction is ${JSON.stringify(direction)}, expected in or out`)
  }
  if (times !== undefined && !(times >= 1)) throw new RangeError(`times is ${times}, expected a number from 1 on`)
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
  const expected = "a number of publishes, deliveries, acks, confirms or of a method, such as '3 publishes'"
  throw new RangeError(`after is ${JSON.stringify(after)}, expected ${expected}`)
}

/** Methods that clients say, whether or not the broker says them as well. */
const fromClient: ReadonlySet<string> = new Set(
  Object.keys(methods).filter((name) => {
    if (name === 'basic.ack' || name === 'basic.nack' || name === 'basic.cancel') return true
    return !/-ok$|^basic\.(deliver|return|get-empty)$|^connection\.(start|tune|secure|blocked|unblocked)$/.test(name)
  }),
)
