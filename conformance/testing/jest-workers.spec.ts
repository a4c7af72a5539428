/**
 * docs/testing/jest.md under the real Jest: one broker for a run with two workers, a vhost for each, and a run that fails
 * because of what a test leaves behind.
 */
import { join } from 'node:path'
import { type Ending, startProgram } from '../support/program.ts'
import { Project, paths, readExamples } from './examples.ts'

jest.setTimeout(120_000)

const test = `
const fs = require('node:fs')
const amqp = require('amqplib')

const SEEN = process.env.SEEN

// The other worker is to get a file as well: each waits for the other.
function bothSeen() {
  return new Promise((resolve) => {
    const look = () => {
      if (fs.readFileSync(SEEN, 'utf8').split('\\n').length <= 2) return
      watcher.close()
      resolve()
    }
    const watcher = fs.watch(SEEN, look)
    look()
  })
}

test('has the vhost of the worker', async () => {
  const connection = await amqp.connect(process.env.AMQP_URL)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue('orders')
  channel.sendToQueue('orders', Buffer.from('x'))
  await channel.waitForConfirms()
  if (!process.env.LEAVE) await channel.deleteQueue('orders')
  await connection.close()
  expect(process.env.LEVERET_VHOST).toMatch(new RegExp('^worker-' + process.env.JEST_WORKER_ID + '-'))
  fs.appendFileSync(SEEN, new URL(process.env.AMQP_URL).host + ' ' + process.env.LEVERET_VHOST + '\\n')
  await bothSeen()
}, 30_000)
`

let project: Project

beforeAll(async () => {
  project = await Project.create()
  for (const { how, text } of await readExamples()) {
    if (how.startsWith('file:')) await project.write(how.slice('file:'.length), text)
  }
  for (const name of ['a.test.js', 'b.test.js']) await project.write(name, test)
})
afterAll(() => project.remove())

function run(env: NodeJS.ProcessEnv): Promise<Ending> {
  const whole = { ...process.env, NODE_OPTIONS: '', JEST_WORKER_ID: undefined, ...env }
  // Jest runs tests that it remembers as quick in one process: it is to remember nothing.
  const cache = join(project.folder, `cache-of-${env['SEEN']}`)
  const args = [paths.jest, '--maxWorkers', '2', '--cacheDirectory', cache]
  return startProgram({ command: process.execPath, args, cwd: project.folder, env: whole, limitMs: 90_000 }).ended
}

describe('one broker for all workers', () => {
  it('has a vhost for each', async () => {
    const { code, stderr } = await run({ SEEN: 'seen' })
    expect(stderr).toMatch(/Tests: +2 passed/)
    expect(code).toBe(0)
    const seen = (await project.read('seen'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
    expect(new Set(seen.map(([host]) => host)).size).toBe(1)
    expect(new Set(seen.map(([, vhost]) => vhost)).size).toBe(2)
  })

  it('fails a run that leaves something behind', async () => {
    const { code, stderr } = await run({ SEEN: 'seen-again', LEAVE: '1' })
    expect(code).not.toBe(0)
    expect(stderr).toContain('1 messages in orders')
  })
})
