// The same scenarios against our broker and a live RabbitMQ, row by row. CONFORMANCE_REPORT=rows prints every row
// (npm run conformance:diff does). Skipped where rabbitmq-server is not installed.

import { type Administer, impossibleDiskBytes, startAdministered } from '../support/administration.ts'
import { findRabbitmq, startRabbitmq } from '../support/rabbitmq.ts'
import { playAll } from './ensemble.ts'
import { type Outcome, play, type Target } from './play.ts'
import { compare, reportText } from './report.ts'
import { alarms } from './rows/s2-alarms.ts'
import { shutdown } from './rows/s2-shutdown.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'

jest.setTimeout(300_000)

type Broker = {
  readonly host: string
  readonly port: number
  readonly administer: Administer
  stop(): Promise<unknown>
}

/** The outcomes of every scenario that this broker can be asked, the broker's shutdown last. */
async function outcomes(broker: Broker, flavour: Target['flavour']): Promise<ReadonlyMap<Scenario, Outcome>> {
  const { host, port, administer } = broker
  const target: Target = { host, port, administer, flavour }
  const asked = scenarios.filter((each) => flavour === 'ours' || each.lacking310 === undefined)
  const ensemble = playAll(asked, target)
  const played = new Map<Scenario, Outcome>()
  for (const [each, outcome] of ensemble.outcomes) played.set(each, await outcome)
  await ensemble.done
  const stop = async () => void (await broker.stop())
  return played.set(shutdown, await play(shutdown, { ...target, stop }, 'last_'))
}

/** The scenarios of an alarm, on a broker that has one. */
async function alarmed(broker: Broker, flavour: Target['flavour']): Promise<ReadonlyMap<Scenario, Outcome>> {
  const { host, port } = broker
  const ensemble = playAll(alarms, { host, port, flavour })
  const played = new Map<Scenario, Outcome>()
  for (const [each, outcome] of ensemble.outcomes) played.set(each, await outcome)
  await ensemble.done
  await broker.stop()
  return played
}

/** Ours and RabbitMQ, both short of disk from the start. */
async function bothAlarmed(): Promise<readonly ReadonlyMap<Scenario, Outcome>[]> {
  const config = [`disk_free_limit.absolute = ${impossibleDiskBytes}`]
  const rabbitmq = await startRabbitmq({ config })
  if (rabbitmq === undefined) throw new Error('rabbitmq-server is not installed')
  try {
    const leveret = await startAdministered({ settings: { diskFreeLimit: impossibleDiskBytes } })
    return await Promise.all([alarmed(leveret, 'ours'), alarmed(rabbitmq, '3.10')])
  } finally {
    await rabbitmq.stop()
  }
}

const comparing = findRabbitmq() === undefined ? describe.skip : describe
comparing('the broker beside a live RabbitMQ', () => {
  it('differs from it only as is written down', async () => {
    const rabbitmq = await startRabbitmq()
    if (rabbitmq === undefined) throw new Error('rabbitmq-server is not installed')
    try {
      const leveret = await startAdministered()
      try {
        const [ours, theirs] = await Promise.all([outcomes(leveret, 'ours'), outcomes(rabbitmq, '3.10')])
        const [oursAlarmed, theirsAlarmed] = await bothAlarmed()
        const rows = [...scenarios, shutdown, ...alarms].flatMap((each) => {
          const outcome = ours.get(each) ?? oursAlarmed?.get(each)
          return outcome === undefined ? [] : [compare(outcome, theirs.get(each) ?? theirsAlarmed?.get(each))]
        })
        const report = reportText(rows, process.env['CONFORMANCE_REPORT'] === 'rows')
        process.stdout.write(`\nRabbitMQ ${rabbitmq.version} beside us\n${report}`)
        expect(rows).toHaveLength(scenarios.length + 1 + alarms.length)
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
