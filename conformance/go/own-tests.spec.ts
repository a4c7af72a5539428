/**
 * The tests of amqp091-go, which its authors run against RabbitMQ and Debian ships with its sources: under `leveret exec`,
 * unchanged.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeClient } from '../clients/clients.ts'
import { startProgram } from '../support/program.ts'

jest.setTimeout(300_000)

const sources = '/usr/share/gocode/src/github.com/rabbitmq/amqp091-go'
/** Where its tests are that talk to a server. Others measure milliseconds, without one. */
const files = ['integration_test.go', 'connection_test.go', 'reconnect_test.go']
const main = join(__dirname, '..', '..', 'dist', 'cli', 'main.js')

describeClient('go', 'the own tests of amqp091-go', () => {
  let home: string

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'leveret-go-tests-'))
  })
  afterAll(() => rm(home, { recursive: true, force: true }))

  it('pass', async () => {
    const go = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOPROXY: 'off', GOFLAGS: '', CGO_ENABLED: '0' }
    const texts = await Promise.all(files.map((file) => readFile(join(sources, file), 'utf8')))
    const names = texts.flatMap((text) => [...text.matchAll(/^func ((?:Test|Example)\w*)/gm)].map(([, name]) => name))
    const run = ['-run', `^(${names.join('|')})$`]
    const args = [main, 'exec', '--', 'go', 'test', '-v', '-count=1', '-tags', 'integration', ...run, '.']
    const env = { ...process.env, ...go, HOME: home }
    const { code, stdout, stderr } = await startProgram({
      command: process.execPath,
      args,
      env,
      cwd: sources,
      limitMs: 280_000,
    }).ended
    expect(stdout.match(/^\s*--- FAIL: .*/gm)).toBeNull()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    // Some of them do nothing where they find no server, and would pass all the same.
    expect(stdout.match(/^--- PASS: TestIntegration/gm)?.length).toBeGreaterThan(30)
    expect(stdout).not.toMatch(/--- SKIP|no server|could not connect/i)
  })
})
