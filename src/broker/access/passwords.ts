// Password hashes as RabbitMQ keeps them (https://www.rabbitmq.com/docs/passwords): base64 of a salt of four octets
// followed by the hash of salt and password.

import { createHash, timingSafeEqual } from 'node:crypto'

/** The hash functions that RabbitMQ knows; new hashes use the first. */
export const hashings = ['sha256', 'sha512', 'md5'] as const
/** The name of one of them. */
export type Hashing = (typeof hashings)[number]

const SALT_BYTES = 4

/** The hash of `password` with `salt` (four octets). */
export function hashPassword(password: string, salt: Uint8Array, hashing: Hashing = 'sha256'): string {
  return Buffer.concat([salt, digest(password, salt, hashing)]).toString('base64')
}

/** Whether `passwordHash` was made of `password`. An empty hash fits no password. */
export function verifyPassword(password: string, passwordHash: string, hashing: Hashing): boolean {
  const stored = Buffer.from(passwordHash, 'base64')
  const wanted = stored.subarray(SALT_BYTES)
  const given = digest(password, stored.subarray(0, SALT_BYTES), hashing)
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

function digest(password: string, salt: Uint8Array, hashing: Hashing): Buffer {
  return createHash(hashing).update(salt).update(password, 'utf8').digest()
}
