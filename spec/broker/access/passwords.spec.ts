// Password hashes against the one that RabbitMQ's documentation works out (https://www.rabbitmq.com/docs/passwords).

import { hashings, hashPassword, newHash, quickHashings, verifyPassword } from '../../../src/broker/access/passwords.ts'

const salt = Buffer.from('908DC60A', 'hex')
const documented = 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR'

describe('a password hash', () => {
  it('is the one that RabbitMQ documents', () => {
    expect(hashPassword('test12', salt)).toBe(documented)
    expect(hashPassword('test12', salt, 'sha256')).toBe(documented)
    expect(verifyPassword('test12', documented, 'sha256')).toBe(true)
  })

  it.each(quickHashings)('of %s fits its password and no other', (hashing) => {
    const hash = hashPassword('pässword', salt, hashing)
    expect(Buffer.from(hash, 'base64').subarray(0, 4)).toEqual(salt)
    const passwords = ['pässword', 'passwörd', 'Pässword', 'pässword ', '']
    expect(passwords.map((password) => verifyPassword(password, hash, hashing))).toEqual([
      true,
      ...[false, false, false, false],
    ])
  })

  it('differs by its salt', () => {
    expect(hashPassword('test12', Buffer.from('00000000', 'hex'))).not.toBe(documented)
  })

  it('does not fit where it was made another way', () => {
    expect(verifyPassword('test12', documented, 'sha512')).toBe(false)
    expect(verifyPassword('test12', documented, 'md5')).toBe(false)
  })

  it.each([
    ['an empty', ''],
    ['a', salt.toString('base64')],
    ['a cut', documented.slice(0, 40)],
    ['a nonsensical', '?!'],
  ])('fits no password where there is %s hash', (_, hash) => {
    for (const password of ['', 'test12']) expect(verifyPassword(password, hash, 'sha256')).toBe(false)
  })
})

describe('a new hash', () => {
  const random = (count: number) => Buffer.alloc(count, 1)

  it.each(hashings)('may be one of %s, and fits its password', async (hashing) => {
    const hash = await newHash('mine', hashing, random)
    expect(await verifyPassword('mine', hash, hashing)).toBe(true)
    expect(await verifyPassword('yours', hash, hashing)).toBe(false)
  })

  it('of no password fits none', async () => {
    expect(await newHash('', 'scrypt', random)).toBe('')
    expect(await verifyPassword('', '', 'scrypt')).toBe(false)
  })
})
