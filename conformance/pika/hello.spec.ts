/**
 * The two programs that everyone starts with, unchanged: producer first, consumer second. They name no port, so that
 * this spec needs 5672, and is the only one that does.
 */
import { clientPath, describeClient, expectOutput, runPython, startPython } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

describeClient('pika', 'the hello world of pika on port 5672', () => {
  let leveret: Leveret

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true, port: 5672 })
  })
  afterAll(() => leveret?.stop())

  it('the producer sends, and the consumer that starts afterwards receives until CTRL+C', async () => {
    expectOutput(await runPython('pika', 'producer.py'), [" [x] Sent 'Hello World!'"])
    const consumer = startPython('pika', [clientPath('pika', 'consumer.py')])
    await consumer.line('Received')
    consumer.signal('SIGINT')
    const { stdout, stderr } = await consumer.ended
    expect(stdout).toBe(" [*] Waiting for messages. To exit press CTRL+C\n [x] Received b'Hello World!'\n")
    expect(stderr).toMatch(/KeyboardInterrupt\s*$/)
  })
})
