// The headers of dead-lettered messages as text, as 4.x writes them and as RabbitMQ 3.10 does. Only builds data.

import { a } from './peers.ts'
import { differ, type Step } from './scenario.ts'

/**
 * One entry of x-death. 3.10 sorts the fields of an entry, but for the first death as long as it is the only one of its
 * kind; `sorted310` says so where that cannot be told from the list.
 */
export type Death = {
  readonly reason: 'rejected' | 'expired' | 'maxlen' | 'delivery_limit'
  readonly queue: string
  /** The exchange it was published to when it died; the default exchange. */
  readonly exchange?: string
  readonly keys: readonly string[]
  readonly count?: number
  readonly expiration?: string
  readonly sorted310?: boolean
}

/** How the message looks besides its deaths. */
export type Rest = {
  /** Other headers, as normalised text, in alphabetical order with the rest. */
  readonly headers?: { readonly [name: string]: string }
  /** Headers that only we, or only 3.10, deliver. */
  readonly oursOnly?: { readonly [name: string]: string }
  readonly only310?: { readonly [name: string]: string }
  /** Further properties in front of the headers and behind them, as normalised text. */
  readonly before?: string
  readonly behind?: string
  /** The first death and the last, where they are not the last and the first of the list. */
  readonly first?: Death
  readonly last?: Death
}

const whyLast = '§19 x-last-death-*, x-death field order: 4.x'

function entry(death: Death, flavour: 'ours' | '3.10', isOldest: boolean): string {
  const { reason, queue, exchange = '', keys, count = 1, expiration } = death
  const fields = {
    count: `l${count}`,
    reason: `S'${reason}'`,
    queue: `S'${queue}'`,
    time: 'T*',
    exchange: `S'${exchange}'`,
    'routing-keys': `A[${keys.map((key) => `S'${key}'`).join(' ')}]`,
  }
  const original = expiration === undefined ? {} : { 'original-expiration': `S'${expiration}'` }
  const ordered = Object.entries(flavour === 'ours' ? { ...original, ...fields } : { ...fields, ...original })
  if (flavour === '3.10' && (death.sorted310 ?? !(isOldest && count === 1)))
    ordered.sort(([left], [right]) => (left < right ? -1 : 1))
  return `F{${ordered.map(([name, value]) => `${name}:${value}`).join(' ')}}`
}

function ends(which: 'first' | 'last', death: Death | undefined): { readonly [name: string]: string } {
  if (death === undefined) return {}
  return {
    [`x-${which}-death-exchange`]: `S'${death.exchange ?? ''}'`,
    [`x-${which}-death-queue`]: `S'${death.queue}'`,
    [`x-${which}-death-reason`]: `S'${death.reason}'`,
  }
}

function properties(deaths: readonly Death[], rest: Rest, flavour: 'ours' | '3.10'): string {
  const headers = {
    ...rest.headers,
    ...(flavour === 'ours' ? rest.oursOnly : rest.only310),
    'x-death': `A[${deaths.map((each, at) => entry(each, flavour, at === deaths.length - 1)).join(' ')}]`,
    ...ends('first', rest.first ?? deaths.at(-1)),
    ...(flavour === 'ours' ? ends('last', rest.last ?? deaths[0]) : {}),
  }
  const sorted = Object.entries(headers).sort(([left], [right]) => (left < right ? -1 : 1))
  const written = `headers:{${sorted.map(([name, value]) => `${name}:${value}`).join(' ')}}`
  return `{${[rest.before ?? [], written, rest.behind ?? []].flat().join(' ')}}`
}

/**
 * The next arrival is this method (`1 basic.deliver(...)`), with a message that died so: newest death first. `why` adds
 * to the reasons why 3.10 differs.
 */
export function seesDead(
  method: string,
  body: string,
  deaths: readonly Death[],
  rest: Rest = {},
  peer: Pick<typeof a, 'sees'> = a,
  why = whyLast,
): Step {
  const text = (flavour: 'ours' | '3.10') => `${method} ${properties(deaths, rest, flavour)} '${body}'`
  return differ(why, peer.sees(text('ours')), peer.sees(text('3.10')))
}
