// Health checks over HTTP: 200 where all is well, 503 and what is wrong where it is not.

import { createApp } from '../../../src/management/app.ts'
import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

/** A status of 503 is an answer here, and no defect. */
async function asked(url: string, authorised = true) {
  const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`
  const response = await api.app.inject({ url, ...(authorised ? { headers: { authorization } } : {}) })
  return [response.statusCode, response.json()]
}

const checks = ['alarms', 'local-alarms', 'virtual-hosts', 'node-is-quorum-critical', 'ready-to-serve-clients']
  .concat(['is-in-service', 'reached-target-cluster-size', 'metadata-store/initialized'])
  .map((check) => `/api/health/checks/${check}`)

it.each([...checks, '/api/healthchecks/node', '/api/healthchecks/node/leveret@here', '/api/aliveness-test/%2F'])(
  '%s is well',
  async (url) => {
    expect(await asked(url)).toEqual([200, { status: 'ok' }])
    expect((await asked(url, false))[0]).toBe(401)
  },
)

it('is ill while an alarm is on', async () => {
  api.broker.alarms.raise('memory')
  const [status, body] = await asked('/api/health/checks/alarms')
  expect(status).toBe(503)
  expect(body).toMatchObject({ status: 'failed', alarms: [{ resource: 'memory' }] })
  expect((await asked('/api/healthchecks/node'))[0]).toBe(503)
  expect((await asked('/healthz', false))[0]).toBe(503)
  expect((await asked('/readyz', false))[0]).toBe(200)
})

it('is in service as long as messages are stored', async () => {
  api.broker.alarms.raise('store')
  expect(await asked('/api/health/checks/is-in-service')).toEqual([
    503,
    { status: 'failed', reason: 'the store takes nothing' },
  ])
})

it('is below its limit of connections, or not', async () => {
  const url = '/api/health/checks/below-node-connection-limit'
  expect(await asked(url)).toEqual([200, { status: 'ok', limit: 'infinity', connections: 0 }])
  await api.world.open({})
  api.broker.adjust({ connectionMax: 2 })
  expect(await asked(url)).toEqual([200, { status: 'ok', limit: 2, connections: 1 }])
  api.broker.adjust({ connectionMax: 1 })
  expect(await asked(url)).toEqual([
    503,
    { status: 'failed', reason: 'node connection limit is reached', limit: 1, connections: 1 },
  ])
})

it('knows ports and protocols', async () => {
  expect(await asked('/api/health/checks/port-listener/5672')).toEqual([200, { status: 'ok', port: 5672 }])
  expect((await asked('/api/health/checks/port-listener/5673'))[0]).toBe(503)
  expect((await asked('/api/health/checks/port-listener/none'))[0]).toBe(400)
  expect((await asked('/api/health/checks/protocol-listener/amqp091'))[0]).toBe(200)
  expect((await asked('/api/health/checks/protocol-listener/mqtt'))[0]).toBe(503)
  expect((await asked('/api/health/checks/certificate-expiration/1/weeks'))[0]).toBe(200)
  expect((await asked('/api/health/checks/certificate-expiration/1/moons'))[0]).toBe(400)
  expect((await asked('/api/healthchecks/node/other'))[0]).toBe(503)
})

it('leaves the queue of the aliveness test behind, as RabbitMQ does', async () => {
  await asked('/api/aliveness-test/%2F')
  expect([...api.world.vhost.queues.keys()]).toEqual(['aliveness-test'])
  expect((await asked('/api/aliveness-test/none'))[0]).toBe(404)
})

it.each(['/livez', '/readyz', '/healthz'])('%s asks for no name', async (url) => {
  expect(await asked(url, false)).toEqual([200, { status: 'ok' }])
})

it('tells of a certificate that ends too soon', async () => {
  const day = 24 * 3_600_000
  let days: number | null = 8
  const { clock } = api.world
  const app = await createApp({
    ...api.context,
    listeners: () => [{ protocol: 'amqp/ssl', address: '127.0.0.1', port: 5671 }],
    certificateEnd: () => (days === null ? null : clock.now() + days * day),
  })
  const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`
  const within = (time: string) =>
    api.inTime(app.inject({ url: `/api/health/checks/certificate-expiration/${time}`, headers: { authorization } }))
  expect((await within('1/weeks')).statusCode).toBe(200)
  days = 6
  const failed = await within('1/weeks')
  expect([failed.statusCode, failed.json()]).toMatchObject([
    503,
    { status: 'failed', reason: 'Certificates expiring', expired: [{ port: 5671 }] },
  ])
  days = null
  expect((await within('100/years')).statusCode).toBe(200)
  expect((await within('1/toString')).statusCode).toBe(400)
  await app.close()
})

it('sends a message through a queue, and is alive where it comes back', async () => {
  const counts = api.broker.vhost('/')?.counts
  expect(await asked('/api/aliveness-test/%2F')).toEqual([200, { status: 'ok' }])
  expect(counts?.published).toBe(1)
  const stats = await api.broker.vhost('/')?.queues.get('aliveness-test')?.stats()
  expect(stats).toMatchObject({ ready: 0, unacked: 0 })
  const writer = await api.addUser('writer', ['management'])
  await api.broker.administration.setPermission('writer', '/', { configure: '.*', write: '.*', read: '' })
  expect((await api.ask('/api/aliveness-test/%2F', { as: writer })).status).toBe(401)
})
