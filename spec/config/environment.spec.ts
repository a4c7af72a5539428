// Settings from environment variables and from the files that they name.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromEnvironment, misspelled } from '../../src/config/environment.ts'
import { options } from '../../src/config/options.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-env-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function secret(contents: string): string {
  const path = join(folder, `secret-${contents.length}`)
  writeFileSync(path, contents)
  return path
}

describe('the environment', () => {
  it("goes by Leveret's own variable before RabbitMQ's", () => {
    const env = { RABBITMQ_DEFAULT_USER: 'rabbit', LEVERET_DEFAULT_USER: 'hare' }
    expect(fromEnvironment(options.defaultUser, env)).toEqual({ where: 'LEVERET_DEFAULT_USER', raw: 'hare' })
    expect(fromEnvironment(options.defaultUser, { RABBITMQ_DEFAULT_USER: 'rabbit' })).toEqual({
      where: 'RABBITMQ_DEFAULT_USER',
      raw: 'rabbit',
    })
  })

  it('counts an empty variable as none', () => {
    expect(fromEnvironment(options.port, { LEVERET_PORT: '' })).toBeUndefined()
    expect(
      fromEnvironment(options.defaultUser, { LEVERET_DEFAULT_USER: '', RABBITMQ_DEFAULT_USER: 'rabbit' })?.raw,
    ).toBe('rabbit')
  })

  it.each(['LEVERET_DEFAULT_PASS_FILE', 'RABBITMQ_DEFAULT_PASS_FILE'])('reads a secret from the file in %s', (name) => {
    expect(fromEnvironment(options.defaultPass, { [name]: secret('s3cret\n') })).toEqual({ where: name, raw: 's3cret' })
  })

  it('takes only the last newline off a secret', () => {
    expect(fromEnvironment(options.defaultPass, { LEVERET_DEFAULT_PASS_FILE: secret(' a\n\r\n') })?.raw).toBe(' a\n')
  })

  it('refuses a secret that comes twice, without showing it', () => {
    const env = { LEVERET_DEFAULT_PASS: 's3cret', LEVERET_DEFAULT_PASS_FILE: secret('other') }
    expect(() => fromEnvironment(options.defaultPass, env)).toThrow(
      'LEVERET_DEFAULT_PASS: is set, and so is LEVERET_DEFAULT_PASS_FILE; keep one of them',
    )
  })

  it('names the variable and the file that cannot be read or is empty', () => {
    const missing = join(folder, 'missing')
    expect(() => fromEnvironment(options.defaultPass, { LEVERET_DEFAULT_PASS_FILE: missing })).toThrow(
      `LEVERET_DEFAULT_PASS_FILE: cannot read ${missing} (ENOENT)`,
    )
    expect(() => fromEnvironment(options.defaultVhost, { RABBITMQ_DEFAULT_VHOST_FILE: secret('\n') })).toThrow(
      /^RABBITMQ_DEFAULT_VHOST_FILE: the file .* is empty$/,
    )
  })

  it('does not look for a file where no secret is to be expected', () => {
    expect(fromEnvironment(options.port, { LEVERET_PORT_FILE: '/nowhere' })).toBeUndefined()
  })

  it('is not led astray by the port that Kubernetes announces for a service of the same name', () => {
    expect(fromEnvironment(options.port, { LEVERET_PORT: 'tcp://10.96.0.12:5672' })).toBeUndefined()
    expect(fromEnvironment(options.port, { LEVERET_PORT: '5673' })?.raw).toBe('5673')
  })

  it('warns of a variable that looks misspelled, and of no other', () => {
    const env = {
      LEVERET_DATADIR: '/x',
      LEVERET_DATA_DIR: '/y',
      LEVERET_CONFIG: 'a.toml',
      LEVERET_DEFAULT_PASS_FILE: '/z',
      LEVERET_SERVICE_HOST: '10.96.0.12',
      LEVERET_PORT_5672_TCP_ADDR: '10.96.0.12',
      RABBITMQ_DEFAULT_USR: 'x',
    }
    expect(misspelled(env)).toEqual(['LEVERET_DATADIR is not a setting; did you mean LEVERET_DATA_DIR?'])
  })
})
