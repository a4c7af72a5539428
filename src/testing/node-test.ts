// `leveret/node-test`: a broker for the tests of a file, and a vhost for each of them, under Node's own runner.

import { after, before, beforeEach } from 'node:test'
import { Suite, type SuiteBroker, type SuiteOptions } from './suite.ts'

/** What the runner tells hooks of a test; newer ones say whether it has passed. */
interface TestContext {
  readonly name?: string
  readonly passed?: boolean
  after?(hook: () => Promise<void>): void
}

/** Starts a broker before the tests that follow, and gives each of them a vhost. Call it once, outside of tests. */
export function useBroker(options: SuiteOptions = {}): SuiteBroker {
  const suite = new Suite(options)
  before(() => suite.beforeAll())
  beforeEach((context) => begin(suite, context as TestContext))
  // Hooks run in the order in which they are said. Those of the file close what is open: they come first.
  queueMicrotask(() => after(() => suite.afterAll()))
  return suite
}

async function begin(suite: Suite, context: TestContext): Promise<void> {
  // A step of a test (`t.test`) is in the vhost of the test.
  if (suite.running) return
  await suite.beforeEach(context.name ?? '')
  // After all `afterEach`, for the same reason.
  context.after?.(() => suite.afterEach(context.passed === false))
}
