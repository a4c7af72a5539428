// Our certificate: what is said of one that cannot be used, and how it is renewed while others use it.

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SecureContextOptions } from 'node:tls'
import { type CertificateSettings, Certificates } from '../../src/server/certificates.ts'
import { Authority, type Issued } from '../support/certificates.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'
import { LogBook } from '../support/world.ts'

let folder: string
let authority: Authority
let issued: readonly [Issued, Issued]
let log: LogBook
let clock: ManualClock
let opened: Certificates[]

beforeAll(async () => {
  folder = await createTemporaryDirectory()
  authority = new Authority(folder)
  issued = [
    authority.issue('first', { subject: '/CN=first' }),
    authority.issue('second', { subject: '/CN=second', days: 90 }),
  ]
})
afterAll(() => removeTemporaryDirectory(folder))

beforeEach(() => {
  log = new LogBook()
  clock = new ManualClock()
  opened = []
  place(issued[0])
})
afterEach(() => {
  for (const each of opened) each.stop()
  expect(clock.timers).toBe(0)
})

/** Puts a certificate and its key where they are looked for. */
function place({ cert, key }: Issued): void {
  copyFileSync(cert, join(folder, 'server.pem'))
  copyFileSync(key, join(folder, 'server.key'))
}

function certificates(changed: Partial<CertificateSettings> = {}): Certificates {
  const settings: CertificateSettings = {
    tlsCert: join(folder, 'server.pem'),
    tlsKey: join(folder, 'server.key'),
    tlsKeyPass: null,
    tlsCa: authority.cert,
    tlsMinVersion: '1.2',
    tlsCiphers: null,
    ...changed,
  }
  const made = new Certificates(settings, clock, log)
  opened.push(made)
  return made
}

/** A file with this in it. */
function file(name: string, contents: string): string {
  const path = join(folder, name)
  writeFileSync(path, contents)
  return path
}

describe('a certificate', () => {
  it('is given with its key, its authority and how TLS is spoken', () => {
    expect(certificates({ tlsMinVersion: '1.3', tlsCiphers: 'TLS_AES_256_GCM_SHA384' }).options).toMatchObject({
      cert: expect.any(Buffer),
      key: expect.any(Buffer),
      ca: expect.any(Buffer),
      minVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_256_GCM_SHA384',
    })
  })

  it('may have a key with a password', () => {
    const { cert, key } = authority.issue('locked', { subject: '/CN=locked', password: 's3cret' })
    expect(certificates({ tlsCert: cert, tlsKey: key, tlsKeyPass: 's3cret' }).options.passphrase).toBe('s3cret')
    for (const tlsKeyPass of [null, 'wrong']) {
      expect(() => certificates({ tlsCert: cert, tlsKey: key, tlsKeyPass })).toThrow(
        /locked\.key: holds no private key in PEM that can be read; is it encrypted, and is its password given\?/,
      )
    }
  })

  it('is refused with the name of the file that is no good, and nothing of what is in it', () => {
    const none = join(folder, 'none.pem')
    expect(() => certificates({ tlsCert: none })).toThrow(`${none}: cannot be read (ENOENT)`)
    const text = file('text.pem', 'hello')
    expect(() => certificates({ tlsCert: text })).toThrow(`${text}: holds no certificate in PEM (no start line)`)
    expect(() => certificates({ tlsCa: text })).toThrow(`${text}: holds no certificate in PEM (no start line)`)
    expect(() => certificates({ tlsKey: text })).toThrow(/text\.pem: holds no private key/)
    expect(() => certificates({ tlsKey: authority.key })).toThrow(
      `${authority.key}: is not the key of the certificate ${join(folder, 'server.pem')}`,
    )
    expect(() => certificates({ tlsCiphers: 'NONE-SUCH' })).toThrow(/server\.pem: cannot be used \(no cipher match\)/)
  })

  it('is warned of when its end is near', () => {
    clock.advance(Date.now() - clock.now())
    certificates()
    clock.advance(3 * 24 * 3_600_000)
    certificates()
    expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'the certificate expires soon'],
      ['warn', 'the certificate has expired: clients will refuse it'],
    ])
  })
})

describe('a certificate that changes', () => {
  it('is given to those who use it, once', () => {
    const renewed: SecureContextOptions[] = []
    const made = certificates()
    made.onRenewal((options) => renewed.push(options))
    made.look()
    expect(renewed).toEqual([])
    place(issued[1])
    made.look()
    made.look()
    expect(renewed).toEqual([made.options])
    expect(log.lines.at(-1)?.message).toBe('the certificate is renewed')
  })

  it('and is no good leaves the old one, and is told of once', () => {
    const made = certificates()
    const { options } = made
    copyFileSync(issued[1].cert, join(folder, 'server.pem'))
    for (let looks = 0; looks < 3; looks++) made.look()
    expect(made.options).toBe(options)
    const told = log.lines.filter(({ level }) => level === 'error')
    expect(told).toMatchObject([{ message: 'the new certificate cannot be used: the old one stays' }])
    expect(told[0]?.fields).toMatchObject({ why: expect.stringContaining('is not the key of the certificate') })
    copyFileSync(issued[1].key, join(folder, 'server.key'))
    made.look()
    expect(made.options).not.toBe(options)
  })

  it('is found now and then, also where the system tells nothing', () => {
    const made = certificates()
    const { options } = made
    made.watch()
    place(issued[1])
    clock.advance(30_000)
    expect(made.options).not.toBe(options)
    place(issued[0])
    clock.advance(30_000)
    expect(made.options.cert).toEqual(options.cert)
  })
})
