/**
 * Which RabbitMQ a test broker is, as another process asks for it and amqp.node sees it.
 */
import { join } from 'node:path'
import { startProgram } from '../support/program.ts'
import { paths } from './examples.ts'

const seen = join(__dirname, 'compat.mjs')

function leveret(...args: readonly string[]) {
  return startProgram({ command: process.execPath, args: [paths.main, ...args], limitMs: 60_000 })
}

describe('leveret exec --compat', () => {
  it.each([
    ['leveret', '4.3.0', 'declared', 1],
    ['rabbitmq-3.13', '3.13.7', 'declared', 1],
    ['rabbitmq-4.3', '4.3.6', 'refused', 2],
  ])('%s is told to be %s: a transient queue is %s, two consumers with a limit get %d', async (...row) => {
    const [name, version, transient, delivered] = row
    const { code, stdout, stderr } = await leveret('exec', '--compat', name, '--', process.execPath, seen).ended
    expect(JSON.parse(stdout)).toEqual({ version, apiVersion: version, transient, delivered })
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it('refuses a name that it does not know', async () => {
    const { code, stderr } = await leveret('exec', '--compat', 'rabbitmq-2.8', '--', 'true').ended
    expect(stderr).toContain(`--compat is 'rabbitmq-2.8', expected leveret, rabbitmq-3.13, rabbitmq-4.3`)
    expect(code).toBe(64)
  })
})

describe('leveret serve --test-mode --test-compat', () => {
  it('is that RabbitMQ, with its usual settings', async () => {
    const doors = ['--host', '127.0.0.1', '--port', '0', '--http-port', '0', '--metrics-port', 'off']
    const program = leveret('serve', '--test-mode', '--test-compat', 'rabbitmq-3.13', '--log-format', 'json', ...doors)
    const { urls } = JSON.parse(await program.line('startup complete')) as { readonly urls: readonly string[] }
    const headers = { authorization: `Basic ${btoa('guest:guest')}` }
    const answer = await fetch(`${urls.find((url) => url.startsWith('http'))}/api/overview`, { headers })
    expect(await answer.json()).toMatchObject({ rabbitmq_version: '3.13.7' })
    program.signal('SIGTERM')
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
  })
})
