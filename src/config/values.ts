// The kinds of value that an option can take: how each is read from text (flags, variables), from TOML or from a
// calling program, and how the expectation is put into words. Knows nothing of which options exist.

import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** One kind of value: what it must look like, in words, and how it is read. */
export interface ValueKind<T> {
  /** Completes the sentence "expected ...". */
  readonly expected: string
  /**
   * Reads a raw value: text, or a number, boolean or array of strings where the source has such types.
   * @param base absolute folder that a relative path starts from
   * @returns undefined when the value is not of this kind
   */
  read(raw: unknown, base: string): T | undefined
}

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number, remark = ''): ValueKind<number> {
  return {
    expected: `a whole number from ${min} to ${max}${remark}`,
    read: (raw) => within(min, max, typeof raw === 'string' ? digits(raw) : raw),
  }
}

/** RabbitMQ's units: a bare K, M or G counts in 1024s, kB, MB and GB in 1000s (rabbitmq.com/docs/configure). */
const bytesPerUnit: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 2 ** 10],
  ['kib', 2 ** 10],
  ['kb', 1e3],
  ['m', 2 ** 20],
  ['mib', 2 ** 20],
  ['mb', 1e6],
  ['g', 2 ** 30],
  ['gib', 2 ** 30],
  ['gb', 1e9],
])

/** A number of bytes, bare or with a unit (`512kB`, `16MiB`); bounds in bytes, both included. */
export function size(minBytes: number, maxBytes: number): ValueKind<number> {
  return {
    expected: `a size from ${minBytes} bytes to ${humanSize(maxBytes)}, such as 65536, 512kB or 16MiB`,
    read: (raw) => within(minBytes, maxBytes, typeof raw === 'string' ? measured(raw, bytesPerUnit) : raw),
  }
}

/** A span of time, bare in the option's own unit or with one (`500ms`, `10s`, `2m`); bounds in the option's unit. */
export function duration(unit: 'ms' | 's', min: number, max: number, remark = ''): ValueKind<number> {
  const own = unit === 'ms' ? 1 : 1000
  const perUnit = new Map([
    ['', 1],
    ['ms', 1 / own],
    ['s', 1000 / own],
    ['m', 60_000 / own],
    ['h', 3_600_000 / own],
  ])
  const words = unit === 'ms' ? 'milliseconds' : 'seconds'
  return {
    expected: `${words} from ${min} to ${max}${remark}, or a time such as ${unit === 'ms' ? '500ms or 10s' : '60s or 2m'}`,
    read: (raw) => within(min, max, typeof raw === 'string' ? measured(raw, perUnit) : raw),
  }
}

/** A value of this kind, or null: something else decides. Text never means null. */
export function orElsewhere<T>(kind: ValueKind<T>): ValueKind<T | null> {
  return { expected: kind.expected, read: (raw, base) => (raw === null ? null : kind.read(raw, base)) }
}

/** What `kind` reads, or null for `none`. */
export function orNone<T>(kind: ValueKind<T>): ValueKind<T | null> {
  return {
    expected: `${kind.expected}, or none`,
    read: (raw, base) => (raw === null || raw === 'none' ? null : kind.read(raw, base)),
  }
}

/** Yes or no, in the spellings that people use in environment variables. */
export const yesOrNo: ValueKind<boolean> = {
  expected: 'true or false',
  read: (raw) => {
    if (typeof raw === 'boolean') return raw
    if (typeof raw !== 'string') return undefined
    const word = raw.trim().toLowerCase()
    if (['true', 'yes', 'on', '1'].includes(word)) return true
    return ['false', 'no', 'off', '0'].includes(word) ? false : undefined
  },
}

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): ValueKind<W> {
  return {
    expected: `one of ${words.join(', ')}`,
    read: (raw) => words.find((word) => typeof raw === 'string' && word === raw.trim().toLowerCase()),
  }
}

/** Text that is not empty, of at most so many bytes in UTF-8; a shortstr of the protocol holds 255. */
export function text(maxBytes: number): ValueKind<string> {
  return {
    expected: `text of 1 to ${maxBytes} bytes`,
    read: (raw) => {
      if (typeof raw !== 'string' || raw === '') return undefined
      return Buffer.byteLength(raw) <= maxBytes ? raw : undefined
    },
  }
}

/** A host name or address to listen on; `*` is every interface. */
export const hostname: ValueKind<string> = {
  expected: 'a host name or an IP address without a port, or * for every interface',
  read: (raw) => {
    if (typeof raw !== 'string') return undefined
    const host = raw.trim().replace(/^\[(.*)\]$/, '$1')
    if (host === '*') return '::'
    const isName = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(host)
    const isIpv6 = /^[0-9a-f:.]+(%\w+)?$/i.test(host) && host.split(':').length > 2
    return isName || isIpv6 ? host : undefined
  },
}

/** A folder. A relative one starts from the base folder, `~/` from the home folder; read to an absolute path. */
export const folder: ValueKind<string> = {
  expected: 'the path of a folder',
  read: (raw, base) => {
    if (typeof raw !== 'string' || raw.trim() === '' || raw.includes('\0')) return undefined
    if (raw === '~' || raw.startsWith('~/')) return join(homedir(), raw.slice(1))
    return isAbsolute(raw) ? resolve(raw) : resolve(base, raw)
  },
}

/** A file. Where a relative path starts is as for a folder. */
export const file: ValueKind<string> = { expected: 'the path of a file', read: folder.read }

/** The number of a port, or off. */
export const portOrOff: ValueKind<number | 'off'> = {
  expected: 'a port from 0 to 65535 (0 takes any free port), or off',
  read: (raw) => {
    if (raw === false || (typeof raw === 'string' && raw.trim().toLowerCase() === 'off')) return 'off'
    return within(0, 65535, typeof raw === 'string' ? digits(raw) : raw)
  },
}

/** Addresses to listen on, each with its port, with commas between them or as an array; `none` is no place at all. */
export const places: ValueKind<readonly string[]> = {
  expected: 'addresses with ports and commas between them, such as 127.0.0.1:5672,[::1]:5672, or none',
  read: (raw) => {
    const list = names.read(raw, '')?.map(place)
    return list?.includes(undefined) ? undefined : (list as readonly string[] | undefined)
  },
}

/** `127.0.0.1:5672`, `[::1]:5672`; a port alone is that of every interface. */
function place(text: string): string | undefined {
  const [, address = '*', digits = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  const host = hostname.read(address, '')
  if (host === undefined || digits === '' || Number(digits) > 65_535) return undefined
  return `${host.includes(':') ? `[${host}]` : host}:${Number(digits)}`
}

/** Some of a few words, in capitals, with commas between them or as an array. */
export function someOf<const W extends string>(...words: readonly W[]): ValueKind<readonly W[]> {
  return {
    expected: `one or more of ${words.join(', ')}`,
    read: (raw) => {
      const list = names.read(raw, '')?.map((name) => words.find((word) => word === name.toUpperCase()))
      return list && list.length > 0 && !list.includes(undefined) ? (list as W[]) : undefined
    },
  }
}

/** Names with commas between them, or an array of names; `none` or an empty array is no name at all. */
export const names: ValueKind<readonly string[]> = {
  expected: 'names with commas between them, or none',
  read: (raw) => {
    const list = typeof raw === 'string' ? raw.split(',').map((name) => name.trim()) : raw
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string' && name !== '')) return undefined
    return list.length === 1 && list[0] === 'none' ? [] : [...new Set<string>(list)]
  },
}

function within(min: number, max: number, value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return undefined
  return value >= min && value <= max ? value : undefined
}

function digits(raw: string): number | undefined {
  return /^\d{1,15}$/.test(raw.trim()) ? Number(raw) : undefined
}

function measured(raw: string, perUnit: ReadonlyMap<string, number>): number | undefined {
  const [, amount, unit] = /^(\d{1,15})\s*([a-z]*)$/i.exec(raw.trim()) ?? []
  const factor = perUnit.get(unit?.toLowerCase() ?? '')
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}

function humanSize(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}MiB` : `${bytes} bytes`
}
