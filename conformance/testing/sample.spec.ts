/**
 * A sample consumer whose tests are written with leveret/node-test: they pass, and each of five bugs that are planted in it
 * makes a test fail that is about it.
 */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { startProgram } from '../support/program.ts'
import { Project } from './examples.ts'

jest.setTimeout(180_000)

const bugs = [
  ['acks before the work', 'an order is acked after the work, not before'],
  ['gives up what fails', 'an order that fails is tried again'],
  ['takes any number of orders', 'no more than five orders are taken at a time'],
  ['announces under a wrong key', 'an order is done, and announced'],
  ['does not come back', 'the worker comes back when its connection goes'],
] as const

let project: Project

beforeAll(async () => {
  project = await Project.create()
  await cp(join(__dirname, 'sample'), project.folder, { recursive: true })
})
afterAll(() => project.remove())

/** The names of the tests that fail. */
async function failing(bug: number): Promise<{ readonly code: number | null; readonly names: readonly string[] }> {
  const env = { ...process.env, NODE_OPTIONS: '', BUG: `${bug}` }
  const args = ['--test', '--test-reporter=tap', 'worker.test.mjs']
  const program = startProgram({ command: process.execPath, args, cwd: project.folder, env, limitMs: 60_000 })
  const { code, stdout } = await program.ended
  const names = [...stdout.matchAll(/^ *not ok \d+ - (.+)$/gm)].map(([, name = '']) => name)
  return { code, names: names.filter((name) => !name.includes('worker.test.mjs')) }
}

describe('the tests of a sample consumer', () => {
  it('pass', async () => {
    expect(await failing(0)).toEqual({ code: 0, names: [] })
  })

  it.each(bugs.map(([bug, test], index) => [bug, test, index + 1] as const))(
    'fail where it %s',
    async (_, test, bug) => {
      const { code, names } = await failing(bug)
      expect(code).toBe(1)
      expect(names).toContain(test)
    },
  )
})
