/** pika programs that run to their end: what they print is what RabbitMQ makes them print. */
import { describeClient, expectOutput, runPython } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

describeClient('pika', 'pika', () => {
  let leveret: Leveret

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true })
  })
  afterAll(() => leveret?.stop())

  const run = (file: string) => runPython('pika', file, leveret.url)

  it('raises UnroutableError for a mandatory message that no queue wants, and confirms the others', async () => {
    expectOutput(await run('confirm_mandatory.py'), [
      'routable: confirmed',
      "unroutable: 312 NO_ROUTE amq.direct no.such.key b'unroutable'",
      'not mandatory: confirmed',
      "queue: b'routable'",
    ])
  })

  it('gets messages one by one, and gets requeued ones again in their old places', async () => {
    expectOutput(await run('get_and_nack.py'), [
      'a tag=1 redelivered=False left=4',
      'b tag=2 redelivered=False left=3',
      'c tag=3 redelivered=False left=2',
      'b tag=4 redelivered=True left=2',
      'a tag=5 redelivered=True left=3',
      'c tag=6 redelivered=True left=2',
      'd tag=7 redelivered=False left=1',
      'e tag=8 redelivered=False left=0',
      'empty',
      'empty',
    ])
  })

  it('carries a body of 5 MB unharmed', async () => {
    expectOutput(await run('large_body.py'), ['consumed 5000000 bytes, same=True', 'got 5000000 bytes, same=True'])
  })

  it('interleaves two channels of one connection', async () => {
    expectOutput(await run('two_channels.py'), [
      'first: 10 in order=True',
      'second: 10 in order=True',
      'second open after the first closed: True',
      'messages left: 0',
    ])
  })

  it('publishes and consumes through a SelectConnection', async () => {
    expectOutput(await run('select_connection.py'), [
      'received 100, in order=True',
      'cancelled',
      'closed: 200 Normal shutdown',
    ])
  })

  it("is refused with RabbitMQ's codes and texts", async () => {
    expectOutput(await run('refusals.py'), [
      "404 NOT_FOUND - no queue 'no such queue' in vhost '/'",
      "406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'amq.direct' in vhost '/': " +
        "received 'fanout' but current is 'direct'",
      '406 PRECONDITION_FAILED - unknown delivery tag 7',
      'connection open: True',
      "ConnectionClosedByBroker: (530) 'NOT_ALLOWED - vhost nowhere not found'",
      "ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. " +
        "For details see the broker logfile.'",
    ])
  })
})
