// The SASL mechanisms offered in connection.start: what a response says about who is there (behaviour.md §2.4). The response
// to EXTERNAL says nothing: the certificate has; nor does that to ANONYMOUS: whoever uses it is the same user.

import { decodeTable } from '../../protocol/field-table.ts'

/** Who somebody claims to be. */
export interface Credentials {
  readonly user: string
  readonly password: string
}

/** The names of the mechanisms that there are. */
export type Mechanism = 'PLAIN' | 'AMQPLAIN' | 'EXTERNAL' | 'ANONYMOUS'

const readers = { PLAIN: plain, AMQPLAIN: amqplain } as const satisfies {
  readonly [name in Exclude<Mechanism, 'EXTERNAL' | 'ANONYMOUS'>]: (response: Buffer) => Credentials | null
}

/**
 * The names of `offered`, as connection.start lists them. EXTERNAL, which believes a certificate, is only for those who have
 * shown one (`certified`).
 */
export function mechanismNames(offered: readonly Mechanism[], certified: boolean): string {
  return offered.filter((name) => name !== 'EXTERNAL' || certified).join(' ')
}

/** What `response` claims; null when the mechanism is none with a password (case-sensitive) or the response malformed. */
export function readResponse(mechanism: string, response: Buffer): Credentials | null {
  if (!Object.hasOwn(readers, mechanism)) return null
  return readers[mechanism as keyof typeof readers](response)
}

/** RFC 4616 without an authorization identity: NUL user NUL password. */
function plain(response: Buffer): Credentials | null {
  const [authzid, user, password, ...more] = response.toString('utf8').split('\0')
  if (authzid !== '' || user === undefined || password === undefined || more.length > 0) return null
  return { user, password }
}

/** A field table without its length: LOGIN and PASSWORD, both longstr. */
function amqplain(response: Buffer): Credentials | null {
  try {
    const fields = decodeTable(response, 0, response.length)
    const user = fields.get('LOGIN')
    const password = fields.get('PASSWORD')
    if (user?.tag !== 'S' || password?.tag !== 'S') return null
    return { user: user.value, password: password.value }
  } catch {
    return null
  }
}
