// `leveret/vitest`: a broker for the tests of a file, a vhost for each of them, and matchers.

import * as vitest from 'vitest'
import type { Match } from './match.ts'
import { matchers } from './matchers.ts'
import { Suite, type SuiteBroker, type SuiteOptions } from './suite.ts'

declare module 'vitest' {
  interface Assertion<T> {
    toHavePublished(match?: Match): void
    toBeEmpty(): void
    toHaveNoUnacked(): void
  }
}

/** Starts a broker before the tests that follow, and gives each of them a vhost. Call it once, outside of tests. */
export function useBroker(options: SuiteOptions = {}): SuiteBroker {
  const suite = new Suite(options)
  vitest.expect.extend(matchers)
  vitest.beforeAll(() => suite.beforeAll())
  vitest.beforeEach(async ({ task, onTestFinished }) => {
    await suite.beforeEach(task.name, task.timeout)
    // After all `afterEach`, also where one of them throws, and after what the test itself says, which close what is open:
    // the first that is said is the last that runs.
    onTestFinished(() => suite.afterEach(task.result?.state === 'fail'))
  })
  vitest.afterAll(() => suite.afterAll())
  return suite
}
