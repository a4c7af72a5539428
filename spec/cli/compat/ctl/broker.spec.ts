// The HTTP API as the compatible commands see it.

import { Broker } from '../../../../src/cli/compat/ctl/broker.ts'
import { CtlError } from '../../../../src/cli/compat/ctl/ctl-error.ts'
import { FakeApi } from '../../../support/ctl.ts'

const broker = (answers: ConstructorParameters<typeof FakeApi>[0]) => new Broker(new FakeApi(answers), 'rabbit@assumed')

describe('a broker', () => {
  it('lists, gets and finds', async () => {
    const asked = broker({ 'GET /api/users': [{ name: 'a' }], 'GET /api/users/a': { name: 'a' } })
    expect(await asked.list(['users'])).toEqual([{ name: 'a' }])
    expect(await asked.get(['users', 'a'])).toEqual({ name: 'a' })
    expect(await asked.find(['users', 'b'])).toBeUndefined()
  })

  it('says a refusal in the words that it is given, else in those of the API', async () => {
    const asked = broker({ 'PUT /api/a': { status: 400, body: { error: 'bad_request', reason: 'too big' } } })
    await expect(asked.request('PUT', ['a'], {}, { 400: new CtlError('told', 67) })).rejects.toMatchObject({
      message: 'told',
      exitCode: 67,
    })
    await expect(asked.request('PUT', ['a'], {})).rejects.toMatchObject({ message: 'too big', exitCode: 69 })
    await expect(asked.get(['nosuch'])).rejects.toMatchObject({ message: 'not_found', exitCode: 69 })
  })

  it('says how somebody else can ask', async () => {
    const asked = broker({
      'GET /api/users': { status: 401, body: { error: 'not_authorised', reason: 'Login failed' } },
    })
    await expect(asked.list(['users'])).rejects.toThrow(/Login failed.*LEVERET_USER/)
  })

  it('has the name of its node, or the one that was assumed', async () => {
    expect(await broker({}).node()).toBe('rabbit@here')
    expect(await broker({ 'GET /api/overview': { status: 401, body: {} } }).node()).toBe('rabbit@assumed')
  })
})
