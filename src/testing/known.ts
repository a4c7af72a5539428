// Names that tests may have mistyped: an option that nobody reads would be taken for one that is heeded. Knows names only.

import { nearest } from '../config/nearest.ts'

/** The names that an object of options may have, all of them. */
export type Known<T> = Readonly<Record<keyof T, true>>

/** Throws `RangeError` where `given` has a name that is none; `what` is how the complaint calls it. */
export function checkNames<T extends object>(what: string, given: T, known: Known<Required<T>>): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new RangeError(`${what} is ${JSON.stringify(given)}, expected an object`)
  }
  const names = Object.keys(known)
  const wrong = Object.keys(given).find((name) => !Object.hasOwn(known, name))
  if (wrong === undefined) return
  const meant = nearest(wrong, names)
  const hint = meant === undefined ? `expected ${names.join(', ')}` : `did you mean '${meant}'?`
  throw new RangeError(`${what} has '${wrong}', which is nothing that it can have: ${hint}`)
}
