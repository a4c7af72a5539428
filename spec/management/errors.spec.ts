// What an error of the broker becomes over HTTP.

import { invalid, missing } from '../../src/broker/administration-error.ts'
import { StoreError } from '../../src/broker/store.ts'
import { answerTo, badRequest, notAuthorised, objectNotFound } from '../../src/management/errors.ts'
import { UnfitJson } from '../../src/management/field-json.ts'
import { ChannelError, ConnectionError, notFound, preconditionFailed } from '../../src/protocol/reply.ts'

const tooLarge = Object.assign(new Error('too large'), { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' })

it.each([
  [badRequest('why'), 400, 'bad_request', 'why'],
  [objectNotFound(), 404, 'Object Not Found', 'Not Found'],
  [notAuthorised('why'), 401, 'not_authorised', 'why'],
  [invalid('why'), 400, 'bad_request', 'why'],
  [missing('why'), 404, 'Object Not Found', 'Not Found'],
  [preconditionFailed('why'), 400, 'bad_request', 'why'],
  [notFound("queue 'q' in vhost '/'"), 404, 'not_found', "no queue 'q' in vhost '/'"],
  [new ChannelError(403, 'refused'), 401, 'not_authorised', 'ACCESS_REFUSED - refused'],
  [new ConnectionError(540, 'streams'), 400, 'bad_request', 'streams'],
  [new ConnectionError(541, ''), 400, 'bad_request', 'INTERNAL_ERROR'],
  [new UnfitJson('arguments', 'expected'), 400, 'bad_request', 'arguments: expected'],
  [new StoreError('failed', 'disk'), 503, 'service_unavailable', 'disk'],
  [tooLarge, 400, 'bad_request', 'Exceeded HTTP request body size limit'],
  [Object.assign(new Error('odd'), { statusCode: 415 }), 400, 'bad_request', 'odd'],
])('%s', (thrown, status, error, reason) => {
  expect(answerTo(thrown)).toMatchObject({ status, error, reason })
})

it.each([new Error('ours'), new TypeError('ours'), 'text', null, Object.assign(new Error(''), { statusCode: 500 })])(
  'has no answer to a bug: %s',
  (thrown) => {
    expect(answerTo(thrown)).toBeUndefined()
  },
)
