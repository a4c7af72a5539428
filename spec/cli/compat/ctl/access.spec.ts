// Permissions in rabbitmqctl's grammar.

import { ctl } from '../../../support/ctl.ts'

const there = { 'GET /api/vhosts/v': { name: 'v' }, 'GET /api/users/u': { name: 'u' } }

describe('permissions', () => {
  it('are set', async () => {
    const { code, stdout, received } = await ctl(['set_permissions', '-p', 'v', 'u', '.*', '', '^a'], there)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Setting permissions for user "u" in vhost "v" ...\n' })
    expect(received.at(-1)).toEqual(['PUT /api/permissions/v/u', { configure: '.*', write: '', read: '^a' }])
  })

  it('need the vhost (69) and the user (67)', async () => {
    expect(await ctl('set_permissions -p x u a b c', there)).toMatchObject({
      code: 69,
      stderr: 'Error:\nVirtual host x does not exist\n',
    })
    expect(await ctl('set_permissions -p v x a b c', there)).toMatchObject({
      code: 67,
      stderr: 'Error:\nUser x does not exist\n',
    })
  })

  it('are cleared', async () => {
    expect((await ctl('clear_permissions -p v u', there)).received.at(-1)).toEqual(['DELETE /api/permissions/v/u'])
  })

  it('that are not there are clear already', async () => {
    const none = { ...there, 'DELETE /api/permissions/v/u': { status: 404, body: {} } }
    expect(await ctl('clear_permissions -p v u', none)).toMatchObject({ code: 0 })
    const refused = { ...there, 'DELETE /api/permissions/v/u': { status: 401, body: {} } }
    expect(await ctl('clear_permissions -p v u', refused)).toMatchObject({ code: 69 })
  })

  it('are listed of a vhost and of a user', async () => {
    const row = { user: 'u', vhost: 'v', configure: '.*', write: '', read: '^a' }
    const answers = { 'GET /api/vhosts/v/permissions': [row], 'GET /api/users/u/permissions': [row] }
    expect((await ctl('-q list_permissions -p v', answers)).stdout).toBe('user\tconfigure\twrite\tread\nu\t.*\t\t^a\n')
    expect((await ctl('-q list_user_permissions u', answers)).stdout).toBe(
      'vhost\tconfigure\twrite\tread\nv\t.*\t\t^a\n',
    )
    expect(await ctl('list_user_permissions x', answers)).toMatchObject({ code: 67 })
  })
})

describe('topic permissions', () => {
  const rows = [
    { user: 'u', vhost: 'v', exchange: 'e1', write: 'a', read: 'b' },
    { user: 'u', vhost: 'v', exchange: 'e2', write: 'c', read: 'd' },
  ]
  const answers = {
    ...there,
    'GET /api/users/u/topic-permissions': rows,
    'GET /api/vhosts/v/topic-permissions': rows,
  }

  it('are set and listed', async () => {
    const { received } = await ctl('set_topic_permissions -p v u e1 a b', there)
    expect(received.at(-1)).toEqual(['PUT /api/topic-permissions/v/u', { exchange: 'e1', write: 'a', read: 'b' }])
    expect((await ctl('-s list_topic_permissions -p v', answers)).stdout).toBe('u\te1\ta\tb\nu\te2\tc\td\n')
    expect((await ctl('-s list_user_topic_permissions u', answers)).stdout).toBe('v\te1\ta\tb\nv\te2\tc\td\n')
  })

  it('of one exchange are cleared without those of the others', async () => {
    const { received } = await ctl('clear_topic_permissions -p v u e1', answers)
    expect(received.slice(-2)).toEqual([
      ['DELETE /api/topic-permissions/v/u'],
      ['PUT /api/topic-permissions/v/u', { exchange: 'e2', write: 'c', read: 'd' }],
    ])
    expect((await ctl('clear_topic_permissions -p v u', answers)).received.at(-1)?.[0]).toMatch(/^DELETE/)
  })
})
