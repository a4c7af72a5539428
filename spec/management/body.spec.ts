// The bodies of requests: JSON, whatever the request calls them.

import { checkCharacters } from '../../src/management/body.ts'
import { Api } from '../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

const put = (body?: string, headers: Readonly<Record<string, string>> = {}) =>
  api.ask('/api/vhosts/v', { method: 'PUT', headers, ...(body === undefined ? {} : { body }) })

it.each([undefined, '', ' ', '{}', 'null', 'undefined', '{"unknown":[1]}'])(
  '%j is taken for an object',
  async (body) => {
    expect((await put(body)).status).toBe(201)
  },
)

it.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain'])(
  'is JSON though it is called %s',
  async (type) => {
    expect((await put('{"description":"mine"}', { 'content-type': type })).status).toBe(201)
    expect(api.broker.vhost('v')?.settings.description).toBe('mine')
  },
)

it.each([
  ['{bad', /^not_json: the body is not JSON \(/],
  ['"{}"', /^the body is a JSON string, expected an object/],
  ['[1]', /^the body must be object$/],
  ['5', /^the body must be object$/],
  ['{"description":{}}', /^'description' in the body must be string$/],
  ['{"protected_from_deletion":"maybe"}', /^'protected_from_deletion' in the body must be boolean$/],
])('%j is refused', async (body, reason) => {
  const { status, body: answered } = await put(body)
  expect([status, answered.error]).toEqual([400, 'bad_request'])
  expect(answered.reason).toMatch(reason)
  expect(api.broker.vhost('v')).toBeUndefined()
})

it('texts stand for what they say, as in RabbitMQ', async () => {
  expect((await put('{"protected_from_deletion":"true"}')).status).toBe(201)
  expect(api.broker.vhost('v')?.settings.protectedFromDeletion).toBe(true)
})

it('has a largest size', async () => {
  const { status, body } = await put(`{"description":"${'x'.repeat(33 * 2 ** 20)}"}`)
  expect([status, body.reason]).toEqual([400, 'Exceeded HTTP request body size limit'])
})

it('a body may have any character, but no half of one', () => {
  const check = (text: string) => checkCharacters(text, JSON.parse(text))
  for (const text of ['"\\ud83d\\ude00"', '"\\\\ud83d"', '"\\u00e9"']) expect(() => check(text)).not.toThrow()
  for (const text of ['"\\ud83d"', '{"a":["\\\\\\ude00 b"]}', '{"\\uD83D":1}']) {
    expect(() => check(text)).toThrow(/half a character \(\\ud/)
  }
})
