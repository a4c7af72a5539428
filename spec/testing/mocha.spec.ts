// The root hooks for Mocha, called as Mocha calls them.

import { leveret, mochaHooks } from '../../src/testing/mocha.ts'

it('gives each test a vhost, whose address is in the environment', async () => {
  const test = { currentTest: { fullTitle: () => 'a suite a test', state: 'passed' } }
  await mochaHooks.beforeAll()
  await mochaHooks.beforeEach.call(test)
  expect(process.env['AMQP_URL']).toBe(leveret.url)
  await leveret.vhost.publish('', 'q', 'x')
  expect(leveret.vhost.events()).toMatchObject([{ test: 'a suite a test' }])
  await mochaHooks.afterEach.call(test)
  expect(process.env['AMQP_URL']).toBeUndefined()
  await mochaHooks.afterAll()
})
