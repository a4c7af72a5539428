// Every raw-frame scenario against a running broker, one test a row. AMQP_TARGET=host:port points them at a broker that
// is already there (see support/leveret.ts).

import { type Administer, impossibleDiskBytes, startAdministered } from '../support/administration.ts'
import { startLeveret } from '../support/leveret.ts'
import { type Ensemble, playAll } from './ensemble.ts'
import { identify } from './identify.ts'
import { type Outcome, play } from './play.ts'
import { alarms } from './rows/s2-alarms.ts'
import { shutdown } from './rows/s2-shutdown.ts'
import { administers, type Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'

jest.setTimeout(300_000)

const title = (each: Scenario) => `§${each.section} ${each.row}: ${each.name}`

const expectAsWritten = (outcome: Outcome | undefined) => expect(outcome?.actual).toEqual(outcome?.expected)

type Broker = {
  readonly host: string
  readonly port: number
  readonly administer?: Administer
  stop(): Promise<unknown>
}

const ownBroker = process.env['AMQP_TARGET'] === undefined
const asked = scenarios.filter((each) => ownBroker || !administers(each.steps))

describe('the broker, frame by frame', () => {
  let broker: Broker
  let ensemble: Ensemble

  beforeAll(async () => {
    broker = ownBroker ? await startAdministered({ ephemeral: true }) : await startLeveret()
    const target = await identify(broker.host, broker.port)
    const { administer } = broker
    ensemble = playAll(asked, administer === undefined ? target : { ...target, administer })
    // Jest looks at a thousand outcomes without a turn of the loop: for those who still play that is seconds of silence.
    await Promise.all(ensemble.outcomes.values())
  })

  afterAll(async () => {
    await ensemble.done.catch(() => undefined)
    await broker.stop()
  })

  it('is shown every row once', () => {
    const titles = scenarios.map(title)
    expect(titles.filter((each, at) => titles.indexOf(each) !== at)).toEqual([])
  })

  // A row that is marked as not there yet has to fail, so that the mark goes when the feature comes.
  for (const each of asked) {
    const row = each.notYet === undefined ? it : it.failing
    row(title(each), async () => expectAsWritten(await ensemble.outcomes.get(each)))
  }

  it('lets all that was declared be deleted again', async () => {
    await expect(ensemble.done).resolves.toBeUndefined()
  })

  const stoppable = ownBroker ? it : it.skip
  stoppable(title(shutdown), async () => {
    const target = await identify(broker.host, broker.port)
    const stop = async () => void (await broker.stop())
    expectAsWritten(await play(shutdown, { ...target, stop }, 'last_'))
  })
})

const alarming = ownBroker ? describe : describe.skip
alarming('the broker, short of disk', () => {
  it.each(alarms.map((each) => [title(each), each] as const))('%s', async (_, each) => {
    const broker = await startAdministered({ settings: { diskFreeLimit: impossibleDiskBytes } })
    try {
      const target = await identify(broker.host, broker.port)
      expectAsWritten(await play(each, target, 'short_'))
    } finally {
      await broker.stop()
    }
  })
})
