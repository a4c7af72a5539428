// `leveret/node-test`: a broker for the tests of a file, and a vhost for each of them, under Node's own runner.

import { after, afterEach, before, beforeEach } from 'node:test'
import { Suite, type SuiteBroker, type SuiteOptions } from './suite.ts'

/** What the runner tells hooks of a test; newer ones say whether it has passed, and what it is part of. */
interface TestContext {
  readonly name?: string
  readonly fullName?: string
  readonly passed?: boolean
  /** Aborted when the test has ended. */
  readonly signal?: AbortSignal
  after?(hook: () => Promise<void>): void
}

/** Starts a broker before the tests that follow, and gives each of them a vhost. Call it once, outside of tests. */
export function useBroker(options: SuiteOptions = {}): SuiteBroker {
  const suite = new Suite(options)
  const tests = new Tests(suite)
  before(() => suite.beforeAll())
  beforeEach((context) => tests.begin(context as TestContext))
  afterEach((context) => tests.end(context as TestContext))
  // Hooks run in the order in which they are said. Those of the file close what is open: they come first.
  queueMicrotask(() => after(() => tests.endAll()))
  return suite
}

/** The tests of a suite, one after the other. */
class Tests {
  readonly #suite: Suite
  /** The test that runs. */
  #current: TestContext | null = null

  constructor(suite: Suite) {
    this.#suite = suite
  }

  async begin(context: TestContext): Promise<void> {
    // A hook that throws keeps those after it from being run, ours among them.
    if (this.#current?.signal?.aborted === true) await this.#finish(this.#current, true)
    if (this.#current !== null && isStep(context, this.#current)) return
    await this.#suite.beforeEach(context.name ?? '')
    this.#current = context
  }

  end(context: TestContext): void {
    if (context !== this.#current) return
    const finish = (): Promise<void> => this.#finish(context, context.passed === false)
    // After all other `afterEach`, and what the test has said with `t.after`: these close what is open.
    if (context.after) context.after(finish)
  }

  async endAll(): Promise<void> {
    if (this.#current !== null) await this.#finish(this.#current, true)
    await this.#suite.afterAll()
  }

  async #finish(context: TestContext, failed: boolean): Promise<void> {
    if (context !== this.#current) return
    this.#current = null
    await this.#suite.afterEach(failed)
  }
}

/** Whether it is a step (`t.test`) of that test, and in its vhost. Where the runner does not say, all are. */
function isStep({ fullName }: TestContext, test: TestContext): boolean {
  return fullName === undefined || fullName.startsWith(`${test.fullName} > `)
}
