/**
 * Every example in docs/testing/ runs, as a reader would run it: with the built package, in a project of its own.
 */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeClient, pythonOf } from '../clients/clients.ts'
import { type Ending, startProgram } from '../support/program.ts'
import { type Example, Project, paths, readExamples } from './examples.ts'

jest.setTimeout(120_000)

let project: Project
let examples: readonly Example[]

beforeAll(async () => {
  project = await Project.create()
  examples = await readExamples()
})
afterAll(() => project.remove())

const all = (how: string): readonly Example[] => examples.filter((example) => example.how === how)

function run(command: string, ...args: readonly string[]): Promise<Ending> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', NODE_OPTIONS: '', JEST_WORKER_ID: '' }
  return startProgram({ command, args, cwd: project.folder, env, limitMs: 100_000 }).ended
}

function expectSuccess({ code, stdout, stderr }: Ending): void {
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}\n${stderr}`)
}

describe('the pages', () => {
  it('have examples of each kind', () => {
    const kinds = new Set(examples.map(({ how }) => how.replace(/:.*/, '')))
    expect([...kinds].sort()).toEqual(['exec', 'file', 'jest', 'node', 'node-test', 'pytest'])
    expect(all('node-test').map(({ page }) => page)).toEqual([
      'broker-dies.md',
      'compat.md',
      'faults.md',
      'retry.md',
      'time.md',
    ])
  })

  it('tell what programs print', async () => {
    for (const { text, output } of all('node')) {
      const ending = await run(process.execPath, await project.write('example.mjs', text))
      expectSuccess(ending)
      expect(ending.stdout).toBe(output)
    }
    for (const { text, output } of all('exec')) {
      const ending = await run('sh', '-c', text.replace(/^leveret /gm, `"${process.execPath}" "${paths.main}" `))
      expectSuccess(ending)
      expect(ending.stdout).toBe(output)
    }
  })

  it('have tests that pass under node:test', async () => {
    for (const { page, text } of all('node-test')) {
      const path = await project.write(page.replace('.md', '.test.mjs'), text)
      expectSuccess(await run(process.execPath, '--test', path))
    }
  })

  it('have tests that pass under Jest', async () => {
    for (const { page, text } of all('jest')) {
      const path = await project.write(page.replace('.md', '.test.js'), text)
      expectSuccess(await run(process.execPath, paths.jest, '--rootDir', project.folder, path))
    }
  })
})

describeClient('pytest', 'the pages', () => {
  it('have tests that pass under pytest, with a broker of leveret exec or one of their own', async () => {
    const python = pythonOf('pytest')
    await copyFile(paths.pytestPlugin, join(project.folder, 'leveret.py'))
    await project.write('conftest.py', 'pytest_plugins = ["leveret"]\n')
    for (const { text } of all('pytest')) await project.write('test_example.py', text)
    const pytest = [python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--leveret-leaks', 'test_example.py']
    const leveret = [process.execPath, paths.main]
    expectSuccess(await run(process.execPath, paths.main, 'exec', '--', ...pytest).then(leakFree))
    expectSuccess(await run(python, ...pytest.slice(1), '--leveret', leveret.join(' ')).then(leakFree))
  })
})

/** The examples leave messages behind on purpose: the plug-in has to say so, and nothing else may fail. */
function leakFree(ending: Ending): Ending {
  const leaks = /2 passed, 2 errors/.test(ending.stdout) && /1 messages in orders/.test(ending.stdout)
  return leaks ? { ...ending, code: 0 } : { ...ending, code: ending.code === 0 ? 1 : ending.code }
}
