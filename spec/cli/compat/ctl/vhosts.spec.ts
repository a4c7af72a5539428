// Virtual hosts in rabbitmqctl's grammar.

import { ctl } from '../../../support/ctl.ts'

const v = { name: 'v', description: 'mine', tags: ['a', 'b'], tracing: false, default_queue_type: 'quorum' }
const there = { 'GET /api/vhosts/v': v }

describe('virtual hosts', () => {
  it('are added with what describes them', async () => {
    const { stdout, received } = await ctl(['add_vhost', 'v', '--description', 'x y', '--tags', 'a,b'])
    expect(stdout).toBe('Adding vhost "v" ...\n')
    expect(received).toEqual([['PUT /api/vhosts/v', { description: 'x y', tags: 'a,b' }]])
  })

  it('are deleted; one that is not there is 65', async () => {
    expect(await ctl('delete_vhost v')).toMatchObject({ code: 0 })
    expect(await ctl('delete_vhost v', { 'DELETE /api/vhosts/v': { status: 404, body: {} } })).toMatchObject({
      code: 65,
      stderr: expect.stringContaining("Virtual host 'v' does not exist"),
    })
  })

  it('are listed', async () => {
    const { stdout } = await ctl('list_vhosts name tracing description tags', { 'GET /api/vhosts': [v] })
    expect(stdout).toBe('Listing vhosts ...\nname\ttracing\tdescription\ttags\nv\tfalse\tmine\t[a, b]\n')
  })

  it('keep what describes them when something else changes', async () => {
    const kept = { description: 'mine', tags: 'a,b', default_queue_type: 'quorum' }
    expect((await ctl('trace_on -p v', there)).received.at(-1)).toEqual([
      'PUT /api/vhosts/v',
      { ...kept, tracing: true },
    ])
    expect((await ctl('set_vhost_tags v c', there)).received.at(-1)).toEqual([
      'PUT /api/vhosts/v',
      { ...kept, tags: 'c' },
    ])
    expect((await ctl('update_vhost_metadata v --description new', there)).received.at(-1)).toEqual([
      'PUT /api/vhosts/v',
      { ...kept, description: 'new' },
    ])
  })

  it('are traced', async () => {
    expect((await ctl('trace_off -p v', there)).stdout).toBe(
      'Stopping tracing for vhost "v" ...\nTrace disabled for vhost v\n',
    )
  })

  it('run already', async () => {
    expect((await ctl('-q restart_vhost -p v', there)).stdout).toBe("Virtual host 'v' is already running\n")
  })
})

describe('limits of virtual hosts', () => {
  const limits = [{ vhost: 'v', value: { 'max-queues': 5 } }]

  it('are set, listed and cleared', async () => {
    expect((await ctl(['set_vhost_limits', '-p', 'v', '{"max-queues":5}'])).received).toEqual([
      ['PUT /api/vhost-limits/v/max-queues', { value: 5 }],
    ])
    const answers = { 'GET /api/vhost-limits/v': limits, 'GET /api/vhost-limits': limits }
    expect((await ctl('list_vhost_limits -p v', answers)).stdout).toBe(
      'Listing limits for vhost "v" ...\n{"max-queues":5}\n',
    )
    expect((await ctl('-q list_vhost_limits --global', answers)).stdout).toBe('vhost\tlimits\nv\t{"max-queues":5}\n')
    expect((await ctl('clear_vhost_limits -p v', answers)).received.at(-1)).toEqual([
      'DELETE /api/vhost-limits/v/max-queues',
    ])
  })

  it('are an empty line where there are none', async () => {
    expect((await ctl('-q list_vhost_limits', { 'GET /api/vhost-limits/%2F': [] })).stdout).toBe('\n')
  })
})
