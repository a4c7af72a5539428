// `leveret/mocha`: root hooks for Mocha (`mocha --require leveret/mocha`): a broker for all tests, a vhost for each.

import { Suite, type SuiteBroker } from './suite.ts'

/** What Mocha's hooks see as `this`. */
interface MochaContext {
  readonly currentTest?: { fullTitle(): string; readonly state?: string }
}

// Mocha imports this file, and tests may require it: then it is there twice, and the suite must not be.
const KEY = Symbol.for('leveret/mocha')
const shared = globalThis as { [KEY]?: Suite }
shared[KEY] ??= new Suite({ env: true })
const suite = shared[KEY]

/** The broker, and the vhost of the test that runs; `process.env.AMQP_URL` is its address. */
export const leveret: SuiteBroker = suite

/** What Mocha looks for in a module that it is to require. */
export const mochaHooks = {
  beforeAll: (): Promise<void> => suite.beforeAll(),
  beforeEach(this: MochaContext): Promise<void> {
    return suite.beforeEach(this.currentTest?.fullTitle() ?? '')
  },
  afterEach(this: MochaContext): Promise<void> {
    return suite.afterEach(this.currentTest?.state === 'failed')
  },
  afterAll: (): Promise<void> => suite.afterAll(),
}
