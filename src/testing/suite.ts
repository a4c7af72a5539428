// A broker for a suite of tests, and a vhost for each test, whichever runner runs them: the runners' plug-ins only call
// these four hooks. Knows no runner.

import type { BrokerOptions } from './broker-options.ts'
import type { Isolation } from './isolation.ts'
import { USUAL_WAIT_MS } from './journal.ts'
import { complaintOf, type LintOptions, lintsIn, lintsOf, unlessAllowed } from './lints.ts'
import { line } from './telling.ts'
import { TestBroker } from './test-broker.ts'

/** How a suite uses its broker. */
export interface SuiteOptions extends BrokerOptions {
  /** Whether a test fails that leaves something behind: unacked messages, open connections, messages, faults. */
  readonly failOnLeaks?: boolean
  /** Whether a test fails in which the broker saw bad practice (`vhost.lints`); but for what is allowed. */
  readonly strict?: boolean | LintOptions
  /** Whether `process.env` has AMQP_URL and the others while a test runs. */
  readonly env?: boolean
  /** How much of what happened is printed when a test fails; 30 lines where it is not said. */
  readonly traceLines?: number
  /** Where that is printed; on the standard error output where it is not said. */
  readonly print?: (text: string) => void
}

const USUAL_LINES = 30
/** How much of a test's time a wait may take where it does not say. */
const SHARE_OF_TEST = 0.75
const toStderr = (text: string): void => void process.stderr.write(text)
const NOT_RUNNING = 'there is a vhost while a test runs, and a broker from before the first test to after the last'
const AT_ONCE = `useBroker has one vhost at a time, and tests run at once. Have them share a broker of startBroker(), and each
make its own vhost, with await broker.isolate()`

/** What the tests of a suite use. */
export interface SuiteBroker {
  /** The broker of the suite. */
  readonly broker: TestBroker
  /** The vhost of the test that runs. */
  readonly vhost: Isolation
  /** The AMQP URL of that vhost. */
  readonly url: string
}

/** The hooks of one suite. */
export class Suite implements SuiteBroker {
  readonly #options: Omit<SuiteOptions, keyof BrokerOptions>
  readonly #brokerOptions: BrokerOptions
  #broker: TestBroker | null = null
  #vhost: Isolation | null = null
  /** From the beginning of a test on: its vhost takes a moment to be there. */
  #running = false
  /** What `process.env` had before the test. */
  #former: Record<string, string | undefined> = {}

  constructor(options: SuiteOptions = {}) {
    const {
      failOnLeaks = false,
      strict = false,
      env = false,
      traceLines = USUAL_LINES,
      print = toStderr,
      ...broker
    } = options
    this.#options = { failOnLeaks, strict, env, traceLines, print }
    this.#brokerOptions = broker
  }

  get broker(): TestBroker {
    if (this.#broker === null) throw new Error(NOT_RUNNING)
    return this.#broker
  }

  get vhost(): Isolation {
    if (this.#vhost === null) throw new Error(NOT_RUNNING)
    return this.#vhost
  }

  get url(): string {
    return this.vhost.url
  }

  /** Whether a test runs. */
  get running(): boolean {
    return this.#running
  }

  /** Before the first test. */
  async beforeAll(): Promise<void> {
    this.#broker ??= await TestBroker.start(this.#brokerOptions)
  }

  /** Before each test; `name` is what the trace calls it, `testMs` the time that its runner gives it, 0: any. */
  async beforeEach(name: string, testMs = 0): Promise<void> {
    if (this.running) throw new Error(`${AT_ONCE}: '${this.broker.journal.test}' and '${name}'`)
    const { journal } = this.broker
    this.#running = true
    journal.test = name
    journal.usualWaitMs = testMs > 0 ? Math.min(USUAL_WAIT_MS, testMs * SHARE_OF_TEST) : USUAL_WAIT_MS
    try {
      this.#vhost = await this.broker.isolate()
    } catch (error) {
      // The next test is not to hear that it runs at once with this one.
      this.#running = false
      journal.test = null
      throw error
    }
    if (this.#options.env) this.#setEnv(this.#vhost.env())
  }

  /** After each test. Rejects with `LeakError` where that is asked for. */
  async afterEach(failed: boolean): Promise<void> {
    const vhost = this.#vhost
    this.#vhost = null
    this.#running = false
    this.#setEnv(this.#former)
    this.#former = {}
    const { journal } = this.broker
    if (failed && vhost !== null) this.#tell(vhost)
    journal.test = null
    if (vhost === null) return
    // A test that failed after `kill` is no reason for all others to fail.
    if (this.broker.state === 'dead') await this.broker.revive()
    const { strict, failOnLeaks = false } = this.#options
    try {
      const complaint = strict && !failed ? this.#complaint(vhost, strict === true ? {} : strict) : null
      await vhost.dispose({ failOnLeaks: !failed && failOnLeaks })
      if (complaint !== null) throw complaint
    } finally {
      await this.broker.faults.clear()
    }
  }

  /** After the last test. */
  async afterAll(): Promise<void> {
    await this.#broker?.stop()
    this.#broker = null
  }

  /** Of all that happened in the test: what `reset` forgets was bad practice none the less. */
  #complaint({ name }: Isolation, options: LintOptions): Error | null {
    const { broker, journal } = this.broker
    const vhost = broker.vhost(name)
    const events = journal.events(name)
    return complaintOf(vhost === undefined ? unlessAllowed(lintsIn(events), options) : lintsOf(vhost, events, options))
  }

  #setEnv(env: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(env)) {
      this.#former[name] = process.env[name]
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }

  #tell(vhost: Isolation): void {
    const { traceLines = USUAL_LINES, print = toStderr } = this.#options
    const { test, awaited } = this.broker.journal
    if (traceLines === 0) return
    // A test that its runner has ended never hears from what it waited for.
    const waits = [...awaited].map(({ what }) => `and still waits for ${what}`)
    const lines = [...vhost.events().slice(-traceLines).map(line), ...waits]
    if (lines.length > 0)
      print(`what the broker saw last in '${test}':\n${lines.map((each) => `  ${each}\n`).join('')}`)
  }
}
