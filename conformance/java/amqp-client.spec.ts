/** RabbitMQ's own Java client, Debian's build of it; Java compiles the one file as it starts. */
import { clientPath, describeClient, expectOutput } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { runProgram } from '../support/program.ts'

jest.setTimeout(120_000)

const classpath = ['amqp-client', 'slf4j-api'].map((name) => `/usr/share/java/${name}.jar`).join(':')

describeClient('java', 'amqp-client for Java', () => {
  let leveret: Leveret

  beforeAll(async () => {
    leveret = await startLeveret()
  })
  afterAll(() => leveret?.stop())

  it('publishes with confirms, consumes with acks and a nack, sees deaths and refusals', async () => {
    const args = ['-cp', classpath, clientPath('java', 'Confirms.java'), leveret.url]
    expectOutput(await runProgram({ command: 'java', args, limitMs: 100_000 }), [
      'confirmed: true',
      'returned: 312 NO_ROUTE',
      'all received: true',
      'different: 500',
      'dead: expired 1',
      'left: 0',
      `refused: NOT_FOUND - no queue 'no.such.queue' in vhost '/'`,
    ])
  })
})
