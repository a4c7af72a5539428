// What an error becomes over HTTP: a status, and RabbitMQ's `{"error", "reason"}`. The one place that knows both the
// broker's errors and the statuses of the HTTP API (ecosystem.md §2.2).

import { AdministrationError } from '../broker/administration-error.ts'
import { StoreError } from '../broker/store.ts'
import { ChannelError, ProtocolError } from '../protocol/reply.ts'
import { UnfitJson } from './field-json.ts'

/** An answer that is not what was asked for. */
export interface ErrorAnswer {
  readonly status: number
  /** A word for programs. */
  readonly error: string
  /** A sentence for people. */
  readonly reason: string
}

/** A request that cannot be answered as it is; thrown by routes. */
export class HttpError extends Error implements ErrorAnswer {
  override readonly name = 'HttpError'
  readonly status: number
  readonly error: string

  constructor(status: number, error: string, reason: string) {
    super(reason)
    this.status = status
    this.error = error
  }

  get reason(): string {
    return this.message
  }
}

/** 400: the request breaks a rule. */
export const badRequest = (reason: string): HttpError => new HttpError(400, 'bad_request', reason)

/** 404, in the words that RabbitMQ has for everything that does not exist. */
export const objectNotFound = (): HttpError => new HttpError(404, 'Object Not Found', 'Not Found')

/** 401: who asks is known, and may not. */
export const notAuthorised = (reason: string): HttpError => new HttpError(401, 'not_authorised', reason)

/** What `error` is over HTTP; undefined where it is nobody's request that is to blame, but a bug of ours. */
export function answerTo(error: unknown): ErrorAnswer | undefined {
  if (error instanceof HttpError) return error
  if (error instanceof AdministrationError) {
    return error.kind === 'missing' ? objectNotFound() : badRequest(error.message)
  }
  if (error instanceof ProtocolError) return protocolAnswer(error)
  if (error instanceof UnfitJson) return badRequest(error.message)
  if (error instanceof StoreError) return new HttpError(503, 'service_unavailable', error.message)
  return requestAnswer(error)
}

/** What AMQP answers with a close: who may not gets a 401, everything else is a bad request (as over RabbitMQ's API). */
function protocolAnswer(error: ProtocolError): ErrorAnswer {
  if (error instanceof ChannelError && error.code === 403) return notAuthorised(error.replyText)
  if (error instanceof ChannelError && error.code === 404) return new HttpError(404, 'not_found', error.message)
  return badRequest(error.message === '' ? error.replyText : error.message)
}

/** What the HTTP library itself complains about: the schema, the size, the URL. All of them carry a status below 500. */
function requestAnswer(error: unknown): ErrorAnswer | undefined {
  if (!(error instanceof Error)) return undefined
  const { statusCode, code } = error as Error & { readonly statusCode?: unknown; readonly code?: unknown }
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return badRequest('Exceeded HTTP request body size limit')
  return badRequest(error.message)
}
