// What faults do to what goes over the wire: which frames are lost or late, and when a connection is cut. Knows methods and
// counts; the wire itself is the carrier's.

import type { MethodName } from '../../protocol/methods.ts'

/** `in`: what the client sends. */
export type Direction = 'in' | 'out'

/** How a connection is cut: in order, by a reset, or not at all: nothing goes through any more and nobody is told. */
export type DropMode = 'fin' | 'rst' | 'blackhole'

/** What becomes of a frame. */
export type Verdict = 'passes' | 'lost' | { readonly delayMs: number }

/** Whose connection it is; null as long as nobody is let in. */
export interface Wire {
  readonly vhost: string | null
  readonly user: string | null
  /** The number of the connection. */
  readonly connection: number | null
}

/** Connections that are meant; all that fit. */
export interface WireMatch {
  readonly vhost?: string
  readonly user?: string
  readonly connection?: number
}

/** A rule about the frames of one method. */
export interface WireRule {
  readonly where: WireMatch
  readonly direction: Direction
  readonly method: MethodName
  /** How often it holds. */
  times: number
  /** How many go by before that, on each connection. */
  readonly skip: number
  /** Called when it has held as often as it was to. */
  readonly spent?: () => void
  readonly what: 'lost' | { readonly delayMs: number } | { readonly drop: DropMode }
}

/** Whether a connection is meant. */
export function isMeant({ vhost, user, connection }: WireMatch, wire: Wire): boolean {
  return (
    (vhost === undefined || vhost === wire.vhost) &&
    (user === undefined || user === wire.user) &&
    (connection === undefined || connection === wire.connection)
  )
}

/** The rules of one broker. */
export class WireRules {
  /** With how many have gone by, by connection. */
  readonly #rules = new Map<WireRule, WeakMap<Wire, number>>()

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#rules.size === 0
  }

  add(rule: WireRule): void {
    this.#rules.set(rule, new WeakMap())
  }

  remove(rule: WireRule): void {
    this.#rules.delete(rule)
  }

  /** What becomes of a method on this wire, and whether the connection is cut once it has gone through. */
  judge(
    wire: Wire,
    direction: Direction,
    method: MethodName,
  ): { readonly verdict: Verdict; readonly drop: DropMode | null } {
    let verdict: Verdict = 'passes'
    let drop: DropMode | null = null
    for (const [rule, passed] of this.#rules) {
      if (rule.direction !== direction || rule.method !== method || !isMeant(rule.where, wire)) continue
      const before = passed.get(wire) ?? 0
      passed.set(wire, before + 1)
      if (before < rule.skip) continue
      if (rule.what === 'lost' || 'delayMs' in rule.what) verdict = rule.what
      else drop = rule.what.drop
      if (--rule.times <= 0) this.#end(rule)
    }
    return { verdict, drop }
  }

  #end(rule: WireRule): void {
    this.#rules.delete(rule)
    rule.spent?.()
  }
}
