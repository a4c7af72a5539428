// The checks of Debian's nagios-plugins-rabbitmq against our HTTP API: what monitoring asks RabbitMQ is answered here, and
// answered well.

import { execFile } from 'node:child_process'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { describeClient } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

jest.setTimeout(120_000)

describeClient('nagios', 'the checks of nagios', () => {
  let leveret: Leveret
  let connection: ChannelModel
  let channel: Channel

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true, http: true })
    connection = await connect(leveret.url)
    channel = await connection.createChannel()
    await channel.assertQueue('checked')
    channel.sendToQueue('checked', Buffer.from('x'))
    await channel.checkQueue('checked')
  })
  afterAll(async () => {
    await connection?.close()
    await leveret?.stop()
  })

  function run(check: string, ...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
    const { hostname, port } = new URL(leveret.httpUrl)
    const whole = ['-H', hostname, '--port', port, '-u', 'guest', '-p', 'guest', ...args]
    return new Promise((resolve) => {
      execFile(`check_rabbitmq_${check}`, whole, { timeout: 30_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` })
      })
    })
  }

  it.each([
    ['aliveness', [], /^RABBITMQ_ALIVENESS OK/],
    ['overview', [], /^RABBITMQ_OVERVIEW OK .*messages=1;/],
    ['objects', [], /^RABBITMQ_OBJECTS OK .*queue=1;;/],
    ['connections', [], /^RABBITMQ_CONNECTIONS OK/],
    ['queue', ['--queue', 'checked'], /^RABBITMQ_QUEUE OK .*messages=1;/],
  ] as const)('%s is fine', async (check, args, output) => {
    const outcome = await run(check, ...args)
    expect(outcome.output).toMatch(output)
    expect(outcome.code).toBe(0)
  })

  // They take it that a node is called rabbit@ and a host.
  it('those that ask for a node are told of this one', async () => {
    const answer = await fetch(`${leveret.httpUrl}/api/overview`, {
      headers: { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` },
    })
    const { node } = (await answer.json()) as { readonly node: string }
    for (const check of ['server', 'watermark', 'partition']) {
      const { code, output } = await run(check, '-n', node.replace(/^rabbit@/, ''))
      expect([check, output, code]).toEqual([check, expect.stringContaining('OK'), 0])
    }
  })
})
