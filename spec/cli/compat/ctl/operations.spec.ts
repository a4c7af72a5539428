// What rabbitmqctl does to queues, connections and definitions.

import { ctl } from '../../../support/ctl.ts'

describe('queues', () => {
  it('are purged', async () => {
    expect(await ctl('purge_queue q')).toMatchObject({
      code: 0,
      stdout: "Purging queue 'q' in vhost '/' ...\n",
      received: [['DELETE /api/queues/%2F/q/contents']],
    })
    expect(
      await ctl('purge_queue q', { 'DELETE /api/queues/%2F/q/contents': { status: 404, body: {} } }),
    ).toMatchObject({
      code: 69,
      stderr: 'Error:\nnot_found\n',
    })
  })

  it('are deleted, and count what they had', async () => {
    const { code, stdout, received } = await ctl('delete_queue q -e -u', {
      'GET /api/queues/%2F/q': { messages_ready: 2 },
    })
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        "Deleting queue 'q' on vhost '/' if queue is empty and if queue is unused ...\nQueue was successfully deleted with 2 ready messages\n",
    })
    expect(received.at(-1)).toEqual(['DELETE /api/queues/%2F/q?if-empty=true&if-unused=true'])
    expect(await ctl('delete_queue q')).toMatchObject({ code: 64, stderr: 'Error:\nQueue not found\n' })
  })
})

describe('connections', () => {
  const answers = {
    'GET /api/connections': [
      { name: 'a', vhost: '/', user: 'u' },
      { name: 'b', vhost: 'v', user: 'w' },
      { name: 'c', vhost: '/', user: 'w' },
    ],
  }

  it('are closed with a reason', async () => {
    const { stdout, received } = await ctl('close_connection a why')
    expect(stdout).toBe('Closing connection a, reason: why...\n')
    expect(received).toEqual([['DELETE /api/connections/a', { 'x-reason': 'why' }]])
    expect(
      await ctl('close_connection a why', { 'DELETE /api/connections/a': { status: 404, body: {} } }),
    ).toMatchObject({
      code: 0,
    })
    expect(
      await ctl('close_connection a why', { 'DELETE /api/connections/a': { status: 401, body: {} } }),
    ).toMatchObject({
      code: 69,
    })
  })

  it.each([
    ['close_all_connections why', 2],
    ['close_all_connections why -p v', 1],
    ['close_all_connections why --global', 3],
    ['close_all_connections why --global --limit 1 --per-connection-delay 10', 1],
    ['close_all_user_connections w why', 2],
  ])('%s closes %d', async (line, count) => {
    const { stdout } = await ctl(line, answers)
    expect(stdout).toContain(`Closed ${count} connections\n`)
  })
})

describe('definitions', () => {
  const definitions = { queues: [] }

  it('are exported to a file or to standard output', async () => {
    const answers = { 'GET /api/definitions': definitions }
    expect(await ctl('export_definitions d.json', answers)).toMatchObject({
      stdout: 'Exporting definitions in JSON to a file at "d.json" ...\n',
      written: { 'd.json': '{"queues":[]}' },
    })
    expect((await ctl('export_definitions -', answers)).stdout).toBe('{"queues":[]}\n')
    expect(await ctl('export_definitions x --format erlang', answers)).toMatchObject({ code: 64 })
  })

  it('are imported from a file or from standard input', async () => {
    const files = { 'd.json': '{"queues":[]}' }
    expect((await ctl('import_definitions d.json', {}, { files })).received).toEqual([
      ['POST /api/definitions', definitions],
    ])
    expect((await ctl('import_definitions -', {}, { input: '{"queues":[]}' })).received).toHaveLength(1)
    expect(await ctl('import_definitions nosuch.json')).toMatchObject({
      code: 65,
      stdout: '',
      stderr: expect.stringContaining('Bad argument: File nosuch.json does not exist'),
    })
    expect(await ctl('import_definitions -', {}, { input: '{' })).toMatchObject({ code: 69 })
  })
})

describe('feature flags', () => {
  it('are listed', async () => {
    const answers = { 'GET /api/feature-flags': [{ name: 'quorum_queue', state: 'enabled', desc: 'x' }] }
    expect((await ctl('-q list_feature_flags', answers)).stdout).toBe('name\tstate\nquorum_queue\tenabled\n')
    expect((await ctl('-s list_feature_flags desc', answers)).stdout).toBe('x\n')
  })
})
