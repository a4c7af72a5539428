// `leveret/mocha`: root hooks for Mocha (`mocha --require leveret/mocha`): a broker for all tests, a vhost for each. Or, for
// one file, `useBroker`, as the other runners have it.

import { Suite, type SuiteBroker, type SuiteOptions } from './suite.ts'

/** What Mocha's hooks see as `this`. */
interface MochaContext {
  readonly currentTest?: { fullTitle(): string; timeout?(): number; readonly state?: string }
  /** The hook that runs. */
  readonly test?: { readonly parent?: { readonly _afterEach?: MochaHook[]; readonly _afterAll?: MochaHook[] } }
}

interface MochaHook {
  readonly fn: unknown
}

type Hook = (this: MochaContext) => Promise<void>

/** What Mocha puts into the world of a test file. */
type MochaGlobals = Readonly<Record<'before' | 'after' | 'beforeEach' | 'afterEach', (hook: Hook) => void>>

// Mocha imports this file, and tests may require it: then it is there twice, and the suite must not be.
const KEY = Symbol.for('leveret/mocha')
const shared = globalThis as { [KEY]?: Suite }

function suiteOfAll(): Suite {
  shared[KEY] ??= new Suite({ env: true })
  return shared[KEY]
}

/** The broker, and the vhost of the test that runs; `process.env.AMQP_URL` is its address. */
export const leveret: SuiteBroker = {
  get broker() {
    return suiteOfAll().broker
  },
  get vhost() {
    return suiteOfAll().vhost
  },
  get url() {
    return suiteOfAll().url
  },
}

/** What Mocha looks for in a module that it is to require. */
export const mochaHooks = hooksOf(suiteOfAll)

/**
 * The same with other options, for a file of one's own that Mocha is to require:
 * `export const { mochaHooks } = rootHooks({ clock: 'virtual', failOnLeaks: true })`
 */
export function rootHooks(options: SuiteOptions): { readonly mochaHooks: typeof mochaHooks } {
  shared[KEY] = new Suite({ env: true, ...options })
  return { mochaHooks }
}

/** Starts a broker before the tests that follow, and gives each of them a vhost. Call it once, outside of tests. */
export function useBroker(options: SuiteOptions = {}): SuiteBroker {
  const mocha = globalThis as unknown as MochaGlobals
  if (typeof mocha.before !== 'function')
    throw new Error('useBroker of leveret/mocha is for test files that Mocha runs')
  const suite = new Suite(options)
  const { beforeAll, beforeEach, afterEach, afterAll } = hooksOf(() => suite)
  mocha.before(beforeAll)
  mocha.beforeEach(beforeEach)
  mocha.afterEach(afterEach)
  mocha.after(afterAll)
  return suite
}

function hooksOf(suite: () => Suite) {
  /** What tests have left behind, by their titles. Mocha ends a suite at a hook that fails: it is told when all have run. */
  const complaints: string[] = []
  const hooks = {
    beforeAll(this: MochaContext): Promise<void> {
      putLast(this.test?.parent?._afterEach, hooks.afterEach)
      putLast(this.test?.parent?._afterAll, hooks.afterAll)
      return suite().beforeAll()
    },
    beforeEach(this: MochaContext): Promise<void> {
      return suite().beforeEach(this.currentTest?.fullTitle() ?? '', this.currentTest?.timeout?.())
    },
    async afterEach(this: MochaContext): Promise<void> {
      try {
        await suite().afterEach(hasFailed(this.currentTest))
      } catch (error) {
        complaints.push(`'${this.currentTest?.fullTitle()}': ${error instanceof Error ? error.message : error}`)
      }
    },
    async afterAll(): Promise<void> {
      await suite().afterAll()
      const found = complaints.splice(0)
      if (found.length > 0) throw new Error(found.join('\n'))
    },
  }
  return hooks
}

/**
 * Whether the test that ends has failed. A try that is to be repeated (`this.retries`), and a test whose `beforeEach` has
 * failed, have no state.
 */
function hasFailed(test: MochaContext['currentTest']): boolean {
  return test !== undefined && test.state !== 'passed' && test.state !== 'pending'
}

/** Mocha runs hooks in the order in which they are said. Those of the tests, which close what is open, must come before. */
function putLast(hooks: MochaHook[] | undefined, fn: unknown): void {
  const index = hooks?.findIndex((hook) => hook.fn === fn) ?? -1
  if (hooks !== undefined && index >= 0) hooks.push(...hooks.splice(index, 1))
}
