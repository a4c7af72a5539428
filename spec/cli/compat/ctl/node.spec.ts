// Waiting for a broker, what has nothing to do, and what cannot be done.

import { CommandError } from '../../../../src/cli/command-error.ts'
import { ctl } from '../../../support/ctl.ts'

const gone = { 'GET /api/overview': new CommandError('nothing listens there', 69) }

describe('waiting', () => {
  it.each(['await_startup', 'await_online_nodes 1', 'wait --pid 1'])(
    '%s ends when the broker answers',
    async (line) => {
      expect(await ctl(line)).toMatchObject({ code: 0 })
    },
  )

  it.each(['await_startup -t 2', 'wait --pid 1 -t 2', 'wait missing.pid -t 2'])('%s gives up with 75', async (line) => {
    expect(await ctl(line, gone)).toMatchObject({ code: 75, stderr: expect.stringMatching(/timed out|no pid file/) })
  })

  it('wait reads the pid file, and refuses one without a pid', async () => {
    expect(await ctl('wait a.pid', {}, { files: { 'a.pid': '12\n' } })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Applications 'rabbit_and_plugins' are running on node 'rabbit@here'"),
    })
    expect(await ctl('wait a.pid', {}, { files: { 'a.pid': 'x' } })).toMatchObject({ code: 64 })
    expect(await ctl('await_online_nodes 3')).toMatchObject({ code: 65 })
  })
})

describe('what succeeds without doing anything', () => {
  it.each(['enable_feature_flag all', 'start_app', 'force_gc', 'rotate_logs', 'force_boot', 'rebalance all'])(
    '%s',
    async (line) => {
      expect(await ctl(line)).toMatchObject({ code: 0, received: [] })
      expect(await ctl(line, gone)).toMatchObject({ code: 69 })
    },
  )
})

describe('set_cluster_name', () => {
  it('sets it', async () => {
    expect((await ctl('set_cluster_name mine')).received).toEqual([['PUT /api/cluster-name', { name: 'mine' }]])
  })
})

describe('what cannot be done', () => {
  it.each([
    'stop',
    'shutdown',
    'stop_app',
    'reset',
    'join_cluster a',
    'eval x',
    'environment',
    'set_vm_memory_high_watermark 0.4',
  ])('%s says why', async (line) => {
    const { code, stderr } = await ctl(line)
    expect(code).toBe(69)
    expect(stderr).toMatch(/^Error:\n\w+ is not possible: .+\n$/)
  })
})
