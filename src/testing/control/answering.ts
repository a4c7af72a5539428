// How the control API answers what a test broker throws: in the words of the HTTP API.

import { badRequest, HttpError } from '../../management/errors.ts'
import { UnfitJson } from '../../management/field-json.ts'
import type { TestBroker } from '../test-broker.ts'
import type { TestVhost } from '../test-vhost.ts'
import { WaitError } from '../waiting.ts'

/** What a request is about is not there, and which that is. */
export function missing(what: string): HttpError {
  return new HttpError(404, 'not_found', `there is no ${what}`)
}

/** The vhost of a request. Throws `HttpError` 404. */
export function vhostOf(broker: TestBroker, name: string): TestVhost {
  const vhost = broker.vhostNamed(name)
  if (!vhost) throw missing(`vhost '${name}'`)
  return vhost
}

/** Does what a request asks for; what is wrong with that becomes an answer. */
export async function answering<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof WaitError) throw new HttpError(408, 'timeout', error.message)
    if (isBadRequest(error)) throw badRequest(error.message)
    throw error
  }
}

function isBadRequest(error: unknown): error is Error {
  const kinds = [RangeError, SyntaxError, UnfitJson]
  return kinds.some((kind) => error instanceof kind) || isWrongMode(error)
}

/** The test asks to move a clock that is the real one. */
function isWrongMode(error: unknown): error is Error {
  return error instanceof Error && error.message.includes('needs a virtual clock')
}
