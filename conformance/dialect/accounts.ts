// A user of its own for a scenario, and the refusals that it meets. Only builds data.

import { a, b, plain } from './peers.ts'
import { administer, differ, type Step, type Steps } from './scenario.ts'

/** Permissions. */
export const everything = { configure: '.*', write: '.*', read: '.*' }
export const nothing = { configure: '', write: '', read: '' }
/** How `$u` logs in. */
export const login = { response: plain('$u', 'pw') }

/** Three patterns. */
export type Permission = { readonly configure: string; readonly write: string; readonly read: string }

/** A user `$u` with these permissions on `/`. */
export function user(permission: Permission, tags: readonly string[] = []): Steps {
  return [administer('putUser', '$u', { password: 'pw', tags }), administer('setPermission', '$u', '/', permission)]
}

/** `a` is that user, `b` may do everything. */
export function withUser(permission: Permission, tags: readonly string[] = []): Steps {
  return [user(permission, tags), a.ready(login), b.ready()]
}

/** Why 3.10 words a refusal otherwise. */
export const whyWord = '§19 permission refusal text: with the permission'

/** `a` is refused this access. */
export function refused(permission: string, what: string, ids: string, vhost = '/'): Step {
  const text = `access to ${what} in vhost '${vhost}' refused for user '$u'`
  return differ(whyWord, a.closesChannel(1, 403, `${permission} ${text}`, ids), a.closesChannel(1, 403, text, ids))
}
