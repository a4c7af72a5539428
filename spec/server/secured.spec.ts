// What is told of TLS and of certificates, in RabbitMQ's words, and which user a certificate stands for.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type CertificateNaming, peerCertificate, suiteOf } from '../../src/server/secured.ts'
import { Authority } from '../support/certificates.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'

let folder: string
let authority: Authority

beforeAll(async () => {
  folder = await createTemporaryDirectory()
  authority = new Authority(folder)
})
afterAll(() => removeTemporaryDirectory(folder))

const byName: CertificateNaming = { certLoginFrom: 'common_name', certLoginSanType: 'dns', certLoginSanIndex: 0 }
const byWhole: CertificateNaming = { ...byName, certLoginFrom: 'distinguished_name' }
const byOther = (
  certLoginSanType: CertificateNaming['certLoginSanType'],
  certLoginSanIndex = 0,
): CertificateNaming => ({
  certLoginFrom: 'subject_alternative_name',
  certLoginSanType,
  certLoginSanIndex,
})

let made = 0
function user(subject: string, naming: CertificateNaming, san?: string): string | null {
  const { cert } = authority.issue(`c${++made}`, { subject, ...(san === undefined ? {} : { san }) })
  return peerCertificate(new X509Certificate(readFileSync(cert)), naming).user
}

describe('a cipher suite', () => {
  it.each([
    ['TLS_AES_256_GCM_SHA384', 'any', 'aes_256_gcm', 'aead'],
    ['TLS_CHACHA20_POLY1305_SHA256', 'any', 'chacha20_poly1305', 'aead'],
    ['ECDHE-RSA-AES128-GCM-SHA256', 'ecdhe_rsa', 'aes_128_gcm', 'aead'],
    ['ECDHE-ECDSA-AES256-SHA384', 'ecdhe_ecdsa', 'aes_256_cbc', 'sha384'],
    ['AES256-SHA', 'rsa', 'aes_256_cbc', 'sha'],
  ])('%s is told as its parts', (name, keyExchange, cipher, hash) => {
    expect(suiteOf(name)).toEqual({ keyExchange, cipher, hash })
  })
})

describe('a certificate', () => {
  it('is told with the most particular part first, and from when until when it holds', () => {
    const { cert } = authority.issue('whole', { subject: '/C=SE/O=Hare, Ltd/CN=me' })
    const told = peerCertificate(new X509Certificate(readFileSync(cert)), byName)
    const instant = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ'
    expect(told).toEqual({
      subject: 'CN=me,O=Hare\\, Ltd,C=SE',
      issuer: 'CN=authority',
      validity: expect.stringMatching(new RegExp(`^${instant} - ${instant}$`)),
      user: 'me',
    })
  })

  it.each([
    ['its common name', '/O=Leveret/CN=me', byName, undefined, 'me'],
    ['a name that has to be escaped', '/CN=a\\, "b"', byName, undefined, 'a, "b"'],
    ['a name beyond ASCII', '/CN=häse', byName, undefined, 'häse'],
    ['several names, with commas', '/CN=a/O=x/CN=b', byName, undefined, 'a,b'],
    ['its whole name', '/O=Leveret/CN=me', byWhole, undefined, 'CN=me,O=Leveret'],
    ['an alternative name', '/CN=me', byOther('dns'), 'DNS:one,URI:urn:x,DNS:two', 'one'],
    ['the second of them', '/CN=me', byOther('dns', 1), 'DNS:one,URI:urn:x,DNS:two', 'two'],
    ['one of another kind', '/CN=me', byOther('uri'), 'DNS:one,URI:urn:x', 'urn:x'],
    ['an address', '/CN=me', byOther('ip'), 'IP:127.0.0.1', '127.0.0.1'],
    ['a mailbox', '/CN=me', byOther('email'), 'email:me@leveret.example', 'me@leveret.example'],
  ])('stands for the user that it names by %s', (_, subject, naming, san, expected) => {
    expect(user(subject, naming, san)).toBe(expected)
  })

  it('stands for nobody where that part is not there', () => {
    expect(user('/O=Leveret', byName)).toBeNull()
    expect(user('/CN=me', byOther('dns'))).toBeNull()
    expect(user('/CN=me', byOther('dns', 1), 'DNS:one')).toBeNull()
    expect(user('/CN=me', byOther('email'), 'DNS:email:x')).toBeNull()
  })
})
