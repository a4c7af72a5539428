// Publishing over HTTP: the checks of basic.publish, and the answer when the queues have the message.

import type { Caller } from '../../src/management/auth.ts'
import { type PublishRequest, publish } from '../../src/management/publish.ts'
import { Api } from '../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
  await api.change('PUT', '/api/queues/%2F/q', {
    durable: true,
    arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
  })
})
afterEach(() => api.close())

const guest: Caller = { name: 'guest', tags: ['administrator'], address: '127.0.0.1' }
const plain: PublishRequest = {
  exchange: '',
  routing_key: 'q',
  properties: {},
  payload: 'hi',
  payload_encoding: 'string',
}
const send = (asked: Partial<PublishRequest> = {}, caller = guest) =>
  api.inTime(publish(api.context, caller, api.broker.vhost('/')!, { ...plain, ...asked }))

it('waits until a persistent message is stored', async () => {
  expect(await send({ properties: { delivery_mode: 2 } })).toBe(true)
  expect((await api.ask('/api/queues/%2F/q')).body.messages).toBe(1)
})

it('tells when a queue does not take it', async () => {
  await send()
  await expect(send()).rejects.toMatchObject({ status: 400, reason: 'rejected: a queue did not take the message' })
})

it('tells when it went nowhere', async () => {
  expect(await send({ routing_key: 'none' })).toBe(false)
  expect(await send({ exchange: 'amq.fanout' })).toBe(false)
  expect(api.broker.vhost('/')?.counts).toMatchObject({ published: 2, confirmed: 2, returned: 2, routed: 0 })
})

it.each<[Partial<PublishRequest>, string]>([
  [
    { properties: { user_id: 'other' } },
    "406 PRECONDITION_FAILED - user_id property set to 'other' but authenticated user was 'guest'",
  ],
  [{ properties: { expiration: 'abc' } }, '406 PRECONDITION_FAILED - invalid expiration'],
  [{ exchange: 'amq.rabbitmq.trace' }, '403 ACCESS_REFUSED - cannot publish to internal exchange'],
  [{ payload: 'x'.repeat(16 * 2 ** 20 + 1) }, '406 PRECONDITION_FAILED - message size 16777217 is larger'],
  [
    { properties: { reply_to: 'amq.rabbitmq.reply-to' } },
    '406 PRECONDITION_FAILED - fast reply consumer does not exist',
  ],
  [{ routing_key: 'x'.repeat(256) }, 'routing_key: 255 octets at most'],
  [{ exchange: 'x'.repeat(256) }, 'exchange: 255 octets at most'],
])('is refused with %j', async (asked, reason) => {
  await expect(send(asked)).rejects.toMatchObject({ status: 400, reason: expect.stringContaining(reason) })
})

it('goes by the permissions and tags of the caller', async () => {
  await api.addUser('u', [])
  await api.broker.administration.setPermission('u', '/', { configure: '', write: '', read: '' })
  const caller = { ...guest, name: 'u' }
  await expect(send({}, caller)).rejects.toMatchObject({ reason: expect.stringContaining("refused for user 'u'") })
  const impersonator = { ...guest, tags: ['impersonator'] }
  expect(await send({ properties: { user_id: 'other' } }, impersonator)).toBe(true)
})
