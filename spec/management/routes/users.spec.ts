// /api/users: accounts over HTTP, as administrators see and change them.

import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(() => api.close())

it('makes, shows, changes and deletes users', async () => {
  expect(await api.change('PUT', '/api/users/u', { password: 'p', tags: 'management, policymaker' })).toBe(201)
  const { status, body } = await api.ask('/api/users/u')
  expect(status).toBe(200)
  expect(body).toEqual({
    name: 'u',
    password_hash: expect.stringMatching(/^[\w+/]{48}$/),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    tags: ['management', 'policymaker'],
    limits: {},
  })
  expect((await api.ask('/api/whoami', { as: 'u:p' })).status).toBe(200)
  expect(await api.change('PUT', '/api/users/u', { password: 'other', tags: ['management'] })).toBe(204)
  expect((await api.ask('/api/whoami', { as: 'u:p' })).status).toBe(401)
  expect((await api.ask('/api/whoami', { as: 'u:other' })).status).toBe(200)
  expect(await api.change('DELETE', '/api/users/u')).toBe(204)
  expect(await api.change('DELETE', '/api/users/u')).toBe(404)
  expect((await api.ask('/api/users/u')).status).toBe(404)
})

it('takes hashes as RabbitMQ exports them', async () => {
  const hash = Buffer.from('908DC60A0102', 'hex').toString('base64')
  const sent = { password_hash: hash, hashing_algorithm: 'rabbit_password_hashing_sha512' }
  expect(await api.change('PUT', '/api/users/u', { ...sent, tags: '', password: 'no' })).toBe(201)
  expect((await api.ask('/api/users/u')).body).toMatchObject({ ...sent, tags: [] })
  expect(await api.change('PUT', '/api/users/u', { password_hash: '', tags: '' })).toBe(204)
  expect((await api.ask('/api/users/u')).body.password_hash).toBe('')
})

it.each([
  [{ password: 'p' }, /^tags_not_present/],
  [{ tags: 5 }, /^tags: expected a list of texts/],
  [{ tags: '', password: {} }, /^'password' in the body must be string$/],
  [{ tags: '', password_hash: 'zz' }, /^password_hash 'zz' is not base64$/],
  [{ tags: '', password_hash: '', hashing_algorithm: 'none' }, /^hashing_algorithm 'none' is not one of rabbit_/],
])('refuses %j', async (body, reason) => {
  const answered = await api.ask('/api/users/u', { method: 'PUT', body })
  expect([answered.status, answered.body.error]).toEqual([400, 'bad_request'])
  expect(answered.body.reason).toMatch(reason)
  expect(api.broker.users.get('u')).toBeUndefined()
})

it('lists users, and those without permissions', async () => {
  await api.addUser('with', [], ['/'])
  await api.addUser('without', [])
  const names = async (url: string) => (await api.ask(url)).body.map(({ name }: { name: string }) => name)
  expect(await names('/api/users')).toEqual(['guest', 'with', 'without'])
  expect(await names('/api/users?sort=name&sort_reverse=true')).toEqual(['without', 'with', 'guest'])
  expect(await names('/api/users/without-permissions')).toEqual(['without'])
  expect((await api.ask('/api/users?page=1&page_size=1&name=with')).body).toMatchObject({
    filtered_count: 2,
    item_count: 1,
    total_count: 3,
  })
})

it('deletes several users, or none where one is missing', async () => {
  await api.addUser('a', [])
  await api.addUser('b', [])
  const missing = await api.ask('/api/users/bulk-delete', { method: 'POST', body: { users: ['a', 'c'] } })
  expect([missing.status, missing.body.reason]).toEqual([400, 'no_such_user: c'])
  expect(api.broker.users.get('a')).toBeDefined()
  expect(await api.change('POST', '/api/users/bulk-delete', { users: ['a', 'b', 'a'] })).toBe(204)
  expect([...api.broker.users].map(({ name }) => name)).toEqual(['guest'])
  expect(await api.change('POST', '/api/users/bulk-delete', { users: 'a' })).toBe(400)
  expect(await api.change('POST', '/api/users/bulk-delete', {})).toBe(400)
})

it('names of any letters', async () => {
  const name = 'a/b?c#d%ü&'
  expect(await api.change('PUT', `/api/users/${encodeURIComponent(name)}`, { tags: '' })).toBe(201)
  expect((await api.ask(`/api/users/${encodeURIComponent(name)}`)).body.name).toBe(name)
})
