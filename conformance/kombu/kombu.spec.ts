/** kombu, the client under Celery, on its own. */
import { describeClient, expectOutput, runPython } from '../clients/clients.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

describeClient('kombu', 'kombu', () => {
  let leveret: Leveret

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true })
  })
  afterAll(() => leveret?.stop())

  it('publishes with confirms, consumes, requeues, and uses a simple queue', async () => {
    expectOutput(await runPython('kombu', 'round_trip.py', leveret.url), [
      'seen: 0 1 2 3* 4 5 6 7 8 9',
      'audited: 11',
      "simple: {'number': 0}",
      "simple: {'number': 1}",
      "simple: {'number': 2}",
      'simple: empty',
      'deleted: 0',
      'connected: False',
    ])
  })
})
