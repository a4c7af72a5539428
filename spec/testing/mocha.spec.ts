// The root hooks for Mocha, called as Mocha calls them.

import { leveret, mochaHooks, rootHooks, useBroker } from '../../src/testing/mocha.ts'

it('gives each test a vhost, whose address is in the environment', async () => {
  const test = { currentTest: { fullTitle: () => 'a suite a test', state: 'passed' } }
  await mochaHooks.beforeAll.call(test)
  await mochaHooks.beforeEach.call(test)
  expect(process.env['AMQP_URL']).toBe(leveret.url)
  await leveret.vhost.publish('', 'q', 'x')
  expect(leveret.vhost.events()).toMatchObject([{ test: 'a suite a test' }])
  await mochaHooks.afterEach.call(test)
  expect(process.env['AMQP_URL']).toBeUndefined()
  await mochaHooks.afterAll()
})

it("takes options, for a file of root hooks of one's own", async () => {
  const { mochaHooks: hooks } = rootHooks({ clock: 'virtual', env: false })
  const test = { currentTest: { fullTitle: () => 'a test', state: 'passed' } }
  await hooks.beforeAll.call(test)
  await hooks.beforeEach.call(test)
  expect(process.env['AMQP_URL']).toBeUndefined()
  expect(leveret.broker.clock.due).toEqual([])
  await hooks.afterEach.call(test)
  await hooks.afterAll()
})

it('comes after the hooks of the tests, which close what is open', async () => {
  const { mochaHooks: hooks } = rootHooks({})
  const [ours, theirs, last] = [{ fn: hooks.afterEach }, { fn: () => {} }, { fn: hooks.afterAll }]
  const parent = { _afterEach: [ours, theirs], _afterAll: [last, theirs] }
  await hooks.beforeAll.call({ test: { parent } })
  expect(parent).toEqual({ _afterEach: [theirs, ours], _afterAll: [theirs, last] })
  await hooks.afterAll()
})

it('waits for less than Mocha gives a test, so that the wait says what was there instead', async () => {
  const { mochaHooks: hooks } = rootHooks({})
  await hooks.beforeAll.call({})
  await hooks.beforeEach.call({ currentTest: { fullTitle: () => 'short', timeout: () => 8, state: 'passed' } })
  await expect(leveret.vhost.waitForMessage()).rejects.toThrow('waited 6 ms for any message')
  await hooks.afterEach.call({})
  await hooks.afterAll()
})

it('says at the end what tests have left behind: a hook that fails would end the suite', async () => {
  const { mochaHooks: hooks } = rootHooks({ failOnLeaks: true })
  await hooks.beforeAll.call({})
  for (const title of ['one', 'two']) {
    const test = { currentTest: { fullTitle: () => title, state: 'passed' } }
    await hooks.beforeEach.call(test)
    leveret.broker.faults.withholdConfirms()
    await hooks.afterEach.call(test)
  }
  await expect(hooks.afterAll()).rejects.toThrow(/^'one': the test .*a fault: confirms are withheld\n'two': the test /s)
  await hooks.afterAll()
})

it('takes a try that is repeated for one that has failed, and a test that is skipped for none', async () => {
  const printed: string[] = []
  const { mochaHooks: hooks } = rootHooks({ failOnLeaks: true, print: (text) => void printed.push(text) })
  await hooks.beforeAll.call({})
  for (const currentTest of [{ fullTitle: () => 'tried' }, { fullTitle: () => 'skipped', state: 'pending' }]) {
    await hooks.beforeEach.call({ currentTest })
    await leveret.vhost.publish('', 'q', 'x')
    if (currentTest.state === undefined) leveret.broker.faults.withholdConfirms()
    await hooks.afterEach.call({ currentTest })
  }
  await hooks.afterAll()
  expect(printed).toEqual([expect.stringContaining("what the broker saw last in 'tried'")])
})

it('can be for one file', async () => {
  const world = globalThis as Record<string, unknown>
  expect(() => useBroker()).toThrow('for test files that Mocha runs')
  const hooks: Record<string, (this: object) => Promise<void>> = {}
  const names = ['before', 'beforeEach', 'afterEach', 'after']
  const former = names.map((name) => world[name])
  for (const name of names) {
    world[name] = (hook: () => Promise<void>) => {
      hooks[name] = hook
    }
  }
  try {
    const own = useBroker({ clock: 'virtual' })
    await hooks['before']?.call({})
    await hooks['beforeEach']?.call({ currentTest: { fullTitle: () => 'mine' } })
    await own.vhost.publish('', 'q', 'x')
    expect(own.vhost.events()).toMatchObject([{ test: 'mine' }])
    await hooks['afterEach']?.call({ currentTest: { fullTitle: () => 'mine', state: 'passed' } })
    await hooks['after']?.call({})
  } finally {
    names.forEach((name, index) => {
      world[name] = former[index]
    })
  }
})
