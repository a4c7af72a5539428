// What is told of the broker as a whole.

import { ctl } from '../../../support/ctl.ts'

const answers = {
  'GET /api/overview': {
    node: 'rabbit@here',
    rabbitmq_version: '3.13.0',
    product_name: 'Leveret',
    product_version: '0.2.0',
    cluster_name: 'mine',
    object_totals: { connections: 1, queues: 2 },
    listeners: [{ port: 5672, protocol: 'amqp', ip_address: '::', node: 'rabbit@here' }],
  },
  'GET /api/nodes/rabbit%40here': {
    name: 'rabbit@here',
    os_pid: '42',
    uptime: 1500,
    mem_used: 132_200_000,
    mem_limit: 1_000_000_000,
    mem_alarm: true,
    fd_used: 7,
    fd_total: 1024,
    disk_free: 5_000_000_000,
    disk_free_limit: 50_000_000,
    db_dir: '/data',
    config_files: ['/etc/a.conf'],
    log_files: [],
  },
  'GET /api/vhosts': [{ name: '/' }],
  'GET /api/auth/attempts/rabbit%40here/source': [],
  'GET /api/auth/attempts/rabbit%40here': [
    { protocol: 'http', auth_attempts: 6, auth_attempts_failed: 0, auth_attempts_succeeded: 6 },
  ],
}

describe('status', () => {
  it('has the sections of RabbitMQ', async () => {
    const { code, stdout } = await ctl('status', answers)
    expect(code).toBe(0)
    for (const line of [
      'Status of node rabbit@here ...',
      '\u001b[1mRuntime\u001b[0m',
      'OS PID: 42',
      'Uptime (seconds): 1',
      'RabbitMQ version: 3.13.0',
      'Product: Leveret 0.2.0',
      'Node data directory: /data',
      ' * /etc/a.conf',
      'Memory alarm on node rabbit@here',
      'Total memory used: 0.1322 gb',
      'Total: 7, limit: 1024',
      'Free disk space: 5 gb',
      'Connection count: 1',
      'Queue count: 2',
      'Virtual host count: 1',
      'Interface: [::], port: 5672, protocol: amqp, purpose: AMQP 0-9-1',
    ]) {
      expect(stdout.split('\n')).toContain(line)
    }
  })

  it('is an object to machines', async () => {
    expect(JSON.parse((await ctl('status --formatter json', answers)).stdout)).toMatchObject({
      pid: 42,
      rabbitmq_version: '3.13.0',
      totals: { virtual_host_count: 1, connection_count: 1, queue_count: 2 },
      listeners: [{ interface: '[::]', port: 5672, protocol: 'amqp' }],
      alarms: ['Memory alarm on node rabbit@here'],
    })
  })
})

describe('listeners of a RabbitMQ', () => {
  it('take AMQP 1.0 too', async () => {
    const overview = { ...answers['GET /api/overview'], product_name: 'RabbitMQ' }
    const { stdout } = await ctl('-q listeners', { 'GET /api/overview': overview })
    expect(stdout).toContain('purpose: AMQP 0-9-1 and AMQP 1.0\n')
  })
})

describe('the rest', () => {
  it('tells the cluster of one', async () => {
    const { stdout } = await ctl('-q cluster_status', answers)
    expect(stdout).toContain('Cluster name: mine\n')
    expect(stdout).toContain('rabbit@here: RabbitMQ 3.13.0\n')
    expect(JSON.parse((await ctl('cluster_status --formatter json', answers)).stdout)).toMatchObject({
      running_nodes: ['rabbit@here'],
      partitions: {},
    })
  })

  it('tells listeners, versions and attempts to log in', async () => {
    expect((await ctl('-q listeners', answers)).stdout).toBe(
      'Interface: [::], port: 5672, protocol: amqp, purpose: AMQP 0-9-1\n',
    )
    expect(JSON.parse((await ctl('listeners --formatter json', answers)).stdout)).toMatchObject({ node: 'rabbit@here' })
    expect((await ctl('-q server_version', answers)).stdout).toBe('3.13.0\n')
    expect((await ctl('-s list_node_auth_attempt_stats', answers)).stdout).toBe('http\t6\t0\t6\n')
    expect(await ctl('-s list_node_auth_attempt_stats --by-source', answers)).toMatchObject({ code: 0, stdout: '' })
  })
})
