// A plan: what has to change for definitions to be true, gathered with all that is in the way, so that it can be shown,
// or be made as one commit. Knows entries and their texts; not what they mean.

import { type AdministrationError, invalid } from '../administration-error.ts'
import { type Kind, keyNames } from '../entries.ts'
import type { Json } from '../term.ts'

/** An entry that is to be written. */
export interface Change {
  readonly key: string
  readonly kind: Kind
  /** What identifies it: for most kinds the vhost and a name. */
  readonly names: readonly string[]
  readonly place: string
  /** What the entry says now; null: there is none. */
  readonly before: string | null
  readonly value: string
  readonly ephemeral: boolean
}

/** Something that stays as it is, because it cannot be changed while it is there. */
export interface Ignored {
  readonly place: string
  readonly kind: Kind
  readonly names: readonly string[]
  readonly why: string
}

/** What definitions would change, or have changed. */
export interface Difference {
  readonly changes: readonly Change[]
  readonly ignored: readonly Ignored[]
  /** How many of the definitions were true already. */
  readonly unchanged: number
}

/** Complaints that are told at once. */
const TOLD = 50

/** Gathers what there is to do. */
export class Plan implements Difference {
  readonly #changes = new Map<string, Change>()
  readonly ignored: Ignored[] = []
  readonly #problems: string[] = []
  unchanged = 0

  get changes(): readonly Change[] {
    return [...this.#changes.values()]
  }

  /** The change that is planned for a key. */
  planned(key: string): Change | undefined {
    return this.#changes.get(key)
  }

  /** The entry is to be `value`; it says `before` now. Twice the same is once. */
  put(place: string, key: string, value: string, before: string | null, ephemeral = false): void {
    const planned = this.#changes.get(key)
    if (planned) {
      if (sameText(planned.value, value)) return
      return this.complain(place, `contradicts ${planned.place}, which says something else of the same`)
    }
    if (before !== null && sameText(before, value)) {
      this.unchanged++
      return
    }
    const { kind, names } = keyNames(key)
    this.#changes.set(key, { key, kind, names, place, before, value, ephemeral })
  }

  /** What the entry is stays as it is. */
  ignore(place: string, key: string, why: string): void {
    this.ignored.push({ place, ...keyNames(key), why })
  }

  /** Something cannot be. */
  complain(place: string, why: string): void {
    for (const line of why.split('\n')) this.#problems.push(`${place}: ${line}`)
  }

  /** Runs `check`, and complains of what it throws for people to read. Returns whether it threw nothing. */
  check(place: string, check: () => void): boolean {
    try {
      check()
      return true
    } catch (error) {
      if (!isRefusal(error)) throw error
      const argument = /\barg '([^']+)'/.exec(error.message)?.[1]
      this.complain(argument === undefined ? place : `${place}.arguments.${argument}`, error.message)
      return false
    }
  }

  /** What cannot be, a line each; null: all can be. */
  get refusal(): AdministrationError | null {
    const problems = this.#problems
    if (problems.length === 0) return null
    const more = problems.length > TOLD ? [`and ${problems.length - TOLD} more`] : []
    return invalid([...problems.slice(0, TOLD), ...more].join('\n'))
  }
}

/** Errors that say what is wrong with what was asked for. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && ['AdministrationError', 'ChannelError', 'ConnectionError'].includes(error.name)
}

/** Whether two texts are the same JSON, in whatever order. */
function sameText(one: string, other: string): boolean {
  return one === other || canonical(JSON.parse(one)) === canonical(JSON.parse(other))
}

/** A JSON value as a text that is the same for equal values. */
export function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join()}}`
}
