// The plug-in for Node's own test runner, which runs in a process of its own.

import { after, before, beforeEach } from 'node:test'
import { useBroker } from '../../src/testing/node-test.ts'

jest.mock('node:test', () => ({ before: jest.fn(), beforeEach: jest.fn(), after: jest.fn() }))

const hooks = { before, beforeEach, after }
type Hook = (context?: object) => Promise<void>
const hookOf = (name: 'before' | 'beforeEach' | 'after'): Hook => (hooks[name] as unknown as jest.Mock).mock.calls[0][0]

it('gives each test a vhost, which goes after all hooks of the test', async () => {
  const leveret = useBroker({ print: () => {} })
  // What the file says next is said before.
  expect(after).not.toHaveBeenCalled()
  await hookOf('before')()
  const afterTest = jest.fn()
  await hookOf('beforeEach')({ name: 'a test', passed: true, after: afterTest })
  const ofStep = jest.fn()
  await hookOf('beforeEach')({ name: 'a step of it', after: ofStep })
  expect(ofStep).not.toHaveBeenCalled()
  await leveret.vhost.publish('', 'q', 'x')
  expect(leveret.vhost.events()).toMatchObject([{ test: 'a test' }])
  const { name } = leveret.vhost
  await afterTest.mock.calls[0][0]()
  expect(leveret.broker.broker.vhost(name)).toBeUndefined()
  await hookOf('after')()
})
