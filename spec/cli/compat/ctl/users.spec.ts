// Users in rabbitmqctl's grammar: words, requests and exit codes.

import { hashOf, tagsOf } from '../../../../src/cli/compat/ctl/users.ts'
import { ctl } from '../../../support/ctl.ts'

const u1 = {
  name: 'u1',
  password_hash: 'abc',
  hashing_algorithm: 'rabbit_password_hashing_sha256',
  tags: ['monitoring'],
}
const there = { 'GET /api/users/u1': u1 }

describe('add_user', () => {
  it('adds one that is not there', async () => {
    expect(await ctl('add_user u1 pw')).toMatchObject({
      code: 0,
      stdout: `Adding user "u1" ...
Done. Don't forget to grant the user permissions to some virtual hosts! See 'rabbitmqctl help set_permissions' to learn more.
`,
      received: [['GET /api/users/u1'], ['PUT /api/users/u1', { password: 'pw', tags: '' }]],
    })
  })

  it('refuses one that is there with 70', async () => {
    expect(await ctl('add_user u1 pw', there)).toMatchObject({ code: 70, stderr: 'Error:\nUser "u1" already exists\n' })
  })

  it('reads the password from standard input, or fails with 65', async () => {
    const { received } = await ctl('add_user u1', {}, { input: 'secret\nmore\n' })
    expect(received.at(-1)).toEqual(['PUT /api/users/u1', { password: 'secret', tags: '' }])
    expect(await ctl('add_user u1')).toMatchObject({
      code: 65,
      stderr: 'Error:\nPassword is not provided via argument or stdin\n',
    })
  })

  it('takes a hash', async () => {
    const { received } = await ctl('add_user u1 h --pre-hashed-password')
    expect(received.at(-1)).toEqual(['PUT /api/users/u1', { password_hash: 'h', tags: '' }])
  })
})

describe('a change', () => {
  it('of the password keeps the tags', async () => {
    const { code, received } = await ctl('change_password u1 new', there)
    expect({ code, last: received.at(-1) }).toEqual({
      code: 0,
      last: ['PUT /api/users/u1', { password: 'new', tags: 'monitoring', password_hash: undefined }],
    })
  })

  it('of the tags keeps the password', async () => {
    const { stdout, received } = await ctl('set_user_tags u1 administrator monitoring', there)
    expect(stdout).toBe('Setting tags for user "u1" to [administrator, monitoring] ...\n')
    expect(received.at(-1)).toEqual([
      'PUT /api/users/u1',
      { password_hash: 'abc', hashing_algorithm: u1.hashing_algorithm, tags: 'administrator,monitoring' },
    ])
  })

  it('can clear the password', async () => {
    const { received } = await ctl('clear_password u1', there)
    expect(received.at(-1)?.[1]).toMatchObject({ password_hash: '', tags: 'monitoring' })
  })

  it.each(['change_password u2 x', 'set_user_tags u2 a', 'clear_password u2'])(
    'of one that is not there (%s) ends with 67',
    async (line) => {
      expect(await ctl(line)).toMatchObject({ code: 67, stderr: 'Error:\nUser "u2" does not exist\n' })
    },
  )

  it('can delete, and says when there was nobody', async () => {
    expect(await ctl('delete_user u1')).toMatchObject({ code: 0, stdout: 'Deleting user "u1" ...\n' })
    const nobody = { 'DELETE /api/users/u1': { status: 404, body: {} } }
    expect(await ctl('delete_user u1', nobody)).toMatchObject({ code: 67 })
  })
})

describe('authenticate_user', () => {
  const refusal = (reason: string) => ({
    'GET /api/whoami': { status: 401, body: { error: 'not_authorised', reason } },
  })

  it('succeeds for whoever is let in, or is known but may not use the API', async () => {
    const success = { code: 0, stdout: 'Authenticating user "u1" ...\nSuccess\n' }
    expect(await ctl('authenticate_user u1 pw', { 'GET /api/whoami': { name: 'u1' } })).toMatchObject(success)
    expect(await ctl('authenticate_user u1 pw', refusal('Not management user'))).toMatchObject(success)
  })

  it('fails with 65', async () => {
    expect(await ctl('authenticate_user u1 pw', refusal('Login failed'))).toMatchObject({
      code: 65,
      stderr: `Error:\nError: failed to authenticate user "u1"\nuser 'u1' - invalid credentials\n`,
    })
  })

  it('asks as that user', async () => {
    const { received } = await ctl('authenticate_user u1 pw', { 'GET /api/whoami': {} })
    expect(received[0]?.[1]).toEqual({ authorization: `Basic ${btoa('u1:pw')}` })
  })
})

describe('lists', () => {
  it('have tags whether the API lists or joins them', async () => {
    expect(tagsOf({ tags: 'a,b' })).toEqual(['a', 'b'])
    const users = [
      { name: 'u1', tags: ['administrator', 'monitoring'] },
      { name: 'u2', tags: '' },
    ]
    expect(await ctl('list_users', { 'GET /api/users': users })).toMatchObject({
      stdout: 'Listing users ...\nuser\ttags\nu1\t[administrator, monitoring]\nu2\t[]\n',
    })
  })

  it('hash a password as the documentation of RabbitMQ does', async () => {
    expect(hashOf('test12', Buffer.from('908DC60A', 'hex'))).toBe('kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR')
    expect(await ctl('-q hash_password test12')).toMatchObject({
      stdout: 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR\n',
    })
  })
})

describe('limits of users', () => {
  it('are set one by one, cleared one or all, and listed', async () => {
    const { received } = await ctl(['set_user_limits', 'u1', '{"max-channels":5}'])
    expect(received).toEqual([['PUT /api/user-limits/u1/max-channels', { value: 5 }]])
    expect((await ctl('clear_user_limits u1 all')).received).toHaveLength(2)
    const limits = { 'GET /api/user-limits': [{ user: 'u1', value: { 'max-channels': 5 } }] }
    expect(await ctl('list_user_limits --user u1', limits)).toMatchObject({
      stdout: 'Listing limits for user "u1" ...\n{"max-channels":5}\n',
    })
    expect((await ctl('-q list_user_limits', limits)).stdout).toBe('{}\n')
    expect((await ctl('-q list_user_limits --global', limits)).stdout).toBe('user\tlimits\nu1\t{"max-channels":5}\n')
  })
})
