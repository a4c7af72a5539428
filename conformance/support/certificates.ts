/** Certificates for specs, made by openssl: an authority, a server and clients. Knows files, nothing of brokers. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate and its key, as files in PEM. */
export interface Issued {
  readonly cert: string
  readonly key: string
}

/** An authority; everything is written into `folder`. */
export interface Authority {
  readonly cert: string
  /** A certificate with this subject, as openssl writes it (`/O=Leveret/CN=me`), for loopback addresses. */
  issue(name: string, subject: string): Issued
}

/** Makes an authority. */
export function createAuthority(folder: string): Authority {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const [cert, key] = [join(folder, 'ca.pem'), join(folder, 'ca.key')]
  const newKey = ['-newkey', 'rsa:2048', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=Authority')
  let serial = 0
  const issue = (name: string, subject: string): Issued => {
    const file = (kind: string) => join(folder, `${name}.${kind}`)
    openssl('req', ...newKey, '-keyout', file('key'), '-out', file('csr'), '-subj', subject)
    writeFileSync(file('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    const signed = ['-CA', cert, '-CAkey', key, '-set_serial', `${++serial}`, '-extfile', file('ext'), '-days', '2']
    openssl('x509', '-req', '-in', file('csr'), ...signed, '-out', file('pem'))
    return { cert: file('pem'), key: file('key') }
  }
  return { cert, issue }
}

/** What is in the files. */
export function pemOf({ cert, key }: Issued): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) }
}
