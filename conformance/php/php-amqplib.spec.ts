/** php-amqplib: confirms, returns, acks. */
import { clientPath, describeClient, expectOutput } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { runProgram } from '../support/program.ts'

describeClient('php', 'php-amqplib', () => {
  let leveret: Leveret

  beforeAll(async () => {
    leveret = await startLeveret()
  })
  afterAll(() => leveret?.stop())

  it('publishes with confirms, gets an unroutable message back, and consumes with acks and a nack', async () => {
    const { hostname, port } = new URL(leveret.url)
    const ending = await runProgram({ command: 'php', args: [clientPath('php', 'confirms.php'), hostname, port] })
    expectOutput(ending, ['confirmed: 301', 'returned: 312 NO_ROUTE', 'received: 300', 'left: 0', 'refused: 404'])
  })
})
