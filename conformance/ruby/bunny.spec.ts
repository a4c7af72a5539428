/** Bunny, the Ruby client: confirms and acks. */
import { clientPath, describeClient, expectOutput } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { runProgram } from '../support/program.ts'

describeClient('ruby', 'Bunny', () => {
  let leveret: Leveret

  beforeAll(async () => {
    leveret = await startLeveret()
  })
  afterAll(() => leveret?.stop())

  it('publishes with confirms and consumes with acks', async () => {
    const ending = await runProgram({ command: 'ruby', args: [clientPath('ruby', 'confirms.rb'), leveret.url] })
    expectOutput(ending, ['confirmed: true', 'ready: 300', 'in order: true', 'left: 0'])
  })
})
