// What is shipped to run the broker: the Dockerfile, what it copies, its entry point and the systemd unit. No container is
// started; the commands are run where they can be.

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../src/config/config.ts'

const root = join(__dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
/** Instructions, with lines that go on joined. */
const instructions = read('Dockerfile')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
const all = (name: string) =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))

describe('the Dockerfile', () => {
  it('builds in one stage and runs in another', () => {
    expect(all('FROM')).toEqual([expect.stringMatching(/ AS build$/), expect.not.stringContaining(' AS ')])
  })

  it('ends as a user that is not root, with the ids of RabbitMQ’s image', () => {
    expect(all('USER')).toEqual(['leveret'])
    expect(instructions.at(-1)?.startsWith('CMD')).toBe(true)
    expect(all('RUN').join()).toMatch(/--gid 999 .*--uid 999 /)
  })

  it('copies only what is there and what is let in', () => {
    const ignored = read('.dockerignore').split('\n')
    const sources = all('COPY')
      .filter((line) => !line.includes('--from='))
      .flatMap((line) =>
        line
          .split(' ')
          .filter((word) => !word.startsWith('--'))
          .slice(0, -1),
      )
      .map((path) => path.replace(/^\.\//, ''))
    expect(sources.length).toBeGreaterThan(8)
    for (const path of sources) {
      expect([path, existsSync(join(root, path))]).toEqual([path, true])
      const allowed = ignored.some((rule) => rule.startsWith('!') && `${path}/`.startsWith(`${rule.slice(1)}/`))
      expect([path, allowed]).toEqual([path, true])
    }
  })

  it('copies the scripts that the build runs, and what those import', () => {
    const { build } = (JSON.parse(read('package.json')) as { scripts: { build: string } }).scripts
    const scripts = build.match(/scripts\/[\w.-]+/g) ?? []
    expect(scripts.length).toBeGreaterThan(0)
    const copied = all('COPY').join(' ').split(' ')
    const imported = scripts.flatMap((script) =>
      [...read(script).matchAll(/from '\.\/([\w.-]+)'/g)].map(([, name]) => `scripts/${name}`),
    )
    expect(imported).not.toEqual([])
    for (const script of [...scripts, ...imported]) expect(copied).toContain(script)
  })

  it('opens the ports that people expect, and asks after the broker’s health', () => {
    expect(all('EXPOSE')).toEqual(['5672 5671 15672 15671 15692'])
    expect(all('HEALTHCHECK')).toEqual([expect.stringContaining('CMD ["leveret", "health"]')])
  })

  it('reads what RabbitMQ’s image reads, which need not be there', async () => {
    const env = Object.fromEntries(
      all('ENV')
        .join(' ')
        .split(/\s+/)
        .map((pair) => pair.split('=')),
    )
    expect(env).toMatchObject({
      RABBITMQ_CONFIG_FILE: '/etc/rabbitmq/rabbitmq.conf',
      RABBITMQ_CONFIG_FILES: '/etc/rabbitmq/conf.d',
    })
    const absent = { RABBITMQ_CONFIG_FILE: '/none/rabbitmq.conf', RABBITMQ_CONFIG_FILES: '/none/conf.d' }
    const { config, notices } = await loadConfig({ flags: {}, env: { ...env, ...absent }, cwd: '/' })
    expect([config.dataDir, notices.length]).toEqual(['/var/lib/rabbitmq/leveret', 2])
  })

  it('lets guest in from everywhere, as RabbitMQ’s image does', async () => {
    const rabbitmqConf = join(root, 'scripts', 'docker')
    const { config } = await loadConfig({ flags: {}, env: {}, cwd: '/', rabbitmqConf })
    expect(config.loopbackUsers).toEqual([])
  })
})

describe('the entry point', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leveret-entry-'))
    mkdirSync(join(folder, 'bin'))
    for (const name of ['leveret', 'rabbitmqctl']) {
      const path = join(folder, 'bin', name)
      writeFileSync(path, `#!/bin/sh\necho ${name} "$@"\n`)
      chmodSync(path, 0o755)
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    [[], 'leveret serve'],
    [['--port', '1'], 'leveret serve --port 1'],
    [['leveret', 'serve'], 'leveret serve'],
    [['rabbitmq-server'], 'leveret serve'],
    [['rabbitmqctl', 'status'], 'rabbitmqctl status'],
  ])('%j runs %s', (args, command) => {
    const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` }
    const told = execFileSync('/bin/sh', [join(root, 'scripts/docker/entrypoint.sh'), ...args], {
      env,
      encoding: 'utf8',
    })
    expect(told.trim()).toBe(command)
  })
})

describe('the systemd unit', () => {
  const unit = read('docs/leveret.service')

  it.each([
    'Type=notify',
    'NotifyAccess=all',
    'TimeoutStartSec=infinity',
    'ExecReload=/bin/kill -HUP $MAINPID',
    'RestartPreventExitStatus=64 78',
    'StateDirectory=leveret',
    'User=leveret',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'CapabilityBoundingSet=',
  ])('says %s', (line) => {
    expect(unit.split('\n')).toContain(line)
  })

  it('has no password on its command line', () => {
    expect(/^ExecStart=.*$/m.exec(unit)?.[0]).toBe(
      'ExecStart=/usr/bin/env leveret serve --config /etc/leveret/leveret.toml',
    )
  })
})
