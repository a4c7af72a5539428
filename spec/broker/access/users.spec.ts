// Accounts and permissions: who gets in, and where to.

import { hashPassword } from '../../../src/broker/access/passwords.ts'
import { type Account, FULL_PERMISSION, Users } from '../../../src/broker/access/users.ts'

const salt = Buffer.from('abcd')

function account(name: string, password: string): Account {
  return { name, passwordHash: hashPassword(password, salt), hashing: 'sha256', tags: ['administrator'] }
}

describe('users', () => {
  let users: Users

  beforeEach(() => {
    users = new Users()
    users.put(account('guest', 'secret'))
  })

  it('are let in by their password', () => {
    expect(users.authenticate('guest', 'secret')).toEqual(account('guest', 'secret'))
    expect(users.get('guest')?.tags).toEqual(['administrator'])
  })

  it.each([
    ['a wrong password', 'guest', 'Secret'],
    ['an empty password', 'guest', ''],
    ['a name that is unknown', 'nobody', 'secret'],
    ['an empty name', '', ''],
    ['a name of the language', '__proto__', ''],
  ])('are not let in with %s (§2.4)', (_, name, password) => {
    expect(users.authenticate(name, password)).toBeUndefined()
  })

  it('are not let in with an empty password even where it is theirs (§2.4)', () => {
    users.put(account('empty', ''))
    users.put({ name: 'none', passwordHash: '', hashing: 'sha256', tags: [] })
    for (const name of ['empty', 'none']) expect(users.authenticate(name, '')).toBeUndefined()
  })

  it('get another password, and are gone', () => {
    users.put(account('guest', 'other'))
    expect(users.authenticate('guest', 'secret')).toBeUndefined()
    expect(users.authenticate('guest', 'other')).toBeDefined()
    users.remove('guest')
    expect([users.authenticate('guest', 'other'), users.get('guest')]).toEqual([undefined, undefined])
  })
})

describe('permissions', () => {
  it('are those of one user on one vhost', () => {
    const users = new Users()
    const narrow = { configure: '^$', write: '', read: '.*' }
    users.permit('one', '/', FULL_PERMISSION)
    users.permit('one', 'other', narrow)
    users.permit('two', '/', narrow)
    expect(users.permission('one', '/')).toEqual({ configure: '.*', write: '.*', read: '.*' })
    expect(users.permission('one', 'other')).toBe(narrow)
    expect(users.permission('two', '/')).toBe(narrow)
    expect([users.permission('two', 'other'), users.permission('three', '/')]).toEqual([undefined, undefined])
    users.permit('one', 'other', FULL_PERMISSION)
    expect(users.permission('one', 'other')).toBe(FULL_PERMISSION)
    users.forbid('one', 'other')
    users.forbid('nobody', '/')
    expect([users.permission('one', 'other'), users.permission('one', '/')]).toEqual([undefined, FULL_PERMISSION])
  })
})
