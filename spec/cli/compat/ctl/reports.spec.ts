// What is told at length.

import { ctl } from '../../../support/ctl.ts'

const answers = {
  'GET /api/nodes/rabbit%40here/memory': {
    memory: {
      strategy: 'rss',
      total: { rss: 200_000_000, allocated: 90_000_000, erlang: 0 },
      queue_procs: 2000,
      heap_used: 50_000_000,
    },
  },
  'GET /api/nodes/rabbit%40here': { log_files: ['/var/log/a.log', '<stdout>'] },
  'GET /api/vhosts': [{ name: '/' }, { name: 'shop' }],
  'GET /api/queues/shop': [{ name: 'orders', messages: 3 }],
  'GET /api/users': [{ name: 'guest', tags: ['administrator'] }],
}

describe('memory_breakdown', () => {
  it('tells the largest part first, and its share', async () => {
    const { code, stdout } = await ctl('memory_breakdown', answers)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Reporting memory breakdown on node rabbit@here...
heap_used: 0.05 gb (25%)
queue_procs: 0 gb (0%)
`,
    })
  })

  it('has units, and a form for machines', async () => {
    expect((await ctl('-q memory_breakdown --unit bytes', answers)).stdout).toContain('queue_procs: 2000 bytes (0%)\n')
    expect(JSON.parse((await ctl('memory_breakdown --formatter json', answers)).stdout)).toEqual({
      heap_used: { bytes: 50_000_000, percentage: 25 },
      queue_procs: { bytes: 2000, percentage: 0 },
    })
    expect(await ctl('memory_breakdown --unit pounds', answers)).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("unit 'pounds' is not supported"),
    })
    expect(
      await ctl('memory_breakdown', { 'GET /api/nodes/rabbit%40here/memory': { memory: 'not_available' } }),
    ).toMatchObject({ code: 69, stderr: expect.stringContaining('does not tell where its memory goes') })
  })
})

it('the log has places', async () => {
  expect((await ctl('-q log_location', answers)).stdout).toBe('/var/log/a.log\n<stdout>\n')
})

describe('report', () => {
  it('has the broker, and what each vhost has', async () => {
    const { code, stdout } = await ctl('report', answers)
    expect(code).toBe(0)
    for (const text of [
      'Reporting server status of node rabbit@here ...\n',
      'Status of node rabbit@here ...\n',
      'Listing users ...\nuser\ttags\nguest\t[administrator]\n',
      'Listing queues for vhost shop ...\nname\tmessages\norders\t3\n',
    ]) {
      expect(stdout).toContain(text)
    }
  })

  it('tells what it could not be told, and goes on', async () => {
    const refusing = { ...answers, 'GET /api/connections': { status: 500, body: { reason: 'no' } } }
    const { code, stdout } = await ctl('report', refusing)
    expect(code).toBe(0)
    expect(stdout).toContain('Listing connections ...\nError: no\n')
    expect(stdout).toContain('orders\t3\n')
  })
})
