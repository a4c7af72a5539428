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

  it('are known by name, and no name of the language is one', () => {
    expect(users.get('guest')).toEqual(account('guest', 'secret'))
    expect([users.get('nobody'), users.get(''), users.get('__proto__')]).toEqual([undefined, undefined, undefined])
  })

  it('get another password, and are gone', () => {
    users.put(account('guest', 'other'))
    expect(users.get('guest')).toEqual(account('guest', 'other'))
    users.remove('guest')
    expect(users.get('guest')).toBeUndefined()
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
