// `leveret/mocha`: root hooks for Mocha (`mocha --require leveret/mocha`): a broker for all tests, a vhost for each.

import { Suite, type SuiteBroker } from './suite.ts'

/** What Mocha's hooks see as `this`. */
interface MochaContext {
  readonly currentTest?: { fullTitle(): string; readonly state?: string }
}

const suite = new Suite({ env: true })

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
