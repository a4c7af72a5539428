/** Heartbeats of 2 s with pika and amqplib: silence does not end a connection, and a dead client's does end. */

import { openChannel, openInbox, publishAll, uniqueName } from '../amqplib/support.ts'
import { clientPath, describeClient, expectOutput, runPython, startPython } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

describeClient('pika', 'a heartbeat of 2 s', () => {
  let leveret: Leveret
  let silence: Promise<void>

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true })
    silence = keepSilent(leveret.url)
    silence.catch(() => undefined)
  })
  afterAll(() => leveret?.stop())

  it('ends the connection of a client that is frozen, and requeues what it held', async () => {
    const queue = uniqueName('held')
    const { channel, close } = await openChannel(leveret.url)
    await channel.assertQueue(queue)
    await publishAll(channel, queue, ['precious'])
    const frozen = startPython('pika', [clientPath('pika', 'hold_one.py'), leveret.url, queue])
    await frozen.line('holding precious')
    const inbox = await openInbox(channel, queue)
    frozen.signal('SIGSTOP')
    const startedMs = performance.now()
    const message = await inbox.next()
    const silentMs = performance.now() - startedMs
    expect([message.content.toString(), message.fields.redelivered]).toEqual(['precious', true])
    // Two intervals at the least, less the time since the last heartbeat; three at the most, and a busy machine.
    expect(silentMs).toBeGreaterThan(2_500)
    expect(silentMs).toBeLessThan(9_000)
    channel.ack(message)
    frozen.signal('SIGCONT')
    expectOutput(await frozen.ended, ['holding precious', 'cut off'])
    await channel.deleteQueue(queue)
    await close()
  })

  // Last, as the 7 s go by beside the other test.
  it('keeps a connection alive through 7 s in which neither side has anything to say', () => silence)
})

/** Lets pika and amqplib wait for 7 s: amqplib gives up after 4 s without a byte, pika is more patient. */
async function keepSilent(url: string): Promise<void> {
  const { connection, channel, close } = await openChannel(`${url}?heartbeat=2`)
  const lost = new Promise<never>((_, reject) => connection.once('error', reject))
  const { queue } = await channel.assertQueue('', { exclusive: true })
  expectOutput(await Promise.race([runPython('pika', 'heartbeat.py', url), lost]), ['silent for 7 s: True', 'alive'])
  await publishAll(channel, queue, ['alive'])
  expect((await channel.checkQueue(queue)).messageCount).toBe(1)
  await close()
}
