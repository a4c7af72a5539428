// /api/definitions: a broker written down and made of what was written down, over HTTP.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

const text = readFileSync(join(__dirname, '..', 'samples', 'definitions.json'), 'utf8')
const json = JSON.parse(text)
const queues = (...names: readonly string[]) => ({ queues: names.map((name) => ({ name, vhost: '/' })) })

it('imports what RabbitMQ exported, and exports the same', async () => {
  expect(await api.change('POST', '/api/definitions', json)).toBe(204)
  const { status, body } = await api.ask('/api/definitions')
  expect([status, Object.keys(body)]).toEqual([200, Object.keys(json)])
  expect(body).toMatchObject({ rabbitmq_version: '4.3.0', product_name: 'Leveret', product_version: '0.0.0' })
  expect(body.queues).toHaveLength(4)
  expect(await api.change('POST', '/api/definitions', body)).toBe(204)
  expect((await api.ask('/api/definitions')).body).toEqual(body)
})

it('says what an import would change, and what it has changed', async () => {
  const url = '/api/definitions?dry_run=true'
  const dry = await api.ask(url, { method: 'POST', body: queues('a', 'b') })
  expect([dry.status, dry.body.created.map(({ name }: { name: string }) => name)]).toEqual([200, ['a', 'b']])
  expect(api.world.vhost.queues.size).toBe(0)
  await api.change('POST', '/api/definitions', queues('a'))
  const { status, body } = await api.ask('/api/definitions?report=true', { method: 'POST', body: queues('a', 'b') })
  expect([status, body]).toEqual([
    200,
    {
      created: [{ kind: 'queue', vhost: '/', name: 'b', place: 'queues[1]' }],
      changed: [],
      ignored: [],
      unchanged: 1,
    },
  ])
  expect(api.world.vhost.queues.size).toBe(2)
})

it('changes nothing when anything is wrong, and says all of it', async () => {
  const wrong = {
    ...queues('a'),
    bindings: [{ vhost: '/', source: 'x', destination: 'a' }],
    policies: [{ vhost: 'v' }],
  }
  const { status, body } = await api.ask('/api/definitions', { method: 'POST', body: wrong })
  expect([status, body.error, body.reason]).toEqual([
    400,
    'bad_request',
    'policies[0].name: is missing; expected a text',
  ])
  const again = await api.ask('/api/definitions', { method: 'POST', body: { ...wrong, policies: [] } })
  expect(again.body.reason).toBe(
    "bindings[0].source: there is no exchange 'x' in vhost '/', neither here nor in the definitions",
  )
  expect((await api.ask('/api/definitions', { method: 'POST', body: [] })).status).toBe(400)
  expect(api.world.vhost.queues.size).toBe(0)
})

it('exports and imports one vhost', async () => {
  await api.change('POST', '/api/definitions', json)
  const { body } = await api.ask('/api/definitions/%2F')
  expect(Object.keys(body)).toEqual(['rabbit_version', 'parameters', 'policies', 'queues', 'exchanges', 'bindings'])
  expect(await api.change('PUT', '/api/vhosts/v')).toBe(201)
  expect(await api.change('POST', '/api/definitions/v', body)).toBe(204)
  const copy = (await api.ask('/api/definitions/v')).body
  expect([copy.queues, copy.exchanges]).toEqual([body.queues, body.exchanges])
  for (const method of ['GET', 'POST'] as const) {
    expect((await api.ask('/api/definitions/none', { method })).status).toBe(404)
  }
})

it('takes a file from a form, and gives one to a browser', async () => {
  const form = (name: string, content: string) => ({
    method: 'POST' as const,
    headers: { 'content-type': 'multipart/form-data; boundary=cut' },
    body: `--cut\r\ncontent-disposition: form-data; name="${name}"; filename="a.json"\r\n\r\n${content}\r\n--cut--\r\n`,
  })
  expect((await api.ask('/api/definitions', form('file', JSON.stringify(queues('a'))))).status).toBe(204)
  expect((await api.ask('/api/definitions/%2F', form('file', '{"queues":[{"name":"b"}]}'))).status).toBe(204)
  expect([...api.world.vhost.queues.keys()]).toEqual(['a', 'b'])
  const reason = async (name: string, content: string) =>
    (await api.ask('/api/definitions', form(name, content))).body.reason
  expect(await reason('file', '{')).toMatch(/^file: is not JSON/)
  expect(await reason('other', '{}')).toBe('file: is missing; expected a form with a file of definitions')
  const { headers } = await api.ask('/api/definitions?download=a%22b.json')
  expect(headers['content-disposition']).toBe('attachment; filename="a_b.json"')
})

it('is for administrators', async () => {
  const pol = await api.addUser('pol', ['policymaker', 'monitoring'], ['/'])
  for (const url of ['/api/definitions', '/api/definitions/%2F']) {
    for (const method of ['GET', 'POST'] as const) {
      const { status, body } = await api.ask(url, { method, as: pol })
      expect([status, body.reason]).toEqual([401, 'Not administrator user'])
    }
  }
})
