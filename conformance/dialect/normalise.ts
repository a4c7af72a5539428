// What arrives and what is sent, as one line of text each: the same line on every broker and in every run. Names of the
// run become `$word` again, names that the broker made up become `amq.gen-*`, times of right now `T*`, and headers that the
// broker wrote into come in alphabetical order (§19 leaves it free); nothing else is smoothed over.

import type { Tagged } from './client/field-table.ts'
import type { Values } from './client/frame.ts'
import { methods, properties as propertyNames } from './client/grammar.ts'
import type { Arrival } from './client/peer.ts'
import type { Body, Outgoing } from './scenario.ts'

/** The names of one scenario in one run: `$q` ⇄ `{prefix}q`, and values that the broker made up, saved under a name. */
export class Names {
  readonly #prefix: string
  readonly #saved = new Map<string, string>()

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Keeps a value that the broker chose; `$name` stands for it from now on. */
  save(name: string, value: string): void {
    this.#saved.set(name, value)
  }

  /** Replaces `$word` in every string of a value, however deep. */
  resolve<Value>(value: Value): Value {
    return this.#map(value, (text) =>
      text.replace(/\$(\w+)/g, (_, word: string) => this.#saved.get(word) ?? this.#prefix + word),
    ) as Value
  }

  /** The way back, for text that came from a broker. */
  hide(text: string): string {
    let hidden = text
    for (const [word, value] of this.#saved) hidden = hidden.replaceAll(value, `$${word}`)
    return hidden
      .replaceAll(this.#prefix, '$')
      .replace(/amq\.gen-[\w-]{22}(?![\w-])/g, 'amq.gen-*')
      .replace(/amq\.ctag-[\w-]{22}(?![\w-])/g, 'amq.ctag-*')
      .replace(/amq\.rabbitmq\.reply-to\.[\w+/=.-]{16,}/g, 'amq.rabbitmq.reply-to.*')
  }

  #map(value: unknown, change: (text: string) => string): unknown {
    if (typeof value === 'string') return change(value)
    if (Array.isArray(value)) return value.map((each) => this.#map(each, change))
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [change(key), this.#map(each, change)]))
  }
}

function tableText(pairs: readonly (readonly [string, Tagged])[]): string {
  return `{${pairs.map(([key, field]) => `${key}:${fieldText(field)}`).join(' ')}}`
}

/** A time this close to now is a broker's: those that scenarios send are years away. */
const recentSeconds = 600

function fieldText([tag, value]: Tagged): string {
  if (tag === 'V') return 'V'
  if (tag === 'F') return `F${tableText(value as [string, Tagged][])}`
  if (tag === 'A') return `A[${(value as Tagged[]).map(fieldText).join(' ')}]`
  if (Buffer.isBuffer(value)) return `${tag}0x${value.toString('hex')}`
  if (tag === 'T' && Math.abs(Number(value) - Date.now() / 1000) < recentSeconds) return 'T*'
  if (typeof value === 'string') return `${tag}${value.length > 60 ? `(${value.length} characters)` : `'${value}'`}`
  return `${tag}${String(value)}`
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return tableText(value as [string, Tagged][])
  return typeof value === 'string' ? `'${value}'` : String(value)
}

/** connection.start differs between brokers in what nobody relies on: only what clients look at is kept. */
function startText(values: Values): string {
  const pairs = values['serverProperties'] as [string, Tagged][]
  const shown = pairs.map(([key, field]) =>
    key === 'capabilities' ? `${key}:${capabilitiesText(field)}` : `${key}:${field[0]}`,
  )
  const mechanisms = String(values['mechanisms']).split(' ').sort().join(' ')
  const version = `${values['versionMajor']}-${values['versionMinor']}`
  return `0 connection.start ${version} {${shown.join(' ')}} '${mechanisms}' '${values['locales']}'`
}

function capabilitiesText([, value]: Tagged): string {
  const pairs = [...(value as [string, Tagged][])].sort(([left], [right]) => (left < right ? -1 : 1))
  return `F${tableText(pairs)}`
}

function methodText(channel: number, name: string, values: Values): string {
  if (name === 'connection.start') return startText(values)
  if (name === 'channel.close' || name === 'connection.close')
    return `${channel} ${name} ${values['replyCode']} "${values['replyText']}" ${values['classId']}/${values['methodId']}`
  const fields = methods.get(name)?.fields ?? []
  return `${channel} ${name}(${fields.map(([field]) => valueText(values[field])).join(', ')})`
}

const written = new Set(['x-death', 'x-delivery-count', 'x-acquired-count'])

function headersInOrder(headers: unknown): unknown {
  if (!Array.isArray(headers)) return headers
  const pairs = headers as readonly [string, Tagged][]
  if (!pairs.some(([key]) => written.has(key))) return pairs
  return [...pairs].sort(([left], [right]) => (left < right ? -1 : 1))
}

function propertiesText(values: Values): string {
  const present = propertyNames.filter(([name]) => values[name] !== undefined)
  return `{${present.map(([name]) => `${name}:${valueText(headersInOrder(values[name]))}`).join(' ')}}`
}

const shownBytes = 200

function bodyText(body: Buffer, frameBytes: readonly number[]): string {
  const text = body.length <= shownBytes ? `'${body.toString('utf8')}'` : `${body.length} bytes`
  return frameBytes.length <= 1 ? text : `${text} in frames of ${frameBytes.join('+')}`
}

/** An arrival as its line, without the peer. */
export function arrivalText(arrival: Arrival, names: Names): string {
  switch (arrival.kind) {
    case 'protocol-header':
      return `AMQP ${[...arrival.bytes.subarray(4)].join(' ')}`
    case 'method':
      return names.hide(methodText(arrival.channel, arrival.name, arrival.values))
    case 'content': {
      const { channel, name, values, properties, body, frameBytes } = arrival
      return names.hide(
        `${methodText(channel, name, values)} ${propertiesText(properties)} ${bodyText(body, frameBytes)}`,
      )
    }
    case 'heartbeat':
      return `${arrival.channel} heartbeat`
    case 'frame':
      return `${arrival.frame.channel} frame ${arrival.frame.type} 0x${arrival.frame.payload.toString('hex')}`
    default:
      return 'tcp closed'
  }
}

function sentValue(value: unknown): string {
  if (Buffer.isBuffer(value)) return `0x${value.subarray(0, 24).toString('hex')}`
  const text = JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each))
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

function sentBody(body: Body): string {
  if (typeof body === 'string') return `'${body.length > 60 ? `${body.slice(0, 60)}…` : body}'`
  return Buffer.isBuffer(body) ? `${body.length} bytes` : `${body.fill} bytes`
}

/** What is sent, as a line for the reader of a transcript. */
export function outgoingText(frame: Outgoing): string {
  switch (frame.frame) {
    case 'method':
      return `${frame.channel} ${frame.name} ${sentValue(frame.values)}`
    case 'publish':
      return `${frame.channel} basic.publish ${sentValue(frame.values)} ${sentValue(frame.properties)} ${sentBody(frame.body)}`
    case 'header':
      return `${frame.channel} header of ${frame.bodyBytes} bytes ${sentValue(frame.properties)} ${sentValue(frame.options)}`
    case 'body':
      return `${frame.channel} body ${sentBody(frame.body)}`
    default:
      return `${frame.note} 0x${frame.bytes.subarray(0, 24).toString('hex')}${frame.bytes.length > 24 ? `… ${frame.bytes.length} bytes` : ''}`
  }
}
