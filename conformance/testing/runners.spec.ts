/**
 * The plug-ins under the real runners. Mocha and Vitest have a folder of their own (runners/), with a Node requirement
 * of their own. Where Node is too old for them, the specs are skipped and say why; scripts/setup installs them elsewhere.
 */
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describeClient } from '../clients/clients.ts'
import { type Ending, startProgram } from '../support/program.ts'
import { Project, paths } from './examples.ts'

jest.setTimeout(120_000)

const body = `
  const connection = await amqp.connect(leveret.url)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue('orders')
  channel.sendToQueue('orders', Buffer.from('{"id":1}'))
  await channel.waitForConfirms()
  await connection.close()
`
const mochaTest = `
const assert = require('node:assert')
const amqp = require('amqplib')
const { leveret } = require('leveret/mocha')

const seen = new Set()
for (const number of [1, 2]) {
  it('has a vhost of its own, ' + number, async () => {
    assert.strictEqual(process.env.AMQP_URL, leveret.url)
    assert.deepStrictEqual(leveret.vhost.queues(), [])
    assert.ok(!seen.has(leveret.vhost.name))
    seen.add(leveret.vhost.name)
    ${body}
    assert.strictEqual(leveret.vhost.queue('orders').depth(), 1)
  })
}
describe('useBroker', () => {
  const own = require('leveret/mocha').useBroker({ clock: 'virtual' })
  it('has a broker of its own', async () => {
    assert.notStrictEqual(own.broker.port, leveret.broker.port)
    await own.broker.clock.advance('1h')
  })
})
describe('a connection that a hook of the file closes', () => {
  const own = require('leveret/mocha').useBroker({ failOnLeaks: true })
  let connection
  beforeEach(async () => { connection = await amqp.connect(own.url) })
  afterEach(() => connection.close())
  after(() => assert.ok(own.broker.port))
  it('is no leak', () => {})
})
let tries = 0
describe('a try that is repeated', () => {
  const own = require('leveret/mocha').useBroker({ failOnLeaks: true })
  it('is no test that leaks', async function () {
    this.retries(1)
    await own.vhost.publish('', 'nowhere', 'a try')
    if (tries++ > 0) return
    own.broker.faults.withholdConfirms()
    assert.fail('at first')
  })
})
if (process.env.FAIL) describe('leaks', () => {
  const own = require('leveret/mocha').useBroker({ failOnLeaks: true })
  for (const number of [1, 2]) it('leaks ' + number, () => own.broker.faults.withholdConfirms())
})
if (process.env.FAIL) it('fails', async () => {
  await leveret.vhost.publish('', 'nowhere', 'lost')
  assert.fail('on purpose')
})
`
const vitestTest = `
import amqp from 'amqplib'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { useBroker } from 'leveret/vitest'

const leveret = useBroker({ env: true, failOnLeaks: true })
let connection
beforeEach(async () => { connection = await amqp.connect(leveret.url) })
afterEach(async ({ task }) => {
  await connection.close()
  await leveret.vhost.reset()
  if (task.name === 'has a hook that throws') throw new Error('closing went wrong')
})
afterAll(() => expect(leveret.broker.port).toBeGreaterThan(0))

test.each([1, 2])('has a vhost of its own, %i', async () => {
  expect(process.env.AMQP_URL).toBe(leveret.url)
  expect(leveret.vhost.queues()).toEqual([])
  ${body}
  expect(leveret.vhost).toHavePublished({ body: { id: 1 }, queue: 'orders' })
  expect(leveret.vhost.queue('orders')).not.toBeEmpty()
  expect(leveret.vhost).toHaveNoUnacked()
})
test('closes what it has opened when it is finished', async ({ onTestFinished }) => {
  const own = await amqp.connect(leveret.url)
  onTestFinished(() => own.close())
})
if (process.env.FAIL) test('has a hook that throws', () => {})
if (process.env.FAIL) test('comes after it, and passes', () => {})
if (process.env.FAIL) test('leaks', () => leveret.broker.faults.withholdConfirms())
if (process.env.FAIL) test('fails', async () => {
  await leveret.vhost.publish('', 'nowhere', 'lost')
  expect(leveret.vhost).toHavePublished({ key: 'somewhere' })
})
`
const nodeTest = `
import assert from 'node:assert'
import { afterEach, describe, it, test } from 'node:test'
import amqp from 'amqplib'
import { useBroker } from 'leveret/node-test'

const leveret = useBroker({ failOnLeaks: true })
test('closes what it has opened with t.after', async (t) => {
  const connection = await amqp.connect(leveret.url)
  t.after(() => connection.close())
  const { name } = leveret.vhost
  await t.test('a step', () => assert.equal(leveret.vhost.name, name))
  assert.equal(leveret.vhost.name, name)
})
if (process.env.FAIL) {
  test('leaks', () => void leveret.broker.faults.withholdConfirms())
  describe('a hook that throws', () => {
    afterEach(() => { throw new Error('closing went wrong') })
    it('fails its test', () => {})
  })
  test('comes after it, and passes', () => leveret.vhost.publish('', 'nowhere', 'x'))
  describe('at once', { concurrency: true }, () => {
    it('runs first', () => {})
    it('runs second', () => {})
  })
}
`
const jestTest = `
const { readFile } = require('node:fs/promises')
const { useBroker } = require('leveret/jest')

const leveret = useBroker()
test('waits for what Node promises', async () => {
  const wait = leveret.vhost.waitFor(() => readFile(__filename).then(() => false), { timeout: 50 })
  await expect(wait).rejects.toThrow('in vain')
  let asked = 0
  await leveret.vhost.waitFor(() => fetch('data:text/plain,x').then(() => ++asked > 1))
  expect(asked).toBe(2)
})
`

let project: Project

beforeAll(async () => {
  project = await Project.create()
  for (const name of ['mocha', 'vitest']) {
    await symlink(join(paths.runners, name), join(project.folder, 'node_modules', name))
  }
  // Mocha imports what it is to require, the test requires it. (From where it lies here, it does not see the project's modules.)
  await project.write('hooks.mjs', `export { mochaHooks } from 'leveret/mocha'\n`)
  await project.write('mocha.test.cjs', mochaTest)
  await project.write('vitest.test.mjs', vitestTest)
  await project.write('node.test.mjs', nodeTest)
  await project.write('jest.test.cjs', jestTest)
})
afterAll(() => project.remove())

function describeRunner(name: 'mocha' | 'vitest', specs: () => void): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return describeClient('runners', name, specs)
  const reason = `${name} needs Node 20.19, this is ${process.version}`
  process.stderr.write(`skipped: ${reason}\n`)
  describe.skip(`${name} (${reason})`, specs)
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  const whole = { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'test', JEST_WORKER_ID: '', NO_COLOR: '1', ...env }
  return startProgram({ command: process.execPath, args, cwd: project.folder, env: whole, limitMs: 90_000 }).ended
}

describeRunner('mocha', () => {
  const args = [
    join(paths.runners, 'mocha', 'bin', 'mocha.js'),
    '--timeout',
    '60s',
    '--require',
    './hooks.mjs',
    'mocha.test.cjs',
  ]

  it('gives each test a vhost, and ends by itself', async () => {
    const { code, stdout, stderr } = await run(args)
    expect(`${stderr}${stdout}`).toContain('5 passing')
    expect(stderr).toContain(`what the broker saw last in 'a try that is repeated is no test that leaks'`)
    expect(code).toBe(0)
  })

  it('prints what the broker saw when a test fails', async () => {
    const { code, stdout, stderr } = await run(args, { FAIL: '1' })
    expect(code).toBe(2)
    expect(stdout).toMatch(/'leaks leaks 1': the test .* leaves behind:\s+a fault.*'leaks leaks 2': the test/s)
    expect(stderr).toContain(`what the broker saw last in 'fails':\n  the test published '' 'nowhere' "lost", dropped`)
  })
})

describeRunner('vitest', () => {
  const args = [join(paths.runners, 'vitest', 'vitest.mjs'), 'run', '--testTimeout', '60000', 'vitest.test.mjs']

  it('gives each test a vhost, and has the matchers', async () => {
    const { code, stdout, stderr } = await run(args)
    expect(`${stderr}${stdout}`).toMatch(/Tests +3 passed/)
    expect(code).toBe(0)
  })

  it('prints what the broker saw when a test fails', async () => {
    const { code, stdout, stderr } = await run(args, { FAIL: '1' })
    expect(code).toBe(1)
    expect(`${stdout}${stderr}`).toContain(`the test published '' 'nowhere' "lost", dropped`)
    expect(`${stdout}${stderr}`).toContain('expected a message with key "somewhere" to be published')
  })

  it('fails the tests that leak or whose hooks throw, and no other', async () => {
    const { stdout, stderr } = await run(args, { FAIL: '1' })
    const output = `${stdout}${stderr}`
    expect(output).toMatch(/Tests +3 failed \| 4 passed/)
    expect(output).toMatch(/FAIL .*has a hook that throws\n.*closing went wrong/)
    expect(output).toMatch(/FAIL .*> leaks\n.*leaves behind/)
  })
})

describe('node:test', () => {
  // tap: what is printed is the same whether or not it is to a terminal.
  const args = ['--test-reporter', 'tap', 'node.test.mjs']

  it('ends the vhost of a test after what the test closes, and not with a step', async () => {
    const { code, stdout } = await run(args)
    expect(stdout).toMatch(/^# pass 2$/m)
    expect(code).toBe(0)
  })

  it('fails the tests that leak, whose hooks throw, or that run at once, and no other', async () => {
    const { code, stdout } = await run(args, { FAIL: '1' })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^not ok \d+ - leaks\n[^#]* leaves behind/m)
    expect(stdout).toMatch(/^ +not ok \d+ - fails its test\n[^#]*closing went wrong/m)
    expect(stdout).toMatch(/^ok \d+ - comes after it, and passes/m)
    expect(stdout).toMatch(/^ +not ok \d+ - runs second\n[^#]*tests run at once/m)
  })
})

describe('Jest', () => {
  it('has waits for promises of Node, which are of another realm', async () => {
    const args = [paths.jest, '--rootDir', project.folder, '--testMatch', '**/jest.test.cjs']
    const { code, stderr } = await run(args)
    expect(stderr).toContain('1 passed')
    expect(code).toBe(0)
  })
})
