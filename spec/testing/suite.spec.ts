// The hooks of a suite, as a runner calls them.

import { connect } from 'amqplib'
import { LeakError } from '../../src/testing/leaks.ts'
import { Suite, type SuiteOptions } from '../../src/testing/suite.ts'

async function run(options: SuiteOptions, failed: boolean, test: (suite: Suite) => Promise<void>): Promise<void> {
  const suite = new Suite(options)
  await suite.beforeAll()
  try {
    await suite.beforeEach('my test')
    await test(suite)
    await suite.afterEach(failed)
  } finally {
    await suite.afterAll()
  }
}

async function leaveMessage({ vhost, broker }: Suite): Promise<void> {
  const topology = broker.broker.topology(broker.broker.vhost(vhost.name) as never)
  const owner = broker.broker.registerOwner()
  const queue = { name: 'q', durable: true, exclusive: false, autoDelete: false, arguments: new Map() }
  await topology.declareQueue(queue, owner)
  await broker.broker.releaseOwner(owner)
  await vhost.publish('', 'q', 'left')
}

describe('a suite', () => {
  it('has a vhost for each test, and its name in the trace', async () => {
    const names: string[] = []
    await run({}, false, async (suite) => {
      names.push(suite.vhost.name)
      expect(suite.url).toBe(suite.vhost.url)
      await suite.vhost.publish('', 'q', 'x')
      expect(suite.vhost.events()).toMatchObject([{ test: 'my test' }])
      await suite.afterEach(false)
      expect(() => suite.vhost).toThrow('there is a vhost while a test runs')
      await suite.beforeEach('another')
      names.push(suite.vhost.name)
    })
    expect(new Set(names).size).toBe(2)
  })

  it('says what to do where two tests run at once', async () => {
    await run({}, false, async (suite) => {
      await suite.afterEach(false)
      const first = suite.beforeEach('one')
      await expect(suite.beforeEach('another')).rejects.toThrow('each\nmake its own vhost, with await broker.isolate()')
      await first
    })
  })

  it('has no broker before the first test and after the last', async () => {
    const suite = new Suite()
    expect(() => suite.broker).toThrow('from before the first test')
    await suite.afterAll()
    await expect(suite.afterEach(false)).rejects.toThrow('from before the first test')
  })

  it('puts the addresses into the environment of a test, and takes them out again', async () => {
    process.env['AMQP_URL'] = 'before'
    await run({ env: true }, false, async (suite) => {
      expect(process.env).toMatchObject({ AMQP_URL: suite.url, LEVERET_VHOST: suite.vhost.name })
    })
    expect(process.env['AMQP_URL']).toBe('before')
    expect(process.env['LEVERET_VHOST']).toBeUndefined()
    delete process.env['AMQP_URL']
  })

  it('tells what happened in a test that failed', async () => {
    const printed: string[] = []
    const print = (text: string) => void printed.push(text)
    await run({ print }, true, (suite) => suite.vhost.publish('', 'nowhere', 'x').then(() => {}))
    expect(printed).toEqual([
      `what the broker saw last in 'my test':\n  the test published '' 'nowhere' "x", dropped\n`,
    ])
    await run({ print, traceLines: 0 }, true, leaveMessage)
    await run({ print }, false, leaveMessage)
    expect(printed).toHaveLength(1)
  })

  it('tells what a test still waits for that its runner has ended', async () => {
    const printed: string[] = []
    const print = (text: string) => void printed.push(text)
    let waited: Promise<unknown> = Promise.resolve()
    await run({ print }, true, async ({ vhost }) => {
      waited = expect(vhost.waitForConsumer('q')).rejects.toThrow('the broker was stopped')
    })
    await waited
    expect(printed).toEqual([`what the broker saw last in 'my test':\n  and still waits for a consumer of queue 'q'\n`])
  })

  it('has waits end before the runner ends the test', async () => {
    await run({}, false, async (suite) => {
      expect(suite.broker.journal.usualWaitMs).toBe(4000)
      await suite.afterEach(false)
      await suite.beforeEach('short', 2000)
      expect(suite.broker.journal.usualWaitMs).toBe(1500)
      await suite.afterEach(false)
      await suite.beforeEach('long', 60_000)
      expect(suite.broker.journal.usualWaitMs).toBe(4000)
    })
  })

  it('fails for what a test leaves behind, where that is asked for and nothing else has failed', async () => {
    await run({}, false, leaveMessage)
    await expect(run({ failOnLeaks: true }, false, leaveMessage)).rejects.toThrow(LeakError)
    await run({ failOnLeaks: true, print: () => {} }, true, leaveMessage)
  })

  it('takes a fault that a test leaves for a leak', async () => {
    const leaveFault = async ({ broker }: Suite) => void broker.faults.withholdConfirms()
    await run({}, false, leaveFault)
    await expect(run({ failOnLeaks: true }, false, leaveFault)).rejects.toThrow('a fault: confirms are withheld')
  })

  it('allows what is said to be no bad practice', async () => {
    const work = async ({ url, vhost }: Suite) => {
      const client = await connect(url)
      const channel = await client.createConfirmChannel()
      channel.publish('', 'nowhere', Buffer.from('x'))
      await channel.waitForConfirms()
      await client.close()
      expect(vhost.lints()).toHaveLength(1)
    }
    await expect(run({ strict: true }, false, work)).rejects.toThrow('the broker saw bad practice:\n  nobody got')
    await run({ strict: { allow: /^nobody got '' 'nowhere'/ } }, false, work)
  })

  it('judges what a test has forgotten with a reset, too', async () => {
    const work = async ({ url, vhost }: Suite) => {
      const client = await connect(url)
      const channel = await client.createConfirmChannel()
      channel.publish('', 'nowhere', Buffer.from('x'))
      await channel.waitForConfirms()
      await client.close()
      await vhost.reset()
      expect(vhost.lints()).toEqual([])
    }
    await expect(run({ strict: true }, false, work)).rejects.toThrow('the broker saw bad practice:\n  nobody got')
    await run({ strict: { allow: /^nobody got '' 'nowhere'/ } }, false, work)
  })

  it('judges a test that has deleted its vhost', async () => {
    const remove = ({ broker, vhost }: Suite) => broker.broker.administration.deleteVhost(vhost.name).then(() => {})
    await run({ strict: true }, false, remove)
  })

  it('says of each test that it finds no broker, not that it runs at once with another', async () => {
    const suite = new Suite()
    await suite.beforeAll()
    await suite.broker.stop()
    await expect(suite.beforeEach('one')).rejects.toThrow('the broker is not running')
    await expect(suite.beforeEach('two')).rejects.toThrow('the broker is not running')
    await suite.afterEach(true)
    await suite.afterAll()
  })

  it('brings back a broker that a test has left dead', async () => {
    await run({}, true, async ({ broker }) => {
      await broker.kill()
    })
  })

  it('takes faults away with the test', async () => {
    await run({}, false, async (suite) => {
      suite.broker.faults.nackPublishes()
      await suite.afterEach(false)
      expect(suite.broker.faults.list()).toEqual([])
      await suite.beforeEach('next')
    })
  })
})
