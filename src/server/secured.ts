// What a TLS socket says of itself and of the certificate at its other end, in RabbitMQ's words; and the user whom a
// certificate stands for. Knows node:tls and how names are written; not who is let in.

import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { PeerCertificate, Secured } from '../session/transport.ts'

/** Which part of a certificate names the user (RabbitMQ's `ssl_cert_login_from` and what goes with it). */
export interface CertificateNaming {
  readonly certLoginFrom: 'common_name' | 'distinguished_name' | 'subject_alternative_name'
  readonly certLoginSanType: keyof typeof sanLabels
  readonly certLoginSanIndex: number
}

/** How Node writes the kinds of an alternative name. */
const sanLabels = { dns: 'DNS', ip: 'IP Address', email: 'email', uri: 'URI', other_name: 'othername' } as const

/** What TLS has settled on `socket`, after its handshake. */
export function securedBy(socket: TLSSocket, naming: CertificateNaming): Secured {
  const certificate = socket.getPeerX509Certificate()
  return {
    protocol: (socket.getProtocol() ?? '').toLowerCase(),
    ...suiteOf(socket.getCipher().name),
    certificate: certificate ? peerCertificate(certificate, naming) : null,
  }
}

/** The parts of a cipher suite that OpenSSL names: `ECDHE-RSA-AES128-GCM-SHA256`, `TLS_AES_256_GCM_SHA384`. */
export function suiteOf(name: string): Pick<Secured, 'keyExchange' | 'cipher' | 'hash'> {
  const parts = name.toLowerCase().replace(/^tls_/, '').split(/[-_]/)
  const start = Math.max(
    parts.findIndex((part) => /^(aes|chacha20|camellia|aria)/.test(part)),
    0,
  )
  const words = parts.slice(start).map((part) => part.replace(/^(aes|camellia|aria)(\d+)$/, '$1_$2'))
  const aead = words.some((word) => /^(gcm|ccm|ccm8|poly1305)$/.test(word))
  const last = words.length > 1 && /^(sha|md5)/.test(words.at(-1) ?? '') ? words.pop() : undefined
  return {
    keyExchange: parts.slice(0, start).join('_') || (name.startsWith('TLS_') ? 'any' : 'rsa'),
    cipher: words.join('_') + (aead || words.length > 1 ? '' : '_cbc'),
    hash: aead ? 'aead' : (last ?? 'sha'),
  }
}

/** What is told of a peer's certificate. */
export function peerCertificate(certificate: X509Certificate, naming: CertificateNaming): PeerCertificate {
  const { subject, issuer, validFrom, validTo } = certificate
  return {
    subject: distinguishedName(subject),
    issuer: distinguishedName(issuer),
    validity: `${instant(validFrom)} - ${instant(validTo)}`,
    user: userOf(certificate, naming),
  }
}

function userOf({ subject, subjectAltName }: X509Certificate, naming: CertificateNaming): string | null {
  switch (naming.certLoginFrom) {
    case 'common_name':
      return commonName(subject)
    case 'distinguished_name':
      return distinguishedName(subject) || null
    case 'subject_alternative_name': {
      const label = `${sanLabels[naming.certLoginSanType]}:`
      const names = alternativeNames(subjectAltName ?? '').filter((name) => name.startsWith(label))
      return names[naming.certLoginSanIndex]?.slice(label.length) ?? null
    }
    default:
      return naming.certLoginFrom satisfies never
  }
}

/** RFC 4514: what is most particular comes first. Node has a line for each part, in the order of the certificate. */
function distinguishedName(lines: string): string {
  return lines.split('\n').reverse().join(',')
}

/** Several are one name with commas between them, as RabbitMQ has it. */
function commonName(lines: string): string | null {
  const names = lines.split(/\n| \+ /).filter((line) => line.startsWith('CN='))
  return names.length === 0 ? null : names.map((name) => unescaped(name.slice(3))).join(',')
}

/** RFC 4514 §2.4, the other way round: a backslash before a character, or before an octet in hexadecimal. */
function unescaped(value: string): string {
  const octets = value.replaceAll(/(?:\\[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('\\', ''), 'hex').toString('utf8'),
  )
  return octets.replaceAll(/\\(.)/g, '$1')
}

/** `DNS:a, URI:b`: a name that holds what would part it from the next is quoted as JSON has it. */
function alternativeNames(list: string): readonly string[] {
  const names = list.match(/[^:,]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? []
  return names.map((name) => {
    const [, label, quoted] = /^([^:]+:)("(?:[^"\\]|\\.)*")$/.exec(name.trim()) ?? []
    return label === undefined || quoted === undefined ? name.trim() : label + (JSON.parse(quoted) as string)
  })
}

function instant(text: string): string {
  return new Date(text).toISOString().replace('.000Z', 'Z')
}
