// Precedence and validation: which of several sources counts, and what is said when one of them is wrong.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, configWith, type Given, loadConfig, redacted } from '../../src/config/config.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-config-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(contents: string): string {
  const path = join(folder, 'leveret.toml')
  writeFileSync(path, contents)
  return path
}

async function settings(given: Partial<Given>): Promise<Config> {
  return (await loadConfig({ flags: {}, env: {}, cwd: '/here', ...given })).config
}

async function refusal(given: Partial<Given>): Promise<{ origin: string; message: string }> {
  const outcome = await settings(given).then(
    () => undefined,
    (error: unknown) => error,
  )
  return outcome as { origin: string; message: string }
}

describe('the settings', () => {
  it('are the defaults of the documentation when nobody says anything', async () => {
    expect(await settings({ env: { XDG_DATA_HOME: '/data' } })).toEqual({
      host: '::',
      port: 5672,
      listen: [],
      tlsListen: [],
      proxyProtocol: false,
      httpPort: 15672,
      httpHost: null,
      metricsPort: 15692,
      dataDir: '/data/leveret',
      loadDefinitions: null,
      ephemeral: false,
      testMode: false,
      testClock: 'real',
      testCompat: 'leveret',
      sync: true,
      defaultUser: 'guest',
      defaultPass: 'guest',
      defaultVhost: '/',
      loopbackUsers: ['guest'],
      logLevel: 'info',
      logFormat: 'auto',
      frameMax: 131_072,
      channelMax: 2047,
      consumerMaxPerChannel: 0,
      connectionMax: 0,
      channelMaxPerNode: 0,
      vhostMax: 0,
      clusterQueueLimit: 0,
      clusterExchangeLimit: 0,
      consumerTimeoutMs: null,
      heartbeatSeconds: 60,
      maxMessageBytes: 16_777_216,
      memoryLimit: expect.any(Number),
      diskFreeLimit: 50_000_000,
      batchBytes: 1_048_576,
      lingerMs: 0,
      handshakeTimeoutMs: 10_000,
      tlsPort: 5671,
      httpsPort: 'off',
      tlsCert: null,
      tlsKey: null,
      tlsKeyPass: null,
      tlsCa: null,
      tlsVerify: 'none',
      tlsMinVersion: '1.2',
      tlsCiphers: null,
      authMechanisms: ['PLAIN', 'AMQPLAIN', 'EXTERNAL'],
      loginFailures: 20,
      passwordHashing: 'scrypt',
      auditFile: null,
      anonymousLoginUser: null,
      certLoginFrom: 'common_name',
      certLoginSanType: 'dns',
      certLoginSanIndex: 0,
    })
  })

  it('go by the flag, then the environment, then the file, then the default', async () => {
    const configFile = file('port = 3')
    const env = { LEVERET_PORT: '2' }
    expect((await settings({ flags: { port: '1' }, env, configFile })).port).toBe(1)
    expect((await settings({ env, configFile })).port).toBe(2)
    expect((await settings({ configFile })).port).toBe(3)
    expect((await settings({})).port).toBe(5672)
  })

  it('let a flag take back what the environment or the file turned on', async () => {
    const configFile = file('ephemeral = true\nsync = false')
    expect(await settings({ flags: { ephemeral: false, sync: true }, configFile })).toMatchObject({
      ephemeral: false,
      sync: true,
    })
  })

  it('come from the file that the environment names, unless a flag names another', async () => {
    const configFile = file('port = 3')
    expect((await settings({ env: { LEVERET_CONFIG: configFile } })).port).toBe(3)
    expect((await settings({ env: { LEVERET_CONFIG: '/nowhere.toml' }, configFile })).port).toBe(3)
  })

  it('start a relative folder where the one who wrote it stands', async () => {
    const configFile = file('data_dir = "data"')
    expect((await settings({ configFile })).dataDir).toBe(join(folder, 'data'))
    expect((await settings({ flags: { dataDir: 'data' }, configFile })).dataDir).toBe('/here/data')
    expect((await settings({ env: { LEVERET_DATA_DIR: './data' } })).dataDir).toBe('/here/data')
  })

  it('cannot be changed afterwards', async () => {
    const config = await settings({})
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError)
  })

  it('are refused with the flag, the variable or the key at fault and what was expected', async () => {
    expect(await refusal({ flags: { logLevel: 'loud' } })).toMatchObject({
      origin: 'flag',
      message: '--log-level: got "loud", expected one of trace, debug, info, warn, error, fatal, silent',
    })
    expect(await refusal({ env: { LEVERET_FRAME_MAX: '1k' } })).toMatchObject({
      origin: 'environment',
      message: expect.stringMatching(/^LEVERET_FRAME_MAX: got "1k", expected a size from 4096 bytes to 128MiB/),
    })
    const configFile = file('heartbeat = -1')
    expect(await refusal({ configFile })).toMatchObject({
      origin: 'file',
      message: `${configFile}, line 1, key heartbeat: got -1, expected seconds from 0 to 65535 (0 is never), or a time such as 60s or 2m`,
    })
  })

  it('are refused also where something else would have overridden the fault', async () => {
    expect(await refusal({ flags: { port: '1' }, env: { LEVERET_PORT: 'abc' } })).toMatchObject({
      origin: 'environment',
    })
  })

  it('never show a secret in a refusal', async () => {
    const long = 's3cret'.repeat(1000)
    expect((await refusal({ env: { RABBITMQ_DEFAULT_PASS: long } })).message).toBe(
      'RABBITMQ_DEFAULT_PASS: the value (not shown) does not fit, expected text of 1 to 4096 bytes',
    )
  })

  it('hide the password where they may be logged', async () => {
    const config = await settings({ flags: { defaultPass: 's3cret' } })
    expect(config.defaultPass).toBe('s3cret')
    expect(redacted(config)).toEqual({ ...config, defaultPass: '(hidden)' })
  })

  it('come with a warning for a password among the flags, which does not repeat it', async () => {
    const { warnings } = await loadConfig({ flags: { defaultPass: 's3cret', port: '1' }, env: {}, cwd: '/' })
    expect(warnings).toEqual([
      '--default-pass can be seen by everybody on this machine; LEVERET_DEFAULT_PASS or LEVERET_DEFAULT_PASS_FILE cannot',
    ])
  })

  it('come with a warning for a misspelled variable', async () => {
    const { warnings } = await loadConfig({ flags: {}, env: { LEVERET_PROT: '1' }, cwd: '/' })
    expect(warnings).toEqual(['LEVERET_PROT is not a setting; did you mean LEVERET_PORT?'])
  })
})

describe('a broker for tests', () => {
  it('keeps nothing', async () => {
    expect(await settings({ flags: { testMode: true } })).toMatchObject({ testMode: true, ephemeral: true })
  })

  it('looks at passwords at once, and as often as somebody likes, unless it is told otherwise', async () => {
    const flags = { testMode: true }
    expect(await settings({ flags })).toMatchObject({ passwordHashing: 'sha256', loginFailures: 0 })
    const strict = { ...flags, passwordHashing: 'scrypt', loginFailures: '5' }
    expect(await settings({ flags: strict })).toMatchObject({ passwordHashing: 'scrypt', loginFailures: 5 })
  })

  it('opens the control API of a test broker to this machine only, unless a host is named', async () => {
    const hostOf = async (flags: Given['flags']) => (await settings({ flags: { testMode: true, ...flags } })).httpHost
    expect(await hostOf({})).toBe('127.0.0.1')
    expect(await hostOf({ host: '10.0.0.1' })).toBeNull()
    expect(await hostOf({ httpHost: '10.0.0.1' })).toBe('10.0.0.1')
  })

  it.each([
    [{ dataDir: '/data' }, '--data-dir: a broker keeps its data in memory with --test-mode'],
    [{ ephemeral: false }, '--ephemeral: a broker keeps its data in memory with --test-mode'],
    [{ httpPort: 'off' }, '--http-port: got "off", expected a port for the control API with --test-mode'],
  ])('refuses %j', async (flags, message) => {
    expect((await refusal({ flags: { testMode: true, ...flags } })).message).toBe(message)
  })
})

describe('the settings of a program', () => {
  it('are the defaults with what it wants otherwise', () => {
    expect(configWith({ port: 0, ephemeral: true, loopbackUsers: [] }, {})).toMatchObject({
      port: 0,
      ephemeral: true,
      loopbackUsers: [],
      frameMax: 131_072,
    })
  })

  it('open no port for HTTP that the program does not ask for', () => {
    expect(configWith({}, {})).toMatchObject({ port: 5672, httpPort: 'off', metricsPort: 'off' })
    expect(configWith({ httpPort: 15672, metricsPort: 0 }, {})).toMatchObject({ httpPort: 15672, metricsPort: 0 })
  })

  it('are held to the same bounds', () => {
    expect(() => configWith({ channelMax: 0 }, {})).toThrow(
      'channelMax: got 0, expected a whole number from 1 to 65535',
    )
  })
})
