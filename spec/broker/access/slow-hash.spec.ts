// The slow hash: it fits its password and no other, says what it costs, and asks for no more than can be borne.

import { slowHash, verifySlow } from '../../../src/broker/access/slow-hash.ts'

const salt = Buffer.from('0123456789abcdef')

/** A stored hash with another cost written into it. */
function costing(logN: number, r: number, p: number): string {
  return Buffer.concat([Buffer.from([logN, r, p]), salt, Buffer.alloc(32)]).toString('base64')
}

describe('a slow hash', () => {
  it('fits its password and no other', async () => {
    const hash = await slowHash('pässword', salt)
    const passwords = ['pässword', 'password', 'pässword ', '']
    expect(await Promise.all(passwords.map((each) => verifySlow(each, hash)))).toEqual([true, false, false, false])
  })

  it('holds its cost and its salt', async () => {
    const octets = Buffer.from(await slowHash('x', salt), 'base64')
    expect([octets.length, [...octets.subarray(0, 3)], octets.subarray(3, 19)]).toEqual([51, [14, 8, 1], salt])
    expect(await slowHash('x', salt)).not.toBe(await slowHash('x', Buffer.from('fedcba9876543210')))
  })

  it('may cost less or more than ours', async () => {
    // RFC 7914 gives no vector of this size; Node's own scrypt is what others are made with.
    expect(await verifySlow('x', costing(4, 1, 1))).toBe(false)
  })

  it.each([
    ['nothing', ''],
    ['a hash of RabbitMQ', 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR'],
    ['no base64', '***'],
    ['one that would take too much memory', costing(24, 8, 1)],
    ['one that would take too long', costing(14, 8, 200)],
    ['one that costs nothing', costing(0, 8, 1)],
    ['one without blocks', costing(14, 0, 1)],
  ])('is not %s', async (_, stored) => {
    expect(await verifySlow('test12', stored)).toBe(false)
  })

  it('is one of many that are asked for at once', async () => {
    const hash = await slowHash('x', salt)
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => verifySlow(i % 2 ? 'x' : 'y', hash)))
    expect(answers).toEqual([false, true, false, true, false, true, false, true])
  })

  it('is refused where too many wait', async () => {
    const stored = costing(1, 1, 1)
    const answers = await Promise.allSettled(Array.from({ length: 600 }, () => verifySlow('x', stored)))
    const refused = answers.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(98)
    expect(await verifySlow('x', stored)).toBe(false)
  })
})
