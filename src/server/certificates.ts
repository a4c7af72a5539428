// Our certificate: read from its files, held against its key, and read again when the files change. Those who use it are
// given the new one; one that cannot be used changes nothing. Knows files and TLS; no protocol above it.

import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { type FSWatcher, readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls'
import type { Clock, Timer } from '../broker/clock.ts'
import type { Logger } from '../broker/logger.ts'

/** Milliseconds between two looks at the files, for file systems that tell nothing of changes. */
const LOOK_MS = 30_000
/** Milliseconds that somebody who copies several files is given to be done. */
const SETTLE_MS = 500
/** Milliseconds before the end of a certificate from which on it is warned of. */
const SOON_MS = 14 * 24 * 3_600_000

/** A certificate, or its key, that cannot be used. The message names the file, and quotes nothing of it. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

/** Where a certificate is, and how TLS is spoken. */
export interface CertificateSettings {
  readonly tlsCert: string
  readonly tlsKey: string
  readonly tlsKeyPass: string | null
  readonly tlsCa: string | null
  readonly tlsMinVersion: '1.2' | '1.3'
  readonly tlsCiphers: string | null
}

/** What is done with the new options of TLS: `Server#setSecureContext`, as a rule. */
export type Renewal = (options: SecureContextOptions) => void

/** One certificate with its key. */
export class Certificates {
  readonly #settings: CertificateSettings
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #renewals: Renewal[] = []
  #loaded: Loaded
  /** Of files that could not be used: they are told of once. */
  #refused = ''
  #watchers: FSWatcher[] = []
  #timer: Timer | null = null
  #stopped = false

  /** @throws CertificateError naming the file that cannot be used */
  constructor(settings: CertificateSettings, clock: Clock, logger: Logger) {
    this.#settings = settings
    this.#clock = clock
    this.#logger = logger
    this.#loaded = load(settings)
    this.#warnOfEnd()
  }

  /** For a server of node:tls or node:https. */
  get options(): SecureContextOptions {
    return this.#loaded.options
  }

  /** When the certificate ends. */
  get until(): Date {
    return this.#loaded.until
  }

  /** Calls `renewal` with every new certificate. */
  onRenewal(renewal: Renewal): void {
    this.#renewals.push(renewal)
  }

  /** Looks at the files from now on: when the system tells of a change, and now and then. */
  watch(): void {
    const { tlsCert, tlsKey, tlsCa } = this.#settings
    const paths = tlsCa === null ? [tlsCert, tlsKey] : [tlsCert, tlsKey, tlsCa]
    for (const folder of new Set(paths.map((path) => dirname(path)))) {
      try {
        // The folder, since files are replaced by others of the same name, and Kubernetes replaces a link beside them.
        const watcher = watch(folder, { persistent: false }, () => this.#lookIn(SETTLE_MS))
        this.#watchers.push(watcher.on('error', () => {}))
      } catch {
        // There is the look now and then.
      }
    }
    this.#lookIn(LOOK_MS)
  }

  stop(): void {
    this.#stopped = true
    for (const watcher of this.#watchers) watcher.close()
    this.#timer?.cancel()
  }

  /** Reads the files again. What cannot be used is logged, and what was before goes on. */
  look(): void {
    try {
      const loaded = load(this.#settings)
      if (loaded.digest === this.#loaded.digest) return
      this.#loaded = loaded
      for (const renewal of this.#renewals) renewal(loaded.options)
      this.#refused = ''
      this.#logger.info({ certificate: this.#settings.tlsCert, until: loaded.until }, 'the certificate is renewed')
      this.#warnOfEnd()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (why === this.#refused) return
      this.#refused = why
      this.#logger.error({ why }, 'the new certificate cannot be used: the old one stays')
    }
  }

  #lookIn(ms: number): void {
    if (this.#stopped) return
    this.#timer?.cancel()
    this.#timer = this.#clock.after(ms, () => {
      this.look()
      this.#lookIn(LOOK_MS)
    })
  }

  #warnOfEnd(): void {
    const left = this.#loaded.until.getTime() - this.#clock.now()
    if (left > SOON_MS) return
    const message = left < 0 ? 'the certificate has expired: clients will refuse it' : 'the certificate expires soon'
    this.#logger.warn({ certificate: this.#settings.tlsCert, until: this.#loaded.until }, message)
  }
}

interface Loaded {
  readonly options: SecureContextOptions
  readonly until: Date
  /** Differs where anything differs. */
  readonly digest: string
}

function load(settings: CertificateSettings): Loaded {
  const { tlsCert, tlsKey, tlsKeyPass, tlsCa, tlsCiphers } = settings
  const [cert, key, ca] = [contents(tlsCert), contents(tlsKey), tlsCa === null ? null : contents(tlsCa)]
  const certificate = parsed(tlsCert, 'holds no certificate in PEM', () => new X509Certificate(cert))
  const passphrase = tlsKeyPass === null ? {} : { passphrase: tlsKeyPass }
  const noKey = 'holds no private key in PEM that can be read; is it encrypted, and is its password given?'
  const privateKey = parsed(tlsKey, noKey, () => createPrivateKey({ key, ...passphrase }))
  if (!certificate.checkPrivateKey(privateKey)) throw unusable(tlsKey, `is not the key of the certificate ${tlsCert}`)
  if (ca) parsed(tlsCa ?? '', 'holds no certificate in PEM', () => new X509Certificate(ca))
  const options: SecureContextOptions = {
    cert,
    key,
    ...passphrase,
    ...(ca ? { ca } : {}),
    ...(tlsCiphers === null ? {} : { ciphers: tlsCiphers }),
    honorCipherOrder: true,
    minVersion: `TLSv${settings.tlsMinVersion}` satisfies SecureVersion,
  }
  // What is left to be wrong: the suites, a key that is too short.
  parsed(tlsCert, 'cannot be used', () => createSecureContext(options))
  const hash = createHash('sha256')
  for (const part of [cert, key, ca ?? '']) hash.update(part).update('\0')
  return { options, until: new Date(certificate.validTo), digest: hash.digest('hex') }
}

function contents(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw unusable(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function parsed<T>(path: string, problem: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    // OpenSSL's reason, which quotes nothing of the file.
    const reason = /::([^:]+)$/.exec(`${(error as { message?: unknown }).message}`)?.[1]
    throw unusable(path, reason ? `${problem} (${reason})` : problem)
  }
}

function unusable(path: string, problem: string): CertificateError {
  return new CertificateError(`${path}: ${problem}`)
}
