// Health checks in the grammar of rabbitmq-diagnostics.

import { CommandError } from '../../../../src/cli/command-error.ts'
import { type Answers, ctl, type Surroundings } from '../../../support/ctl.ts'

const overview = {
  node: 'rabbit@here',
  listeners: [
    { port: 15672, protocol: 'http', ip_address: '::', node: 'rabbit@here' },
    { port: 5672, protocol: 'amqp', ip_address: '127.0.0.1', node: 'rabbit@here' },
  ],
}
const well = {
  'GET /api/overview': overview,
  'GET /api/health/checks/alarms': { status: 200, body: { status: 'ok' } },
  'GET /api/health/checks/local-alarms': { status: 200, body: { status: 'ok' } },
  'GET /api/health/checks/virtual-hosts': { status: 200, body: { status: 'ok' } },
  'GET /api/health/checks/certificate-expiration/1/months': { status: 200, body: { status: 'ok' } },
}
const run = (line: string, answers: Answers = well, more: Surroundings = {}) =>
  ctl(line, answers, { tool: 'rabbitmq-diagnostics', ...more })

describe('checks of a broker that is well', () => {
  it.each([
    ['-q ping', 'Ping succeeded'],
    ['-q check_running', 'RabbitMQ on node rabbit@here is fully booted and running'],
    ['-q is_running', 'RabbitMQ on node rabbit@here is fully booted and running'],
    [
      'check_running',
      'Checking if RabbitMQ is running on node rabbit@here ...\nRabbitMQ on node rabbit@here is fully booted and running',
    ],
    ['-q check_local_alarms', 'Node rabbit@here reported no local alarms'],
    ['-q check_alarms', 'Node rabbit@here reported no alarms, local or clusterwide'],
    ['-q alarms', 'Node rabbit@here reported no alarms, local or clusterwide'],
    ['-q check_port_connectivity', 'Successfully connected to ports 5672, 15672 on node rabbit@here.'],
    ['-q check_port_listener 5672', 'A listener for port 5672 is running on node rabbit@here.'],
    ['-q check_protocol_listener amqp', 'A listener for protocol amqp is running on node rabbit@here.'],
    ['-q check_protocol_listener AMQP091', 'A listener for protocol AMQP091 is running on node rabbit@here.'],
    ['-q check_virtual_hosts', 'Node rabbit@here reported all vhosts as running'],
    ['-q check_certificate_expiration --within 1 --unit months', 'No certificates are expiring within 1 month.'],
    ['-q node_health_check', 'Health check passed'],
    [
      '-q check_if_node_is_quorum_critical',
      'Node rabbit@here seems to be the only one in a single node cluster, the check does not apply',
    ],
    [
      '-q is_booting',
      'RabbitMQ on node rabbit@here is fully booted (check with is_running), stopped or has not started booting yet',
    ],
  ])('%s', async (line, text) => {
    expect(await run(line)).toMatchObject({ code: 0, stdout: `${text}\n`, stderr: '' })
  })

  it('answer machines in JSON', async () => {
    expect(JSON.parse((await run('ping --formatter json')).stdout)).toEqual({ message: 'Ping succeeded', result: 'ok' })
  })
})

describe('checks that fail', () => {
  const alarmed = {
    ...well,
    'GET /api/health/checks/alarms': {
      status: 503,
      body: { status: 'failed', reason: 'There are alarms in effect', alarms: [{ resource: 'memory' }] },
    },
  }

  it.each([
    ['check_alarms', 69, 'Error:\nNode rabbit@here: There are alarms in effect: [{"resource":"memory"}]\n'],
    ['node_health_check', 69, 'Error:\nThere are alarms in effect\n'],
    [
      'check_port_listener 1',
      69,
      'Error:\nNo listener for port 1 is active on node rabbit@here. Found listeners that use the following ports: 5672, 15672\n',
    ],
    [
      'check_protocol_listener mqtt',
      69,
      'Error:\nNo listener for protocol mqtt is active on node rabbit@here. Found listeners for the following protocols: amqp, http\n',
    ],
  ])('%s ends with %d', async (line, code, stderr) => {
    expect(await run(line, alarmed)).toMatchObject({ code, stderr })
  })

  it.each([
    ['check_port_listener x', 'Port is out of range: got "x"'],
    ['check_certificate_expiration --within soon', '--within: got "soon"'],
    ['check_certificate_expiration --unit eons', 'unit "eons" is not supported'],
  ])('%s is a misuse', async (line, text) => {
    const { code, stderr } = await run(line)
    expect(code).toBeGreaterThanOrEqual(64)
    expect(stderr).toContain(text)
  })

  it('name the ports that nothing answers at', async () => {
    expect(await run('-q check_port_connectivity', well, { closed: [5672] })).toMatchObject({
      code: 69,
      stderr: 'Error:\nConnection to ports of the following listeners on node rabbit@here failed: 5672\n',
    })
  })

  it('list alarms without failing when they are only asked for', async () => {
    expect(await run('-q alarms', alarmed)).toMatchObject({ code: 0, stdout: expect.stringContaining('memory') })
  })

  it('end with 69 when nothing answers', async () => {
    const gone = { 'GET /api/overview': new CommandError('nothing listens there', 69) }
    expect(await run('-q ping', gone)).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('nothing listens there'),
    })
  })

  it('let a ping succeed where the user is not known, since somebody answers', async () => {
    expect(await run('-q ping', { 'GET /api/overview': { status: 401, body: {} } })).toMatchObject({ code: 0 })
  })
})
