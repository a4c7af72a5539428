// /api/policies and /api/operator-policies: set, shown and deleted over HTTP, each by those who may.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

describe.each([
  ['/api/policies', 'policymaker'],
  ['/api/operator-policies', 'administrator'],
])('%s', (path, tag) => {
  const url = `${path}/%2F/p1`
  const asked = { pattern: '^q', definition: { 'max-length': 10 }, priority: 1, 'apply-to': 'queues' }

  it('sets, shows and deletes', async () => {
    expect(await api.change('PUT', url, { ...asked, priority: null, 'apply-to': undefined })).toBe(201)
    expect((await api.ask(url)).body).toEqual({ vhost: '/', name: 'p1', ...asked, priority: 0, 'apply-to': 'all' })
    expect(await api.change('PUT', url, asked)).toBe(204)
    const shown = { vhost: '/', name: 'p1', ...asked }
    for (const list of [path, `${path}/%2F`]) expect((await api.ask(list)).body).toEqual([shown])
    expect(await api.change('DELETE', url)).toBe(204)
    expect(await api.change('DELETE', url)).toBe(404)
    expect((await api.ask(url)).status).toBe(404)
  })

  it.each([
    [{}, 'key_missing: pattern, definition'],
    [{ pattern: '^q' }, 'key_missing: definition'],
    [{ pattern: 5, definition: { 'max-length': 1 } }, 'pattern should be a binary but was 5'],
    [{ pattern: '', definition: '{}' }, 'definition must be a dictionary: <<"{}">>'],
    [
      { ...asked, priority: '5', definition: { 'max-length': 'x' } },
      '<<"x">> is not a valid maximum length\npriority should be a number, actually was <<"5">>',
    ],
  ])('refuses %j in the words of RabbitMQ', async (body, reason) => {
    const answered = await api.ask(url, { method: 'PUT', body })
    expect([answered.status, answered.body]).toEqual([400, { error: 'bad_request', reason }])
  })

  it(`is changed by ${tag}s, and seen by those who see the vhost`, async () => {
    await api.change('PUT', '/api/vhosts/v')
    await api.change('PUT', `${path}/v/p`, asked)
    const manager = await api.addUser('manager', ['management'], ['/'])
    const maker = await api.addUser('maker', ['policymaker'], ['/'])
    expect((await api.ask(path, { as: manager })).body).toEqual([])
    expect((await api.ask(`${path}/v`, { as: manager })).status).toBe(401)
    expect((await api.ask(`${path}/%2F`, { as: manager })).status).toBe(200)
    expect(await api.change('PUT', url, asked, manager)).toBe(401)
    expect(await api.change('PUT', url, asked, maker)).toBe(tag === 'policymaker' ? 201 : 401)
    expect(await api.change('PUT', `${path}/v/p`, asked, maker)).toBe(401)
    expect(await api.change('PUT', `${path}/none/p`, asked)).toBe(404)
  })
})
