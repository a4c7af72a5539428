// `leveret/node-test`: a broker for the tests of a file, and a vhost for each of them, under Node's own runner.

import { after, afterEach, before, beforeEach } from 'node:test'
import { Suite, type SuiteBroker, type SuiteOptions } from './suite.ts'

/** What the runner tells hooks of a test; newer ones say whether it has passed. */
interface TestContext {
  readonly name?: string
  readonly passed?: boolean
}

/** Starts a broker before the tests that follow, and gives each of them a vhost. Call it once, outside of tests. */
export function useBroker(options: SuiteOptions = {}): SuiteBroker {
  const suite = new Suite(options)
  before(() => suite.beforeAll())
  beforeEach((context) => suite.beforeEach((context as TestContext | undefined)?.name ?? ''))
  afterEach((context) => suite.afterEach((context as TestContext | undefined)?.passed === false))
  after(() => suite.afterAll())
  return suite
}
