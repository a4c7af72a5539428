// A password hash that costs whoever guesses: scrypt (RFC 7914), with what it costs written beside it, so that the cost can
// be raised later. base64 of: the logarithm of N, r and p (an octet each), a salt of 16 octets, 32 octets of hash. Computed
// beside the loop, a few at a time: the threads are also those that files are written by.

import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

/** Octets of the salt. */
export const SLOW_SALT_BYTES = 16
const COST_BYTES = 3
const HASH_BYTES = 32
/** N, r and p of new hashes: 16 MiB, some 30 ms of one core. */
const COST = Buffer.from([14, 8, 1])
/** What an imported hash may ask for at the most, octets of memory and rounds. */
const MAX_BYTES = 2 ** 28
const MAX_ROUNDS = 16
/** Hashes that are computed at the same time; Node has four threads. */
const AT_ONCE = 2
/** Hashes that may wait. */
const MAX_WAITING = 500

/** The hash of `password` with `salt` (16 octets). */
export async function slowHash(password: string, salt: Uint8Array): Promise<string> {
  const hash = await compute(password, salt, COST)
  return Buffer.concat([COST, salt, hash]).toString('base64')
}

/** Whether `stored` was made of `password`; false also for what is no such hash, or asks for too much. */
export async function verifySlow(password: string, stored: string): Promise<boolean> {
  const octets = Buffer.from(stored, 'base64')
  if (octets.length !== COST_BYTES + SLOW_SALT_BYTES + HASH_BYTES) return false
  const cost = octets.subarray(0, COST_BYTES)
  if (!isBearable(cost)) return false
  const salt = octets.subarray(COST_BYTES, COST_BYTES + SLOW_SALT_BYTES)
  const given = await compute(password, salt, cost)
  return timingSafeEqual(given, octets.subarray(COST_BYTES + SLOW_SALT_BYTES))
}

function isBearable([logN = 0, r = 0, p = 0]: Uint8Array): boolean {
  return logN >= 1 && logN <= 24 && r >= 1 && p >= 1 && p <= MAX_ROUNDS && 128 * 2 ** logN * r <= MAX_BYTES
}

const waiting: (() => void)[] = []
let running = 0

/** @throws Error when too many wait already */
async function compute(password: string, salt: Uint8Array, [logN = 0, r = 0, p = 0]: Uint8Array): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 2 * MAX_BYTES }
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) throw new Error('too many passwords are being checked')
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    running++
  }
  try {
    return await new Promise((resolve, reject) =>
      scrypt(password, salt, HASH_BYTES, options, (error, hash) => (error ? reject(error) : resolve(hash))),
    )
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
