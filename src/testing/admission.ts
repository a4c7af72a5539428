// Who may use a vhost of a test broker: a user of its own, whose password the test knows.

import { randomBytes } from 'node:crypto'
import { hashPassword } from '../broker/access/passwords.ts'
import { FULL_PERMISSION } from '../broker/access/users.ts'
import type { Broker } from '../broker/broker.ts'
import type { Login } from './test-vhost.ts'

/** Lets a user do everything in a vhost that is there; who is a user already stays as they are. */
export async function admit({ administration, users }: Broker, login: Login, tags: readonly string[]): Promise<void> {
  const { name, user, password } = login
  if (users.get(user) !== undefined) return
  // A hash that takes no time: it keeps nobody out but other tests.
  const passwordHash = hashPassword(password, randomBytes(4))
  await Promise.all([
    administration.putUser(user, { passwordHash, hashing: 'sha256', tags: [...tags] }),
    administration.setPermission(user, name, FULL_PERMISSION),
  ])
}
