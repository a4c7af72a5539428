// The bodies of requests: JSON, whatever they are called. Knows no routes, and not what a body is about.

import { badRequest } from './errors.ts'
import type { App } from './route.ts'

/** Whatever it is called, a body is JSON: people send it with curl, which says that it is a form. */
export function readBodies(app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, readBody(String(body)))
    } catch (error) {
      done(error as Error)
    }
  })
  // Requests that come without a body are the same as those with an empty one.
  app.addHook('preValidation', (request, _, next) => {
    request.body ??= {}
    next()
  })
}

/** No body, and one that says that it is none, stand for an object without fields. */
function readBody(text: string): unknown {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === 'null' || trimmed === 'undefined') return {}
  let value: unknown
  try {
    value = JSON.parse(trimmed)
  } catch (error) {
    throw badRequest(`not_json: the body is not JSON (${error instanceof Error ? error.message : error})`)
  }
  checkCharacters(trimmed, value)
  if (typeof value === 'string') {
    throw badRequest('the body is a JSON string, expected an object: it may have been encoded twice')
  }
  return value
}

/** JSON can write half a character (RFC 8259 §8.2), which nothing can be called. Throws `HttpError` 400. */
export function checkCharacters(text: string, value: unknown): void {
  // What is escaped in JSON that is written again has no other half.
  const half = /(?<!\\)(?:\\\\)*(\\ud[89a-f]..)/i
  const [, found] = (half.test(text) && half.exec(JSON.stringify(value))) || []
  if (found !== undefined) throw badRequest(`the body has half a character (${found}), expected Unicode`)
}
