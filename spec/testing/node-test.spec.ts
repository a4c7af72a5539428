// The plug-in for Node's own test runner, which runs in a process of its own.

import { after, afterEach, before, beforeEach } from 'node:test'
import { useBroker } from '../../src/testing/node-test.ts'

jest.mock('node:test', () => ({ before: jest.fn(), beforeEach: jest.fn(), afterEach: jest.fn(), after: jest.fn() }))

const hooks = { before, beforeEach, afterEach, after }
type Hook = (context?: object) => Promise<void>
const call = (name: keyof typeof hooks, context?: object): Promise<void> => {
  const hook: Hook = (hooks[name] as unknown as jest.Mock).mock.lastCall?.[0]
  return hook(context)
}

/** A test as the runner tells hooks of it. */
function contextOf(fullName: string, passed = true) {
  const said: (() => Promise<void>)[] = []
  const ended = new AbortController()
  const name = fullName.split(' > ').pop()
  return {
    name,
    fullName,
    passed,
    signal: ended.signal,
    after: (hook: () => Promise<void>) => said.push(hook),
    said,
    ended,
  }
}

/** As the runner ends a test whose hooks do not throw. */
async function end(context: ReturnType<typeof contextOf>): Promise<void> {
  await call('afterEach', context)
  for (const hook of context.said) await hook()
  context.ended.abort()
}

const printed: string[] = []

async function start() {
  const leveret = useBroker({ failOnLeaks: true, print: (text) => void printed.push(text) })
  await call('before')
  return leveret
}

it('gives each test a vhost, which goes after all hooks of the test', async () => {
  const leveret = useBroker({ print: () => {} })
  // What the file says next is said before.
  expect(after).not.toHaveBeenCalled()
  await call('before')
  const test = contextOf('a suite > a test')
  await call('beforeEach', test)
  const step = contextOf('a suite > a test > a step of it')
  await call('beforeEach', step)
  await end(step)
  expect(step.said).toEqual([])
  await leveret.vhost.publish('', 'q', 'x')
  expect(leveret.vhost.events()).toMatchObject([{ test: 'a test' }])
  const { name } = leveret.vhost
  // What the test says with `t.after` is said while it runs, and comes before.
  test.after(async () => expect(leveret.vhost.name).toBe(name))
  await end(test)
  expect(leveret.broker.broker.vhost(name)).toBeUndefined()
  await call('after')
})

it('refuses a test that runs at once with another, which keeps its vhost', async () => {
  const leveret = await start()
  const [one, two] = [contextOf('one'), contextOf('one more')]
  await call('beforeEach', one)
  const { name } = leveret.vhost
  await expect(call('beforeEach', two)).rejects.toThrow("broker.isolate(): 'one' and 'one more'")
  await end(two)
  expect(leveret.vhost.name).toBe(name)
  await end(one)
  expect(() => leveret.vhost).toThrow('while a test runs')
  await call('after')
})

it('ends a test before the next whose hooks have thrown', async () => {
  const leveret = await start()
  const [one, two] = [contextOf('one', false), contextOf('two')]
  await call('beforeEach', one)
  await leveret.vhost.publish('', 'q', 'x')
  one.ended.abort()
  await call('beforeEach', two)
  expect(printed.splice(0)).toEqual([expect.stringContaining("what the broker saw last in 'one'")])
  await leveret.vhost.publish('', 'q', 'x')
  two.ended.abort()
  await call('after')
  expect(printed).toEqual([expect.stringContaining("what the broker saw last in 'two'")])
})

it('takes all for steps where the runner does not say what a test is part of', async () => {
  const leveret = await start()
  await call('beforeEach', { name: 'a test' })
  const { name } = leveret.vhost
  await call('beforeEach', { name: 'a step' })
  expect(leveret.vhost.name).toBe(name)
  await call('after')
})
