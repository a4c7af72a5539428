// `leveret/jest`: a broker for the tests of a file, a vhost for each of them, and matchers. Jest runs each file in a world
// of its own, so that each has its own broker; that costs some milliseconds.

import type { Match } from './match.ts'
import { matchers } from './matchers.ts'
import { Suite, type SuiteBroker, type SuiteOptions } from './suite.ts'

/** What Jest puts into the world of a test file. */
interface JestGlobals {
  readonly beforeAll: (hook: () => Promise<void>) => void
  readonly afterAll: (hook: () => Promise<void>) => void
  readonly beforeEach: (hook: () => Promise<void>) => void
  readonly afterEach: (hook: () => Promise<void>) => void
  readonly expect: {
    extend(matchers: object): void
    getState(): { readonly currentTestName?: string }
  }
}

declare global {
  // biome-ignore lint/style/noNamespace: that is how the types of Jest's matchers are extended.
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: an interface is extended by one with the same parameters only.
    interface Matchers<R, T = {}> {
      toHavePublished(match?: Match): R
      toBeEmpty(): R
      toHaveNoUnacked(): R
    }
  }
}

// biome-ignore lint/suspicious/noTsIgnore: whether there is an error depends on whose program this is part of.
/** @ts-ignore: for those whose `expect` is that of @jest/globals; others need not have it. */
declare module 'expect' {
  interface Matchers<R> {
    toHavePublished(match?: Match): R
    toBeEmpty(): R
    toHaveNoUnacked(): R
  }
}

const NO_HOOKS = `leveret/jest is for test files that Jest runs; where injectGlobals is off, say
  import * as globals from '@jest/globals'
  const leveret = useBroker({}, globals)`

/**
 * Starts a broker before the tests that follow, and gives each of them a vhost. Call it once, outside of tests.
 * `globals`: those of @jest/globals, where Jest injects none.
 */
export function useBroker(options: SuiteOptions = {}, globals: object = globalThis): SuiteBroker {
  const jest = globals as JestGlobals
  if (typeof jest.beforeEach !== 'function') throw new Error(NO_HOOKS)
  const suite = new Suite(options)
  const afterEach = (): Promise<void> => suite.afterEach(hasFailed())
  const afterAll = (): Promise<void> => suite.afterAll()
  const hooks = circus()?.currentDescribeBlock?.hooks ?? []
  jest.expect.extend(matchers)
  jest.beforeAll(() => {
    putLast(hooks, afterEach)
    return suite.beforeAll()
  })
  jest.beforeEach(() => suite.beforeEach(jest.expect.getState().currentTestName ?? '', testMs()))
  jest.afterEach(afterEach)
  jest.afterAll(afterAll)
  // When the file has been read, and before Jest gathers hooks.
  queueMicrotask(() => putLast(hooks, afterAll))
  return suite
}

/** What Jest's runner (jest-circus) keeps where others can see it. */
interface CircusState {
  readonly currentDescribeBlock?: { readonly hooks: Hook[] }
  readonly currentlyRunningTest: { readonly errors: readonly unknown[]; readonly timeout?: number } | null
  /** What a test has that says nothing else. */
  readonly testTimeout?: number
}

interface Hook {
  readonly fn: unknown
}

function circus(): CircusState | undefined {
  const symbol = Object.getOwnPropertySymbols(globalThis).find(({ description }) => description === 'JEST_STATE_SYMBOL')
  if (symbol === undefined) return undefined
  return (globalThis as unknown as Record<symbol, CircusState | undefined>)[symbol]
}

/**
 * Jest runs `afterEach` hooks in the order in which they are said. Those of the tests, which close what is open, are said
 * after `useBroker`, and must come before the vhost goes and is looked at for leaks.
 */
function putLast(hooks: Hook[], fn: unknown): void {
  const index = hooks.findIndex((hook) => hook.fn === fn)
  if (index >= 0) hooks.push(...hooks.splice(index, 1))
}

/** Whether the test that ends has failed. */
function hasFailed(): boolean {
  return (circus()?.currentlyRunningTest?.errors.length ?? 0) > 0
}

/** The time that Jest gives the test that runs. */
function testMs(): number | undefined {
  const state = circus()
  return state?.currentlyRunningTest?.timeout ?? state?.testTimeout
}
