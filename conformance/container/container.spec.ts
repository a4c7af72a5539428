/**
 * What containers of RabbitMQ are used with, as far as it can be seen without a container: the lines that testcontainers
 * waits for (in Node, Go, Java and .NET), variables, files, ports, and the commands that are run inside.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { createAuthority } from '../support/certificates.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { type Ending, startProgram } from '../support/program.ts'

let folder: string
let leveret: Leveret
let http: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-container-'))
  const { cert, issue } = createAuthority(folder)
  const server = issue('server', '/CN=localhost')
  mkdirSync(join(folder, 'conf.d'))
  const files = [`ssl_options.cacertfile = ${cert}`, `ssl_options.certfile = ${server.cert}`]
  const lines = [
    ...files,
    'ssl_options.keyfile = $(KEY)',
    'ssl_options.verify = verify_peer',
    'raft.segment_max_entries = 1',
  ]
  writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'conf.d', '10-defaults.conf'), 'loopback_users.guest = false\nlog.console = true\n')
  writeFileSync(join(folder, 'password'), 's3cret\n')
  leveret = await startLeveret({
    ephemeral: true,
    args: ['--http-port', '0', '--http-host', '127.0.0.1', '--tls-port', '0'],
    env: {
      KEY: server.key,
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
      RABBITMQ_CONFIG_FILES: join(folder, 'conf.d'),
      RABBITMQ_DEFAULT_USER: 'tester',
      RABBITMQ_DEFAULT_PASS_FILE: join(folder, 'password'),
      RABBITMQ_DEFAULT_VHOST: 'tests',
      RABBITMQ_ERLANG_COOKIE: 'whatever',
    },
  })
  http = /http:\/\/127\.0\.0\.1:(\d+)/.exec(leveret.log())?.[1] ?? ''
})
afterAll(async () => {
  await leveret?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a command by the name that it has in the image. */
function run(name: string, ...args: readonly string[]): Promise<Ending> {
  const path = join(__dirname, '../..', name === 'leveret' ? 'dist/cli/main.js' : `dist/cli/shims/${name}.js`)
  const env = {
    ...process.env,
    LEVERET_HTTP_PORT: http,
    RABBITMQ_DEFAULT_USER: 'tester',
    RABBITMQ_DEFAULT_PASS: 's3cret',
  }
  return startProgram({ command: process.execPath, args: [path, ...args], env }).ended
}

it.each([/Server startup complete/, /started TLS \(SSL\) listener on .*:\d+/])('a line says %s', (line) => {
  expect(leveret.log()).toMatch(line)
})

it('what means nothing here is named, and nothing else is', () => {
  const passed = leveret
    .log()
    .split('\n')
    .filter((line) => line.includes('has no meaning here'))
  expect(passed).toEqual([expect.stringContaining('line 5, key raft.segment_max_entries')])
})

it('the user, the password from a file and the vhost are those of the variables', async () => {
  const place = `127.0.0.1:${leveret.port}/tests`
  const connection = await connect(`amqp://tester:s3cret@${place}`)
  await connection.close()
  await expect(connect(`amqp://guest:guest@${place}`)).rejects.toThrow(/ACCESS[_-]REFUSED/)
})

it('the HTTP API answers that user', async () => {
  const authorization = `Basic ${Buffer.from('tester:s3cret').toString('base64')}`
  const answer = await fetch(`http://127.0.0.1:${http}/api/whoami`, { headers: { authorization } })
  expect(await answer.json()).toMatchObject({ name: 'tester', tags: ['administrator'] })
})

it.each([
  ['rabbitmq-plugins', ['enable', 'rabbitmq_management']],
  ['rabbitmqadmin', ['--port', 'HTTP', '-u', 'tester', '-p', 's3cret', '-V', 'tests', 'declare', 'queue', 'name=q']],
  ['rabbitmqctl', ['list_queues', '-p', 'tests', 'name']],
  ['rabbitmq-diagnostics', ['-q', 'ping']],
  ['leveret', ['health']],
])('%s %j works', async (name, args) => {
  const ending = await run(name, ...args.map((word) => (word === 'HTTP' ? http : word)))
  expect({ code: ending.code, stderr: ending.stderr }).toEqual({ code: 0, stderr: expect.any(String) })
})

it('the password is in no log and on no command line', () => {
  const line = process.platform === 'linux' ? readFileSync(`/proc/${leveret.pid}/cmdline`, 'utf8') : ''
  expect(`${leveret.log()}${line}`).not.toContain('s3cret')
})
