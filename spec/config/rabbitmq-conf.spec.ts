// What a rabbitmq.conf says in our words, what of it is passed over with a notice, and what is refused.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/config.ts'
import { readRabbitmqConf } from '../../src/config/rabbitmq-conf.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-rabbitmq-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function file(contents: string, name = 'rabbitmq.conf'): string {
  const path = join(folder, name)
  writeFileSync(path, contents)
  return path
}

function read(contents: string, env = {}) {
  const { values, notices } = readRabbitmqConf([file(contents)], env)
  return { raw: Object.fromEntries([...values].map(([field, { raw }]) => [field, raw])), notices }
}

describe('rabbitmq.conf', () => {
  it.each([
    ['listeners.tcp.default = 5673', { port: '5673' }],
    ['listeners.tcp.1 = 127.0.0.1:5673', { port: '5673', host: '127.0.0.1' }],
    ['listeners.tcp.local = [::1]:5673', { port: '5673', host: '[::1]' }],
    ['listeners.ssl.default = 5671', { tlsPort: '5671' }],
    ['listeners.ssl = none', { tlsPort: 'off' }],
    ['ssl_options.verify = verify_none\nssl_options.fail_if_no_peer_cert = true', { tlsVerify: 'none' }],
    ['ssl_options.verify = verify_peer', { tlsVerify: 'peer' }],
    ['ssl_options.fail_if_no_peer_cert = true\nssl_options.verify = verify_peer', { tlsVerify: 'require' }],
    ['ssl_options.versions.1 = tlsv1.3\nssl_options.versions.2 = tlsv1.2', { tlsMinVersion: '1.2' }],
    ['ssl_options.versions.1 = tlsv1.3', { tlsMinVersion: '1.3' }],
    ['ssl_options.ciphers.1 = A\nssl_options.ciphers.2 = B', { tlsCiphers: 'A:B' }],
    ['auth_mechanisms.1 = PLAIN\nauth_mechanisms.2 = EXTERNAL', { authMechanisms: ['PLAIN', 'EXTERNAL'] }],
    ['loopback_users.guest = false', { loopbackUsers: [] }],
    ['loopback_users.admin = true', { loopbackUsers: ['guest', 'admin'] }],
    ['loopback_users = none', { loopbackUsers: [] }],
    ['heartbeat = 10\nheartbeat = 20', { heartbeatSeconds: '20' }],
    ['log.console = true\nauth_backends.1 = internal', {}],
  ])('%j is %j', (contents, expected) => {
    expect(read(contents)).toEqual({ raw: expected, notices: [] })
  })

  it('names what means nothing here, and goes on', () => {
    const { raw, notices } = read('raft.segment_max_entries = 1\nheartbeat = 10\nmanagement.path_prefix = /x')
    expect(raw).toEqual({ heartbeatSeconds: '10' })
    const path = join(folder, 'rabbitmq.conf')
    expect(notices).toEqual([
      `${path}, line 1, key raft.segment_max_entries: has no meaning here and is ignored`,
      `${path}, line 3, key management.path_prefix: has no meaning here and is ignored`,
    ])
  })

  it.each([
    ['listeners.tcp = none', { port: 'off' }],
    ['listeners.tcp.default = 5672\nlisteners.tcp = none', { port: 'off' }],
    ['listeners.tcp.1 = 5672\nlisteners.tcp.2 = 5673', { port: '5672', listen: ['5673'] }],
    [
      'listeners.tcp.1 = 127.0.0.1:5672\nlisteners.tcp.2 = ::1:5672\nlisteners.ssl.1 = 127.0.0.1:5671',
      { host: '127.0.0.1', port: '5672', listen: ['::1:5672'], tlsPort: '5671' },
    ],
    ['listeners.ssl.1 = 127.0.0.1:5671', { tlsPort: 'off', tlsListen: ['127.0.0.1:5671'] }],
    [
      'listeners.tcp.1 = 127.0.0.1:5672\nlisteners.ssl.1 = 5671\nlisteners.ssl.2 = 5670',
      { host: '127.0.0.1', port: '5672', tlsPort: 'off', tlsListen: ['5671', '5670'] },
    ],
    ['listeners.tcp.1 = 5672\nlisteners.tcp.1 = 5674', { port: '5674' }],
  ])('listeners may be many, or none: %j is %j', (contents, expected) => {
    expect(read(contents)).toEqual({ raw: expected, notices: [] })
  })

  it.each([
    ['hartbeat = 10', 'key hartbeat: is not a key; did you mean heartbeat?'],
    ['default_usr = me', 'key default_usr: is not a key; did you mean default_user?'],
    ['nothing.of.the.kind = 1', 'key nothing.of.the.kind: is not a key of RabbitMQ that is known here'],
    ['listeners.tcp.1 = here', 'got "here", expected a port, or an address and a port'],
    ['ssl_options.verify = maybe', 'got "maybe", expected verify_peer or verify_none'],
    ['ssl_options.versions.1 = sslv3', 'got "sslv3", expected tlsv1.2 or tlsv1.3'],
    ['loopback_users.guest = no', 'got "no", expected true or false'],
    ['loopback_users = guest', 'got "guest", expected none'],
    ['auth_backends.1 = ldap', 'key auth_backends.1: got "ldap", and there is only internal'],
  ])('%j is refused: %s', (contents, problem) => {
    expect(() => read(`\n${contents}`)).toThrow(problem)
    expect(() => read(`\n${contents}`)).toThrow(/rabbitmq\.conf, line 2, key /)
  })

  it('is read after other files, and goes before them', () => {
    mkdirSync(join(folder, 'conf.d'))
    const first = file('heartbeat = 1\nframe_max = 8192')
    file('heartbeat = 3', 'conf.d/20.conf')
    file('heartbeat = 2', 'conf.d/10.conf')
    const { values } = readRabbitmqConf([first, join(folder, 'conf.d')], {})
    expect([values.get('heartbeatSeconds')?.raw, values.get('frameMax')?.raw]).toEqual(['3', '8192'])
  })

  it('may not be there', () => {
    const path = join(folder, 'none')
    expect(readRabbitmqConf([path], {}).notices).toEqual([`${path}: there is no such file; nothing is taken from it`])
  })
})

describe('settings', () => {
  const given = { flags: {}, cwd: '/' }

  it('go by the flag, the environment, our own file, then rabbitmq.conf', async () => {
    const rabbitmqConf = file('heartbeat = 4\nframe_max = 8192\nssl_options.certfile = tls/x.pem')
    const configFile = file('heartbeat = 3', 'leveret.toml')
    const env = { LEVERET_HEARTBEAT: '2' }
    const heartbeat = async (more: object) =>
      (await loadConfig({ ...given, env: {}, rabbitmqConf, ...more })).config.heartbeatSeconds
    expect(await heartbeat({ env, configFile, flags: { heartbeatSeconds: '1' } })).toBe(1)
    expect(await heartbeat({ env, configFile })).toBe(2)
    expect(await heartbeat({ configFile })).toBe(3)
    expect(await heartbeat({})).toBe(4)
    const { config, origins } = await loadConfig({ ...given, env, rabbitmqConf })
    expect([config.frameMax, config.tlsCert]).toEqual([8192, join(folder, 'tls/x.pem')])
    expect([origins.get('frameMax'), origins.get('heartbeatSeconds'), origins.get('port')]).toEqual([
      `${rabbitmqConf}, line 2, key frame_max`,
      'LEVERET_HEARTBEAT',
      'default',
    ])
  })

  it("come from the files that RabbitMQ's variables name, where no flag names another", async () => {
    mkdirSync(join(folder, 'conf.d'))
    file('heartbeat = 5')
    file('frame_max = 9000', 'conf.d/a.conf')
    const env = { RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'), RABBITMQ_CONFIG_FILES: join(folder, 'conf.d') }
    expect((await loadConfig({ ...given, env })).config).toMatchObject({ heartbeatSeconds: 5, frameMax: 9000 })
    const rabbitmqConf = file('heartbeat = 6', 'other.conf')
    expect((await loadConfig({ ...given, env, rabbitmqConf })).config).toMatchObject({
      heartbeatSeconds: 6,
      frameMax: 131_072,
    })
  })

  it('are refused with the line, and never with a secret', async () => {
    const path = file('frame_max = 1')
    await expect(loadConfig({ ...given, env: {}, rabbitmqConf: path })).rejects.toThrow(
      `${path}, line 1, key frame_max: got "1", expected a size from 4096 bytes`,
    )
    const secret = file(`default_pass = ${'s3cret'.repeat(1000)}`)
    await expect(loadConfig({ ...given, env: {}, rabbitmqConf: secret })).rejects.toThrow(/^[^\n]*\(not shown\)/)
  })

  it('need the file that a flag names', async () => {
    const rabbitmqConf = join(folder, 'none.conf')
    await expect(loadConfig({ ...given, env: {}, rabbitmqConf })).rejects.toThrow(
      `${rabbitmqConf}: there is no such file`,
    )
  })
})
