/** Heartbeats of 2 s with pika and amqplib: silence does not end a connection, and a dead client's does end. */

import { openChannel, openInbox, publishAll, uniqueName } from '../amqplib/support.ts'
import { clientPath, describeClient, expectOutput, runPython, startPython } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

jest.setTimeout(60_000)

describeClient('pika', 'a heartbeat of 2 s', () => {
  let leveret: Leveret

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true })
  })
  afterAll(() => leveret?.stop())

  test('keeps a connection alive through 7 s in which neither side has anything to say', async () => {
    // amqplib gives up after 4 s without a byte from the broker; pika is more patient.
    const patient = await openChannel(`${leveret.url}?heartbeat=2`)
    const lost = new Promise<never>((_, reject) => patient.connection.once('error', reject))
    const { queue } = await patient.channel.assertQueue('', { exclusive: true })
    const ending = await Promise.race([runPython('pika', 'heartbeat.py', leveret.url), lost])
    expectOutput(ending, ['silent for 7 s: True', 'alive'])
    await publishAll(patient.channel, queue, ['alive'])
    expect((await patient.channel.checkQueue(queue)).messageCount).toBe(1)
    await patient.close()
  })

  test('ends the connection of a client that is frozen after 2 to 3 intervals, and requeues what it held', async () => {
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
    // The last heartbeat may have come up to 1 s before the signal.
    expect(silentMs).toBeGreaterThan(2_500)
    expect(silentMs).toBeLessThan(9_000)
    channel.ack(message)
    frozen.signal('SIGCONT')
    expectOutput(await frozen.ended, ['holding precious', 'cut off'])
    await channel.deleteQueue(queue)
    await close()
  })
})
