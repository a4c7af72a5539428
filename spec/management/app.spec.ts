// The application around the routes: what it answers where no route does, and what it asks of each route.

import { Type } from '@fastify/type-provider-typebox'
import { createApp } from '../../src/management/app.ts'
import type { Routes } from '../../src/management/route.ts'
import { Api } from '../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

describe('what no route answers', () => {
  it.each(['/', '/api', '/api/nosuch', '/api/queues/%2F/q/nosuch/more'])('%s is not there', async (url) => {
    const { status, body } = await api.ask(url)
    expect([status, body]).toEqual([404, { error: 'Object Not Found', reason: 'Not Found' }])
  })

  it('is a method that the path does not take', async () => {
    const { status, body, headers } = await api.ask('/api/whoami', { method: 'DELETE' })
    expect([status, body.error]).toEqual([405, 'method_not_allowed'])
    expect(headers['allow']).toBe('GET, HEAD, OPTIONS')
  })

  it('is OPTIONS, which says what the path takes, to anybody', async () => {
    const { status, headers } = await api.ask('/api/vhosts/any', { method: 'OPTIONS', as: null })
    expect([status, headers['allow']]).toEqual([200, 'DELETE, GET, HEAD, PUT, OPTIONS'])
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('is a URL that cannot be read', async () => {
    const { status, body } = await api.ask('/api/vhosts/%ZZ')
    expect([status, body.error]).toEqual([400, 'bad_request'])
  })
})

it('answers HEAD as GET, without the body', async () => {
  const { status, body, headers } = await api.ask('/api/whoami', { method: 'HEAD' })
  expect([status, body]).toEqual([200, ''])
  expect(Number(headers['content-length'])).toBeGreaterThan(10)
  expect(headers['cache-control']).toBe('no-cache')
})

describe('a route', () => {
  const create = (add: Routes) => createApp(api.context, [add])
  const schema = { response: { 200: Type.Unknown() } }

  it('has a schema, and says who may use it', async () => {
    const without: Routes = (app) => void app.get('/a', { config: { access: 'none' } }, () => 1)
    await expect(create(without)).rejects.toThrow('the route /a has no schema')
    const open: Routes = (app) => void app.get('/a', { schema }, () => 1)
    await expect(create(open)).rejects.toThrow('the route /a has no access')
  })

  it('that fails is a bug: it is logged, and the caller is told no more than that', async () => {
    const app = await create((scope) => {
      scope.get('/a', { schema, config: { access: 'none' } }, () => {
        throw new TypeError('secret')
      })
    })
    const { statusCode, body } = await app.inject('/a')
    expect([statusCode, JSON.parse(body).error, body.includes('secret')]).toEqual([500, 'internal_server_error', false])
    expect(api.world.log.defects).toMatchObject([{ fields: { method: 'GET', url: '/a', err: { message: 'secret' } } }])
    await app.close()
  })

  it('answers with all that it was given, whatever its schema says', async () => {
    const app = await create((scope) => {
      const narrow = { response: { 200: Type.Object({ a: Type.Number() }) } }
      scope.get('/a', { schema: narrow as object, config: { access: 'none' } }, () => ({ a: 1, b: { c: '☃' } }))
    })
    expect((await app.inject('/a')).json()).toEqual({ a: 1, b: { c: '☃' } })
    await app.close()
  })
})

it('describes itself in OpenAPI 3.1', async () => {
  const { status, body } = await api.ask('/api/openapi.json', { as: null })
  expect([status, body.openapi]).toEqual([200, '3.1.0'])
  expect(body.paths['/api/vhosts/{vhost}'].put.responses['201']).toBeDefined()
})
