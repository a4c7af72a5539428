// Attempts over HTTP are counted for each broker alone.

import { attemptsOf } from '../../src/management/attempts.ts'
import { Api } from '../support/api.ts'

it('counts who was let in and who was not', async () => {
  const [api, other] = [await Api.create(), await Api.create()]
  await api.ask('/api/whoami')
  await api.ask('/api/whoami', { as: 'guest:wrong' })
  await api.ask('/api/whoami', { as: 'nobody:x' })
  // Who sends no name has not tried; what asks for none is not counted.
  await api.ask('/api/whoami', { as: null })
  await api.ask('/api/auth', { as: null })
  expect(attemptsOf(api.context)).toEqual({ succeeded: 1, failed: 2 })
  expect(attemptsOf(other.context)).toEqual({ succeeded: 0, failed: 0 })
})
