// /api/whoami: the answer to who asks.

import { Api } from '../../support/api.ts'

it('says who asks', async () => {
  const api = await Api.create()
  const as = await api.addUser('me', ['monitoring', 'mine'])
  expect((await api.ask('/api/whoami')).body).toEqual({ name: 'guest', tags: ['administrator'] })
  expect((await api.ask('/api/whoami', { as })).body).toEqual({ name: 'me', tags: ['monitoring', 'mine'] })
  expect((await api.ask('/api/whoami?columns=name', { as })).body).toEqual({ name: 'me' })
  await api.close()
})
