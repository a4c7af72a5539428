/** The package as Node loads it: a program may import the test broker as well as require it, and has one and the same. */
import { startProgram } from '../support/program.ts'
import { Project } from './examples.ts'

const program = `
import { createRequire } from 'node:module'
import * as testing from 'leveret/testing'

const require = createRequire(import.meta.url)
const required = require('leveret/testing')
const told = {
  exported: Object.keys(testing).sort(),
  same: Object.keys(testing).every((name) => testing[name] === required[name]),
}
for (const name of ['jest', 'mocha', 'node-test'])
  told[name] = [await import('leveret/' + name), require('leveret/' + name)].map((each) => typeof each.useBroker)
const broker = await required.startBroker()
told.error = await (await broker.isolate()).waitForConsumer('nobody', { timeout: 1 }).catch((error) => error instanceof testing.WaitError)
await broker.stop()
console.log(JSON.stringify(told))
`

let project: Project

beforeAll(async () => {
  project = await Project.create()
})
afterAll(() => project.remove())

describe('the test broker', () => {
  it('is one, imported or required', async () => {
    const path = await project.write('both.mjs', program)
    const { stdout, stderr } = await startProgram({
      command: process.execPath,
      args: [path],
      cwd: project.folder,
      limitMs: 50_000,
    }).ended
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      exported: ['LeakError', 'WaitError', 'fromNdjson', 'startBroker', 'toMermaid', 'toNdjson'],
      same: true,
      jest: ['function', 'function'],
      mocha: ['function', 'function'],
      'node-test': ['function', 'function'],
      error: true,
    })
  })
})
