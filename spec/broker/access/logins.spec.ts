// Who is let in: by which password, from where, and after how many that were wrong.

import { type Attempt, type LoginRules, Logins, PLAIN_RULES, Refusal } from '../../../src/broker/access/logins.ts'
import { hashPassword, newHash } from '../../../src/broker/access/passwords.ts'
import { type Account, Users } from '../../../src/broker/access/users.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const random = (count: number) => Buffer.alloc(count, 7)

let users: Users
let clock: ManualClock
let slow: Account

beforeAll(async () => {
  slow = { name: 'slow', passwordHash: await newHash('secret', 'scrypt', random), hashing: 'scrypt', tags: [] }
})

beforeEach(() => {
  users = new Users()
  clock = new ManualClock()
  users.put(quick('guest', 'guest'))
  users.put(quick('me', 'secret'))
  users.put(slow)
})

function quick(name: string, password: string): Account {
  return { name, passwordHash: hashPassword(password, random(4)), hashing: 'sha256', tags: [] }
}

function logins(rules: Partial<LoginRules> = {}): Logins {
  return new Logins({ users, clock, random, rules: { ...PLAIN_RULES, ...rules } })
}

const far = { address: '192.0.2.1', loopback: false }
const here = { address: '127.0.0.1', loopback: true }
const as = (user: string, password: string, from: Partial<Attempt> = far): Attempt => ({
  ...far,
  ...from,
  user,
  password,
})

/** The name of who was let in, or why not. */
async function told(made: Logins, attempt: Attempt): Promise<string> {
  const outcome = await made.attempt(attempt)
  return outcome instanceof Refusal ? outcome.why : outcome.name
}

describe('a login', () => {
  it.each([
    ['a wrong password', 'me', 'Secret'],
    ['an empty password', 'me', ''],
    ['a name that is unknown', 'nobody', 'secret'],
    ['an empty name', '', ''],
    ['a name of the language', '__proto__', 'secret'],
    ['a wrong password, slowly', 'slow', 'Secret'],
    ['an empty password where the hash is slow', 'slow', ''],
  ])('is refused with %s', async (_, user, password) => {
    for (const passwordHashing of ['sha256', 'scrypt'] as const) {
      const why = await told(logins({ passwordHashing }), as(user, password))
      expect(why).toBe(`wrong password or unknown user '${user}'`)
    }
  })

  it('is let in at once where the hash is quick', () => {
    expect(logins().attempt(as('me', 'secret'))).toBe(users.get('me'))
  })

  it('is let in later where the hash is slow, and at once when the password was right before', async () => {
    const made = logins()
    const first = made.attempt(as('slow', 'secret'))
    expect(first).toBeInstanceOf(Promise)
    expect(await first).toBe(slow)
    expect(made.attempt(as('slow', 'secret'))).toBe(slow)
    expect(await told(made, as('slow', 'other'))).toContain('wrong password')
    users.put({ ...slow })
    expect(made.attempt(as('slow', 'secret'))).toBeInstanceOf(Promise)
  })

  it('is refused where no password is set, whatever is said', async () => {
    users.put({ name: 'empty', passwordHash: hashPassword('', random(4)), hashing: 'sha256', tags: [] })
    users.put({ name: 'none', passwordHash: '', hashing: 'sha256', tags: [] })
    for (const user of ['empty', 'none']) expect(await told(logins(), as(user, ''))).toContain('wrong password')
  })

  it('of some users has to come from this machine', async () => {
    const refusal = "user 'guest' may only come from a loopback address"
    expect(await told(logins(), as('guest', 'guest'))).toBe(refusal)
    expect(await told(logins(), as('guest', 'guest', here))).toBe('guest')
    expect(await told(logins({ loopbackUsers: [] }), as('guest', 'guest'))).toBe('guest')
    expect(logins().certified('guest', far)).toMatchObject({ kind: 'place', why: refusal })
  })

  it('by certificate needs an account and no password', () => {
    users.put({ name: 'none', passwordHash: '', hashing: 'sha256', tags: [] })
    expect(logins().certified('none', far)).toBe(users.get('none'))
    expect(logins().certified('nobody', far)).toEqual(new Refusal('password', "unknown user 'nobody'"))
  })
})

describe('wrong passwords', () => {
  /** How many attempts are looked at until one is not; none of them is right. */
  async function looked(made: Logins, attempt: (i: number) => Attempt, most = 5000): Promise<number> {
    for (let i = 0; i < most; i++) {
      const outcome = await made.attempt(attempt(i))
      if (outcome instanceof Refusal && outcome.kind === 'often') return i
    }
    return most
  }

  it('may be so many from an address in a minute, and the right one is refused after them', async () => {
    const made = logins({ loginFailures: 20 })
    expect(await looked(made, () => as('me', 'wrong'))).toBe(20)
    expect(made.attempt(as('me', 'secret'))).toEqual(
      new Refusal('often', 'too many failed logins from 192.0.2.1', 3000),
    )
    expect(await told(made, as('me', 'secret', { address: '192.0.2.2' }))).toBe('me')
    clock.advance(3000)
    expect(await told(made, as('me', 'secret'))).toBe('me')
  })

  it('may be ten times as many from this machine', async () => {
    expect(await looked(logins({ loginFailures: 20 }), () => as('me', 'wrong', here))).toBe(200)
  })

  it('are counted together for all addresses of a network that somebody has', async () => {
    const made = logins({ loginFailures: 20 })
    expect(await looked(made, (i) => as('me', 'wrong', { address: `2001:db8:1:2::${i}` }))).toBe(20)
    expect(await told(made, as('me', 'secret', { address: '2001:db8:1:3::1' }))).toBe('me')
  })

  it('are counted together where zeros are left out of the network', async () => {
    const made = logins({ loginFailures: 20 })
    const written = ['2001:db8::1', '2001:db8:0:0:1:2:3:4', '2001:db8::9:1:2:3']
    expect(await looked(made, (i) => as('me', 'wrong', { address: written[i % 3]! }))).toBe(20)
    expect(await told(made, as('me', 'secret', { address: '2001:db8:0:1::1' }))).toBe('me')
  })

  it('are counted together for an IPv4 address in both of its spellings', async () => {
    const made = logins({ loginFailures: 20 })
    const written = ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201']
    expect(await looked(made, (i) => as('me', 'wrong', { address: written[i % 3]! }))).toBe(20)
  })

  it('from many addresses for one user lock out others, but nobody who was let in from there before', async () => {
    const made = logins({ loginFailures: 20 })
    expect(await told(made, as('me', 'secret'))).toBe('me')
    expect(await looked(made, (i) => as('me', 'wrong', { address: `10.0.${i >> 8}.${i & 255}` }))).toBe(200)
    expect(await told(made, as('me', 'secret', { address: '10.9.9.9' }))).toBe("too many failed logins of user 'me'")
    expect(await told(made, as('me', 'secret'))).toBe('me')
    expect(await told(made, as('slow', 'secret', { address: '10.9.9.9' }))).toBe('slow')
  })

  it('count before they are found out, where that takes a while', async () => {
    const made = logins({ loginFailures: 2 })
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => made.attempt(as('slow', 'wrong'))))
    const refused = outcomes.filter((outcome) => outcome instanceof Refusal && outcome.kind === 'often')
    expect(refused).toHaveLength(2)
  })

  it('are not what right ones count as', async () => {
    const made = logins({ loginFailures: 2 })
    for (let i = 0; i < 100; i++) expect(await told(made, as('me', 'secret'))).toBe('me')
  })
})
