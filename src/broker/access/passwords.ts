// Password hashes: RabbitMQ's own (https://www.rabbitmq.com/docs/passwords: base64 of a salt of four octets followed by
// the hash of salt and password), which are quick to compute and to guess, and a slow one (slow-hash.ts) for new passwords.

import { createHash, timingSafeEqual } from 'node:crypto'
import { SLOW_SALT_BYTES, slowHash, verifySlow } from './slow-hash.ts'

/** The hash functions that RabbitMQ knows. */
export const quickHashings = ['sha256', 'sha512', 'md5'] as const
/** All that there are. */
export const hashings = [...quickHashings, 'scrypt'] as const
/** The name of one of RabbitMQ's. */
export type QuickHashing = (typeof quickHashings)[number]
/** The name of any. */
export type Hashing = (typeof hashings)[number]

const SALT_BYTES = 4

/** The hash of `password` with `salt` (four octets), as RabbitMQ makes it. */
export function hashPassword(password: string, salt: Uint8Array, hashing: QuickHashing = 'sha256'): string {
  return Buffer.concat([salt, digest(password, salt, hashing)]).toString('base64')
}

/**
 * A hash for a new password; an empty one fits no password.
 * @param random gives octets that nobody can guess
 */
export async function newHash(
  password: string,
  hashing: Hashing,
  random: (count: number) => Uint8Array,
): Promise<string> {
  if (password === '') return ''
  if (hashing === 'scrypt') return slowHash(password, random(SLOW_SALT_BYTES))
  return hashPassword(password, random(SALT_BYTES), hashing)
}

/** Whether `passwordHash` was made of `password`: at once, or later where it is a slow one. */
export function verifyPassword(password: string, passwordHash: string, hashing: Hashing): boolean | Promise<boolean> {
  return hashing === 'scrypt' ? verifySlow(password, passwordHash) : verifyQuick(password, passwordHash, hashing)
}

/** Whether `passwordHash` was made of `password` by one of RabbitMQ's functions. An empty hash fits no password. */
export function verifyQuick(password: string, passwordHash: string, hashing: QuickHashing): boolean {
  const stored = Buffer.from(passwordHash, 'base64')
  const wanted = stored.subarray(SALT_BYTES)
  const given = digest(password, stored.subarray(0, SALT_BYTES), hashing)
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

function digest(password: string, salt: Uint8Array, hashing: QuickHashing): Buffer {
  return createHash(hashing).update(salt).update(password, 'utf8').digest()
}
