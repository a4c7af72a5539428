// Certificates for specs, made by openssl: an authority, and what it issues. Knows files and names; nothing of brokers.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate and its key, as files in PEM. */
export interface Issued {
  readonly cert: string
  readonly key: string
}

/** What a certificate is to say. */
export interface Wish {
  /** As openssl writes it: `/O=Leveret/CN=client`. */
  readonly subject: string
  /** As openssl writes it: `DNS:localhost,IP:127.0.0.1`. */
  readonly san?: string
  /** Encrypts the key. */
  readonly password?: string
  /** Days that it holds; in the past where it is negative. */
  readonly days?: number
}

/** An authority with its files in `folder`. */
export class Authority implements Issued {
  readonly cert: string
  readonly key: string
  readonly #folder: string
  #issued = 0

  constructor(folder: string, name = 'authority') {
    this.#folder = folder
    this.cert = join(folder, `${name}.pem`)
    this.key = join(folder, `${name}.key`)
    const made = [
      'req',
      '-x509',
      ...newKey(this.key),
      '-nodes',
      '-out',
      this.cert,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    ]
    openssl(folder, made)
  }

  /** What is in those files. */
  static read({ cert, key }: Issued): { readonly cert: Buffer; readonly key: Buffer } {
    return { cert: readFileSync(cert), key: readFileSync(key) }
  }

  /** Its own certificate, for those who are to trust it. */
  read(): Buffer {
    return readFileSync(this.cert)
  }

  /** A certificate for `name`, signed by this authority. */
  issue(name: string, wish: Wish): Issued {
    const [cert, key] = [join(this.#folder, `${name}.pem`), join(this.#folder, `${name}.key`)]
    const request = join(this.#folder, `${name}.csr`)
    const encrypted = wish.password === undefined ? ['-nodes'] : ['-passout', `pass:${wish.password}`]
    openssl(this.#folder, ['req', '-utf8', ...newKey(key), ...encrypted, '-out', request, '-subj', wish.subject])
    const extensions = join(this.#folder, `${name}.ext`)
    writeFileSync(extensions, wish.san === undefined ? '' : `subjectAltName=${wish.san}\n`)
    const serial = ['-set_serial', `${++this.#issued}`, '-days', `${wish.days ?? 2}`]
    const signed = ['x509', '-req', '-in', request, '-CA', this.cert, '-CAkey', this.key, '-extfile', extensions]
    openssl(this.#folder, [...signed, ...serial, '-out', cert])
    return { cert, key }
  }
}

function newKey(path: string): readonly string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', path]
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}
