// The plug-in for Node's own test runner, which runs in a process of its own.

import { after, afterEach, before, beforeEach } from 'node:test'
import { useBroker } from '../../src/testing/node-test.ts'

jest.mock('node:test', () => ({ before: jest.fn(), beforeEach: jest.fn(), afterEach: jest.fn(), after: jest.fn() }))

const hooks = { before, beforeEach, afterEach, after }
type Hook = (context?: object) => Promise<void>
const hookOf = (name: 'before' | 'beforeEach' | 'afterEach' | 'after'): Hook =>
  (hooks[name] as unknown as jest.Mock).mock.calls[0][0]

it('gives each test a vhost, between the runner’s hooks', async () => {
  const leveret = useBroker({ print: () => {} })
  await hookOf('before')()
  await hookOf('beforeEach')({ name: 'a test' })
  await leveret.vhost.publish('', 'q', 'x')
  expect(leveret.vhost.events()).toMatchObject([{ test: 'a test' }])
  const { name } = leveret.vhost
  await hookOf('afterEach')({ passed: true })
  expect(leveret.broker.broker.vhost(name)).toBeUndefined()
  await hookOf('after')()
})
