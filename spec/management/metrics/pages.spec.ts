// What the metrics port answers: pages, probes, and clear words for what it does not have.

import { MetricsPages } from '../../../src/management/metrics/pages.ts'
import { Api } from '../../support/api.ts'

describe('the metrics port', () => {
  let api: Api
  let pages: MetricsPages

  beforeEach(async () => {
    api = await Api.create()
    pages = new MetricsPages(api.context)
  })

  afterEach(() => api.close())

  it.each([
    '/metrics',
    '/metrics/',
    '/metrics/per-object',
    '/metrics/detailed?family=queue_metrics',
    '/metrics/memory-breakdown',
  ])('answers %s', async (url) => {
    const { status, type, body } = await pages.page('GET', url)
    expect([status, type]).toEqual([200, expect.stringContaining('text/plain')])
    expect(body).toContain('rabbitmq_identity_info{')
  })

  it('answers probes', async () => {
    for (const url of ['/healthz', '/readyz', '/livez'])
      expect((await pages.page('GET', url)).body).toBe('{"status":"ok"}')
    api.broker.alarms.raise('disk')
    expect((await pages.page('GET', '/healthz')).status).toBe(503)
    api.broker.alarms.raise('store')
    expect(await pages.page('HEAD', '/readyz')).toMatchObject({ status: 503, body: expect.stringContaining('store') })
    expect((await pages.page('GET', '/livez')).status).toBe(200)
  })

  it.each([
    ['GET', '/', 404, /is not here/],
    ['POST', '/metrics', 405, /GET is/],
    ['GET', '/metrics/detailed?family=none', 400, /^family: expected one of .*; got 'none'/],
    ['GET', '/metrics/detailed?family=queue_metrics&queue=(', 400, /^queue: /],
  ])('refuses %s %s', async (method, url, status, why) => {
    expect(await pages.page(method, url)).toMatchObject({ status, body: expect.stringMatching(why) })
  })

  it('refuses a pattern that takes too long', async () => {
    expect(await api.change('PUT', `/api/queues/%2F/${'a'.repeat(60)}`, {})).toBe(201)
    const url = '/metrics/detailed?family=queue_metrics&queue=^(a%2B)%2Bb'
    expect(await pages.page('GET', url)).toMatchObject({ status: 400, body: expect.stringContaining('too long') })
  })

  it('sends what it answers, with its length', async () => {
    const heads: unknown[] = []
    const ended = new Promise<string>((resolve) => {
      const response = { writeHead: (...head: unknown[]) => heads.push(head), end: resolve }
      pages.routing({ method: 'GET', url: '/livez' } as never, response as never)
    })
    expect(await ended).toBe('{"status":"ok"}')
    expect(heads).toEqual([[200, { 'content-type': 'application/json', 'content-length': 15 }]])
    await pages.close()
  })
})
