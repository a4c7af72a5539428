// What dying leaves on a message: its history in the headers (x-death and its kin, behaviour.md §9.5), without its
// expiration, and the keys that it would be routed by. Pure: a message in, another one out. Knows no queues; sending it on
// is dead-letters.ts'.

import type { FieldTable, FieldValue } from '../protocol/field-table.ts'
import {
  DELIVERY_MODE,
  EXPIRATION,
  HEADERS,
  headersAt,
  locateProperties,
  propertyOffsets,
  rewriteHeader,
  shortstrAt,
} from '../protocol/properties.ts'
import { encodeRouting, Message } from './message.ts'

/** Why a message dies, as x-death names it. */
export type DeathReason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit'

/** One death. */
export interface Death {
  readonly queue: string
  readonly reason: DeathReason
  readonly atMs: number
}

/** Where dead messages go: null for `routingKey` keeps the message's own keys. */
export interface DeadLetterTarget {
  readonly exchange: string
  readonly routingKey: string | null
}

/** A message after its death. */
export interface DeadLetter {
  /** A view: its body is still that of the message that died. */
  readonly message: Message
  /** What it is to be routed by. */
  readonly keys: readonly string[]
  readonly headers: FieldTable
  /** All its deaths, newest first: what x-death has. */
  readonly deaths: readonly FieldTable[]
}

/** Scratch for the ways to properties. */
const offsets = propertyOffsets()
/** delivery-mode of a persistent message. */
const PERSISTENT = 2
const NO_HEADERS: FieldTable = new Map()
/** Fields that only a broker writes: those that came from a client mean nothing to it (behaviour.md §9.5). */
const HISTORY = 'x-death'

/**
 * What becomes of `message` when it dies so and goes to `target`; `continues`: what a client says of earlier deaths is gone
 * on with.
 */
export function deadLetter(message: Message, death: Death, target: DeadLetterTarget, continues = false): DeadLetter {
  const { header, headerStart, headerEnd } = message
  locateProperties(header, headerStart, headerEnd, offsets)
  const headersFrom = offsets[HEADERS] as number
  const former = headersFrom < 0 ? NO_HEADERS : headersAt(header, headersFrom)
  const expiresFrom = offsets[EXPIRATION] as number
  const expiration = expiresFrom < 0 ? null : shortstrAt(header, expiresFrom)
  const { exchange, routingKey } = message
  const ownKeys = [routingKey, ...(message.copies ? keysIn(former, 'CC') : [])]
  const blindKeys = message.copies ? keysIn(former, 'BCC') : []
  const history = message.dead || continues ? deathsIn(former) : []
  const deaths = addDeath(history, death, exchange, ownKeys, expiration)
  const keepsKeys = target.routingKey === null
  const headers = new Map(former)
  if (!keepsKeys && message.copies) headers.delete('BCC')
  writeHistory(headers, history.length > 0, deaths, death, exchange)
  const letter = new Message().view(message)
  const routing = encodeRouting(target.exchange, target.routingKey ?? routingKey)
  letter.setRouting(routing, 0, routing.length)
  const rewritten = rewriteHeader(header, headerStart, headerEnd, offsets, headers, false)
  letter.setHeader(rewritten, 0, rewritten.length)
  const modeFrom = offsets[DELIVERY_MODE] as number
  letter.persistent = modeFrom >= 0 && header[modeFrom] === PERSISTENT
  letter.dead = true
  letter.expiresAt = 0
  letter.copies = keepsKeys && message.copies
  return { message: letter, keys: keepsKeys ? [...ownKeys, ...blindKeys] : [target.routingKey ?? ''], headers, deaths }
}

/**
 * Whether a dead letter that goes to `queue` turns in a circle: it died there before, and nobody has rejected it since
 * (behaviour.md §9.4).
 */
export function isCycle(deaths: readonly FieldTable[], queue: string): boolean {
  for (const death of deaths) {
    if (textOf(death, 'reason') === 'rejected') return false
    if (textOf(death, 'queue') === queue) return true
  }
  return false
}

/** Whether the last that became of a dead letter was that a consumer refused it. */
export function wasRejected({ dead, header, headerStart, headerEnd }: Message): boolean {
  if (!dead) return false
  locateProperties(header, headerStart, headerEnd, offsets)
  const from = offsets[HEADERS] as number
  return from >= 0 && textOf(headersAt(header, from), 'x-last-death-reason') === 'rejected'
}

/** The history with one death more: an entry of its queue and reason counts it and moves to the front. */
function addDeath(
  history: readonly FieldTable[],
  death: Death,
  exchange: string,
  keys: readonly string[],
  expiration: string | null,
): readonly FieldTable[] {
  const known = history.find((entry) => isOf(entry, death))
  if (known) return [new Map([...known, ['count', long(countOf(known) + 1)]]), ...history.filter((e) => e !== known)]
  const entry = new Map<string, FieldValue>()
  if (expiration !== null) entry.set('original-expiration', longstr(expiration))
  entry.set('count', long(1))
  entry.set('reason', longstr(death.reason))
  entry.set('queue', longstr(death.queue))
  entry.set('time', { tag: 'T', value: Math.floor(death.atMs / 1000) })
  entry.set('exchange', longstr(exchange))
  entry.set('routing-keys', { tag: 'A', value: keys.map(longstr) })
  return [entry, ...history]
}

/** `known`: the headers that a broker wrote at the first death are there. */
function writeHistory(
  headers: Map<string, FieldValue>,
  known: boolean,
  deaths: readonly FieldTable[],
  { queue, reason }: Death,
  exchange: string,
): void {
  headers.set(HISTORY, { tag: 'A', value: deaths.map((value) => ({ tag: 'F', value })) })
  const last = { reason, queue, exchange }
  for (const [name, value] of Object.entries(last)) {
    if (!known) headers.set(`x-first-death-${name}`, longstr(value))
    headers.set(`x-last-death-${name}`, longstr(value))
  }
}

function deathsIn(headers: FieldTable): readonly FieldTable[] {
  const history = headers.get(HISTORY)
  if (history?.tag !== 'A') return []
  return history.value.flatMap((entry) => (entry.tag === 'F' && isDeath(entry.value) ? [entry.value] : []))
}

/** What a client has written may be anything. */
function isDeath(entry: FieldTable): boolean {
  return Number.isSafeInteger(countOf(entry)) && textOf(entry, 'queue') !== null && textOf(entry, 'reason') !== null
}

/** The routing keys that a header adds (behaviour.md §5.5). */
function keysIn(headers: FieldTable, name: 'CC' | 'BCC'): readonly string[] {
  const value = headers.get(name)
  return value?.tag === 'A' ? value.value.flatMap((key) => (key.tag === 'S' ? [key.value] : [])) : []
}

function isOf(entry: FieldTable, { queue, reason }: Death): boolean {
  return textOf(entry, 'queue') === queue && textOf(entry, 'reason') === reason
}

function countOf(entry: FieldTable): number {
  return Number(entry.get('count')?.value)
}

function textOf(table: FieldTable, name: string): string | null {
  const value = table.get(name)
  return value?.tag === 'S' ? value.value : null
}

const longstr = (value: string): FieldValue => ({ tag: 'S', value })
const long = (value: number): FieldValue => ({ tag: 'l', value })
