// The SASL mechanisms offered in connection.start: what a response says about who is there (behaviour.md §2.4).

import { decodeTable } from '../../protocol/field-table.ts'

/** Who somebody claims to be. */
export interface Credentials {
  readonly user: string
  readonly password: string
}

const mechanisms = { PLAIN: plain, AMQPLAIN: amqplain } as const satisfies {
  readonly [name: string]: (response: Buffer) => Credentials | null
}

/** The names of the mechanisms, as connection.start lists them. */
export const mechanismNames: string = Object.keys(mechanisms).join(' ')

/** What `response` claims; null when the mechanism is not offered (case-sensitive) or the response malformed. */
export function readResponse(mechanism: string, response: Buffer): Credentials | null {
  if (!Object.hasOwn(mechanisms, mechanism)) return null
  return mechanisms[mechanism as keyof typeof mechanisms](response)
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
