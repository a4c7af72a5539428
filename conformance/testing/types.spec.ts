/** The types of the package, as programs see them: modules of either kind, strict, and with the matchers of each runner. */
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { startProgram } from '../support/program.ts'
import { Project, paths } from './examples.ts'

const work = `
async function work(): Promise<number> {
  await using broker = await startBroker({ clock: 'virtual' })
  await using vhost = await broker.isolate('work')
  const { message } = await vhost.waitForMessage({ key: /^created/, body: { id: 1 } }, { timeout: '2s' })
  console.log(message.body, broker.env()['AMQP_URL'])
  return vhost.queue('orders').depth()
}
void work()
`
const expectations = `
const leveret = useBroker({ failOnLeaks: true })
test('types', () => {
  expect(leveret.vhost).toHavePublished({ key: 'created' })
  expect(leveret.vhost.queue('orders')).not.toBeEmpty()
  expect(leveret.vhost).toHaveNoUnacked()
})
`

let project: Project

beforeAll(async () => {
  project = await Project.create()
  const modules = join(project.folder, 'node_modules')
  for (const name of ['@types', '@jest']) await symlink(join(paths.modules, name), join(modules, name))
  await project.write('esm.mts', `import { startBroker } from 'leveret/testing'\n${work}`)
  await project.write('cjs.cts', `import { startBroker } from 'leveret/testing'\n${work}`)
  await project.write(
    'jest.mts',
    `import { expect, test } from '@jest/globals'\nimport { useBroker } from 'leveret/jest'\n${expectations}`,
  )
  await project.write(
    'wrong.cts',
    `import { startBroker } from 'leveret/testing'\nvoid startBroker({ clok: 'virtual' })\n`,
  )
})
afterAll(() => project.remove())

function check(...args: readonly string[]) {
  const usual = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'es2022', '--types', 'node']
  const all = [paths.tsc, ...usual, '--lib', 'es2023,esnext.disposable', ...args]
  return startProgram({ command: process.execPath, args: all, cwd: project.folder, limitMs: 50_000 }).ended
}

describe('the types', () => {
  it.each(['node16', 'nodenext'])('are there for ESM and CommonJS, with --module %s', async (module) => {
    const { code, stdout } = await check('--module', module, '--skipLibCheck', 'false', 'esm.mts', 'cjs.cts')
    expect(stdout).toBe('')
    expect(code).toBe(0)
  })

  it('have the matchers of @jest/globals', async () => {
    const { code, stdout } = await check('--module', 'nodenext', '--skipLibCheck', 'jest.mts')
    expect(stdout).toBe('')
    expect(code).toBe(0)
  })

  it('know an option from none', async () => {
    const { code, stdout } = await check('--module', 'nodenext', '--skipLibCheck', 'wrong.cts')
    expect(stdout).toContain(`'clok' does not exist in type 'BrokerOptions'`)
    expect(code).not.toBe(0)
  })
})
