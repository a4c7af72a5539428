// The same scenarios against our broker and a live RabbitMQ, row by row. CONFORMANCE_REPORT=rows prints every row
// (npm run conformance:diff does). Skipped where rabbitmq-server is not installed.

import { startLeveret } from '../support/leveret.ts'
import { findRabbitmq, startRabbitmq } from '../support/rabbitmq.ts'
import { playAll } from './ensemble.ts'
import { type Outcome, play, type Target } from './play.ts'
import { compare, reportText } from './report.ts'
import { shutdown } from './rows/s2-shutdown.ts'
import { scenarios } from './scenarios.ts'

jest.setTimeout(300_000)

type Broker = { readonly host: string; readonly port: number; stop(): Promise<unknown> }

/** The outcomes of every scenario, the broker's shutdown last. */
async function outcomes(broker: Broker, flavour: Target['flavour']): Promise<readonly Outcome[]> {
  const target: Target = { host: broker.host, port: broker.port, flavour }
  const ensemble = playAll(scenarios, target)
  const played = await Promise.all(scenarios.map((each) => ensemble.outcomes.get(each)))
  await ensemble.done
  const last = await play(shutdown, { ...target, stop: async () => void (await broker.stop()) }, 'last_')
  return [...played.flatMap((each) => each ?? []), last]
}

const comparing = findRabbitmq() === undefined ? describe.skip : describe
comparing('the broker beside a live RabbitMQ', () => {
  it('differs from it only as is written down', async () => {
    const rabbitmq = await startRabbitmq()
    if (rabbitmq === undefined) throw new Error('rabbitmq-server is not installed')
    try {
      const leveret = await startLeveret()
      try {
        const [ours, theirs] = await Promise.all([outcomes(leveret, 'ours'), outcomes(rabbitmq, '3.10')])
        const rows = ours.flatMap((each, at) => {
          const other = theirs[at]
          return other === undefined ? [] : [compare(each, other)]
        })
        const report = reportText(rows, process.env['CONFORMANCE_REPORT'] === 'rows')
        process.stdout.write(`\nRabbitMQ ${rabbitmq.version} beside us\n${report}`)
        expect(rows).toHaveLength(scenarios.length + 1)
        expect(
          rows.filter(({ verdict }) => verdict === 'UNEXPLAINED').map(({ outcome }) => outcome.scenario.name),
        ).toEqual([])
      } finally {
        await leveret.stop()
      }
    } finally {
      await rabbitmq.stop()
    }
  })
})
