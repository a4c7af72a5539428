// The rows of §15 across a restart, under SIGTERM and under kill -9: ours, and, for npm run
// conformance:diff, a live RabbitMQ.
// All rows are prepared together, the broker ends once, and then each looks for what it left.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { owed } from '../dialect/owed.ts'
import { type Outcome, Performance, type Target } from '../dialect/play.ts'
import { type Administer, startAdministered } from '../support/administration.ts'
import { findRabbitmq, startRabbitmq } from '../support/rabbitmq.ts'
import { restartRows } from './rows.ts'
import type { Ending } from './words.ts'

jest.setTimeout(180_000)

type Broker = { readonly host: string; readonly port: number; readonly administer: Administer }

/** Plays every row of this ending around the restart; the outcomes by name. */
async function around(
  ending: Ending,
  flavour: Target['flavour'],
  broker: Broker,
  restart: () => Promise<Broker>,
): Promise<ReadonlyMap<string, Outcome>> {
  const target = ({ host, port, administer }: Broker): Target => ({ host, port, administer, flavour })
  const rows = restartRows(ending).filter(({ lacking310 }) => flavour === 'ours' || lacking310 === undefined)
  const before = target(broker)
  const played = rows.map(({ before: first }, at) => new Performance(first, before, `rs${ending}_${at}_`))
  await Promise.all(rows.map((row, at) => played[at]?.act(row.before.steps, before)))
  const after = target(await restart())
  await Promise.all(rows.map((row, at) => played[at]?.act(row.after.steps, after)))
  const outcomes = played.map((each) => each.end())
  return new Map(outcomes.map((each) => [each.scenario.name, each]))
}

const endings: readonly Ending[] = ['SIGTERM', 'SIGKILL']

describe.each(endings)('after %s', (ending) => {
  let outcomes: ReadonlyMap<string, Outcome>

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'leveret-restart-'))
    let broker = await startAdministered({ dataDir })
    outcomes = await around(ending, 'ours', broker, async () => {
      await broker.stop(ending)
      broker = await startAdministered({ dataDir })
      return broker
    })
    await broker.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  for (const { before } of restartRows(ending)) {
    const test = owed.has(`15 ${before.name}`) ? it.failing : it
    test(before.name, () => {
      const outcome = outcomes.get(before.name)
      expect(outcome?.actual).toEqual(outcome?.expected)
    })
  }

  // Two starts and an ending of RabbitMQ take a minute: with the report, not in every run of the tests.
  if (process.env['CONFORMANCE_REPORT'] === undefined) return
  const comparing = findRabbitmq() === undefined ? it.skip : it
  comparing('RabbitMQ has the same again, but as is written down', async () => {
    const rabbitmq = await startRabbitmq()
    if (rabbitmq === undefined) throw new Error('rabbitmq-server is not installed')
    try {
      const theirs = await around(ending, '3.10', rabbitmq, async () => {
        await rabbitmq.restart(ending)
        return rabbitmq
      })
      const all = [...theirs.values()]
      expect(all.map(({ actual }) => actual)).toEqual(all.map(({ expected }) => expected))
    } finally {
      await rabbitmq.stop()
    }
  })
})
