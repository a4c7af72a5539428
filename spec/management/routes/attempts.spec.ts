// /api/auth/attempts: logins by protocol, counted from zero where that is asked for.

import { Api } from '../../support/api.ts'

it('shows logins of the one node', async () => {
  const api = await Api.create()
  const url = '/api/auth/attempts/leveret@here'
  await api.ask('/api/whoami', { as: 'guest:wrong' })
  const http = { protocol: 'http', auth_attempts: 2, auth_attempts_failed: 1, auth_attempts_succeeded: 1 }
  expect((await api.ask(url)).body).toEqual([http])
  api.broker.census.loginsAccepted = 3
  expect((await api.ask(url)).body[0]).toMatchObject({ protocol: 'amqp091', auth_attempts: 3 })
  expect((await api.ask(`${url}/source`)).body).toEqual([])
  expect(await api.change('DELETE', url)).toBe(204)
  expect(await api.change('DELETE', `${url}/source`)).toBe(204)
  // The two that ask are counted themselves.
  expect((await api.ask(url)).body).toEqual([{ ...http, auth_attempts_failed: 0, auth_attempts_succeeded: 2 }])
  for (const path of ['/api/auth/attempts/other', '/api/auth/attempts/other/source']) {
    expect((await api.ask(path)).status).toBe(404)
    expect(await api.change('DELETE', path)).toBe(404)
  }
})
