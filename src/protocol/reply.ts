// Reply codes, and the errors that end a channel or a connection with one. Thrown where a rule is broken, answered in
// one place of the session. Also how RabbitMQ spells octets and resources in reply texts. Knows no frames and no sockets.

import { isUtf8 } from 'node:buffer'

const softCodes = {
  311: 'CONTENT_TOO_LARGE',
  312: 'NO_ROUTE',
  313: 'NO_CONSUMERS',
  403: 'ACCESS_REFUSED',
  404: 'NOT_FOUND',
  405: 'RESOURCE_LOCKED',
  406: 'PRECONDITION_FAILED',
} as const

const hardCodes = {
  320: 'CONNECTION_FORCED',
  402: 'INVALID_PATH',
  501: 'FRAME_ERROR',
  502: 'SYNTAX_ERROR',
  503: 'COMMAND_INVALID',
  504: 'CHANNEL_ERROR',
  505: 'UNEXPECTED_FRAME',
  506: 'RESOURCE_ERROR',
  530: 'NOT_ALLOWED',
  540: 'NOT_IMPLEMENTED',
  541: 'INTERNAL_ERROR',
} as const

/** The name of each reply code, as reply texts begin with it (AMQP 0-9-1 §1.2, constants). */
export const replyCodes = { ...softCodes, ...hardCodes } as const

/** A reply code that closes a channel. */
export type SoftCode = keyof typeof softCodes
/** A reply code that closes the connection. */
export type HardCode = keyof typeof hardCodes
/** Any reply code. */
export type ReplyCode = keyof typeof replyCodes

/** Whether an error of this code ends the whole connection, on whichever channel it is raised. */
export const isHard = (code: ReplyCode): code is HardCode => code in hardCodes

/** The method that failed, as close methods report it; 0 and 0 for what is no method's fault. */
export type FailedMethod = { readonly classId: number; readonly methodId: number }

/** The ids of errors that no method is to blame for: frame errors, refused logins, forced closes. */
export const NO_METHOD: FailedMethod = { classId: 0, methodId: 0 }

// A reply text is a shortstr: 255 octets.
const REPLY_TEXT_BYTES = 255
const ELLIPSIS = '...'

/** `text`, cut between code points and ended with `...` where its UTF-8 form is longer than a shortstr may be. */
const fitted = (text: string): string => {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= REPLY_TEXT_BYTES) return text
  let end = REPLY_TEXT_BYTES - ELLIPSIS.length
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end) + ELLIPSIS
}

/**
 * A rule of the protocol that the peer broke. `classId` and `methodId` are undefined where the place that answers is to
 * fill in those of the method it was carrying out.
 */
export abstract class ProtocolError extends Error {
  readonly code: ReplyCode
  readonly classId: number | undefined
  readonly methodId: number | undefined

  constructor(code: ReplyCode, explanation: string, ids?: FailedMethod) {
    super(explanation)
    this.name = new.target.name
    this.code = code
    this.classId = ids?.classId
    this.methodId = ids?.methodId
  }

  /** What goes into the close method: `CODE_NAME - explanation`, at most 255 octets; the name alone without one. */
  get replyText(): string {
    return fitted(this.message === '' ? replyCodes[this.code] : `${replyCodes[this.code]} - ${this.message}`)
  }
}

/** Answered with channel.close. (On channel 0 there is nothing to close but the connection.) */
export class ChannelError extends ProtocolError {
  declare readonly code: SoftCode

  // Here for its type alone: no hard code gets in.
  constructor(code: SoftCode, explanation: string, ids?: FailedMethod) {
    super(code, explanation, ids)
  }
}

/** Answered with connection.close. A soft code is meant for what fails on channel 0: login and vhost. */
export class ConnectionError extends ProtocolError {
  /** Frame boundaries are lost: nothing more can be read, and the socket is closed 3 s after the answer. */
  readonly lostSync: boolean

  constructor(code: ReplyCode, explanation: string, ids?: FailedMethod, lostSync = false) {
    super(code, explanation, ids)
    this.lostSync = lostSync
  }
}

/** How reply texts name a queue. */
export const queueText = (queue: string, vhost: string): string => `queue '${queue}' in vhost '${vhost}'`

/** How reply texts name an exchange. */
export const exchangeText = (exchange: string, vhost: string): string => `exchange '${exchange}' in vhost '${vhost}'`

/** 404 for a resource as `queueText` or `exchangeText` names it. */
export const notFound = (resource: string): ChannelError => new ChannelError(404, `no ${resource}`)

/** 406 with its explanation. */
export const preconditionFailed = (explanation: string): ChannelError => new ChannelError(406, explanation)

/** 501 for a method whose arguments, `bytes[start..end)`, are too short, too long or otherwise not its own. */
export const cannotDecode = (bytes: Uint8Array, start: number, end: number, ids: FailedMethod): ConnectionError =>
  new ConnectionError(501, `cannot decode ${renderOctets(bytes, start, end)}`, ids)

// A reply text holds 255 octets: what would lie beyond is not worth spelling out.
const RENDERED_OCTETS = 256

/** `bytes[start..end)` as a list of numbers, whatever they spell: `<<97,98,255>>`. Stops where no text has room. */
export const renderOctets = (bytes: Uint8Array, start: number, end: number): string =>
  `<<${bytes.subarray(start, Math.min(end, start + RENDERED_OCTETS)).join(',')}>>`

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['\v', '\\v'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\x1b', '\\e'],
])

// Latin-1 as Erlang sees it: 32 to 126 and 160 to 255, and the control characters that have an escape.
const isPrintable = (octet: number): boolean =>
  (octet >= 32 && octet < 127) || octet >= 160 || (octet >= 8 && octet <= 13) || octet === 27

/** `bytes[start..end)` as RabbitMQ prints a binary: `<<"text">>` if all is printable, else `<<1,2,255>>`; `<<>>` if empty. */
export const renderBytes = (bytes: Uint8Array, start: number, end: number): string => {
  const octets = Buffer.from(bytes.subarray(start, end))
  if (octets.length === 0 || !octets.every(isPrintable)) return renderOctets(octets, 0, octets.length)
  const text = octets.toString(isUtf8(octets) ? 'utf8' : 'latin1')
  return `<<"${text.replace(/["\\\p{Cc}]/gu, (char) => escapes.get(char) ?? char)}">>`
}

// Erlang's printer breaks what would reach beyond these columns of a line (counted from 0), and indents what follows.
const OCTETS_END = 77
const TUPLE_END = 78
const SNIPPET_BYTES = 16

/** A list of numbers as renderOctets makes it, broken into lines as Erlang does where it begins at `column`. */
const broken = (octets: string, column: number): string => {
  const width = Math.max(8, OCTETS_END - column)
  let room = width
  const parts = octets.slice(2, -2).split(/(?<=,)/)
  for (const [index, part] of parts.entries()) {
    if (part.length > room) {
      parts[index] = `\n${' '.repeat(column + 2)}${part}`
      room = width
    }
    room -= part.length
  }
  return `<<${parts.join('')}>>`
}

/**
 * How reply texts show a frame that cannot be: its type, the octets of its payload `bytes[start..end)` (no more than 16)
 * and the reason, an Erlang term like `unknown_frame` or `{invalid_frame_end_marker,10}`, if there is one. Long terms
 * come with RabbitMQ's line breaks.
 */
export const frameText = (type: number, bytes: Uint8Array, start: number, end: number, reason = ''): string => {
  const head = `type ${type}, ${end - start > SNIPPET_BYTES ? `first ${SNIPPET_BYTES}` : 'all'} octets = `
  const octets = renderBytes(bytes, start, Math.min(end, start + SNIPPET_BYTES))
  const text = head + (octets.startsWith('<<"') ? octets : broken(octets, head.length))
  if (reason === '') return text
  const column = text.length - text.lastIndexOf('\n') + 1
  const fits = !reason.startsWith('{') || column + reason.length <= TUPLE_END
  return `${text}: ${fits ? reason : reason.replaceAll(',', `,\n${' '.repeat(column + 1)}`)}`
}
