// Health checks over HTTP: 200 where all is well, 503 and what is wrong where it is not.

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
  .concat(['is-in-service', 'below-node-connection-limit', 'reached-target-cluster-size', 'metadata-store/initialized'])
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
