// The plug-in for Vitest, with what it uses of Vitest pretended; the real one runs it in conformance/testing.

const hooks: Record<string, (context: object) => Promise<void>> = {}
const extended: object[] = []

jest.mock(
  'vitest',
  () => {
    const keep = (name: string) => (hook: (context: object) => Promise<void>) => {
      hooks[name] = hook
    }
    const expect = { extend: (matchers: object) => extended.push(matchers) }
    const names = ['beforeAll', 'beforeEach', 'afterAll']
    return { expect, ...Object.fromEntries(names.map((name) => [name, keep(name)])) }
  },
  { virtual: true },
)

import { matchers } from '../../src/testing/matchers.ts'
import { useBroker } from '../../src/testing/vitest.ts'

it('gives each test a vhost, and tells what happened in one that failed', async () => {
  const printed: string[] = []
  const leveret = useBroker({ print: (text) => void printed.push(text) })
  expect(extended).toEqual([matchers])
  await hooks['beforeAll']?.({})
  const onTestFinished = jest.fn()
  await hooks['beforeEach']?.({ task: { name: 'a test', timeout: 2000, result: { state: 'fail' } }, onTestFinished })
  expect(leveret.broker.journal.usualWaitMs).toBe(1500)
  await leveret.vhost.publish('', 'q', 'x')
  await onTestFinished.mock.calls[0][0]()
  expect(printed).toEqual([expect.stringContaining(`the test published '' 'q' "x"`)])
  await hooks['afterAll']?.({})
})

it('lets no test that runs at once with another end its vhost', async () => {
  const leveret = useBroker()
  await hooks['beforeAll']?.({})
  const [onTestFinished, refused] = [jest.fn(), jest.fn()]
  await hooks['beforeEach']?.({ task: { name: 'one', result: { state: 'pass' } }, onTestFinished })
  await expect(hooks['beforeEach']?.({ task: { name: 'two' }, onTestFinished: refused })).rejects.toThrow('at once')
  expect(refused).not.toHaveBeenCalled()
  const { name } = leveret.vhost
  await onTestFinished.mock.calls[0][0]()
  expect(leveret.broker.broker.vhost(name)).toBeUndefined()
  await hooks['afterAll']?.({})
})
