// What a user may do: patterns on names, their refusals in RabbitMQ's words, and that what is changed counts at once.

import { ANYTHING, UserAccess } from '../../../src/broker/access/access.ts'
import { FULL_PERMISSION, type Permission, Users } from '../../../src/broker/access/users.ts'
import { channelError } from '../../support/errors.ts'

let users: Users
let access: UserAccess

beforeEach(() => {
  users = new Users()
  access = new UserAccess(users, 'u', '/')
})

const permit = (permission: Partial<Permission>) =>
  users.permit('u', '/', { configure: '', write: '', read: '', ...permission })

describe('a permission', () => {
  it('is refused in RabbitMQ’s words (§13.1)', () => {
    permit({})
    expect(() => access.queue('configure', 'q')).toThrow(
      channelError(403, "configure access to queue 'q' in vhost '/' refused for user 'u'"),
    )
    expect(() => access.exchange('write', 'x')).toThrow(
      channelError(403, "write access to exchange 'x' in vhost '/' refused for user 'u'"),
    )
    expect(() => access.queueInAnyWay('q')).toThrow(
      channelError(403, "access to queue 'q' in vhost '/' refused for user 'u'"),
    )
    expect(() => access.exchangeInAnyWay('')).toThrow(
      channelError(403, "access to exchange 'amq.default' in vhost '/' refused for user 'u'"),
    )
  })

  it.each<[string, string, boolean]>([
    ['.*', 'anything', true],
    ['q1', 'xxq1yy', true],
    ['^q$', 'q', true],
    ['^q$', 'qq', false],
    ['', 'q', false],
    ['', '', true],
    ['^(amq\\.default|x)$', 'y', false],
  ])('%j for %j: %j', (pattern, name, allowed) => {
    permit({ write: pattern })
    const ask = () => access.queue('write', name)
    for (let i = 0; i < 2; i++) allowed ? expect(ask).not.toThrow() : expect(ask).toThrow()
  })

  it('whose pattern takes too long with a name refuses it, and the log says so', () => {
    const warn = jest.fn()
    access = new UserAccess(users, 'u', '/', { warn })
    permit({ write: '^(a+)+$' })
    users.permitTopics('u', '/', 'x', { write: '^({username}+)+$', read: '' })
    expect(() => access.queue('write', `${'a'.repeat(60)}b`)).toThrow('write access')
    expect(() => access.topic('write', 'x', `${'u'.repeat(60)}b`)).toThrow("topic 'u")
    expect(warn).toHaveBeenCalledTimes(2)
    expect(() => access.queue('write', 'aa')).not.toThrow()
  })

  it('for the default exchange is one for amq.default', () => {
    permit({ write: '^amq\\.default$' })
    expect(() => access.exchange('write', '')).not.toThrow()
    expect(() => access.exchange('write', 'amq.direct')).toThrow()
    permit({ write: '^$' })
    expect(() => access.exchange('write', '')).toThrow(
      channelError(403, "write access to exchange 'amq.default' in vhost '/' refused for user 'u'"),
    )
  })

  it.each(['configure', 'write', 'read'] as const)('to %s is enough to look at something', (permission) => {
    permit({ [permission]: '^a$' })
    expect(() => access.queueInAnyWay('a')).not.toThrow()
    expect(() => access.exchangeInAnyWay('a')).not.toThrow()
    expect(() => access.queueInAnyWay('b')).toThrow()
  })

  it('counts from when it is changed, and nothing is left when it is taken away', () => {
    permit({ read: '^a$' })
    expect(() => access.queue('read', 'b')).toThrow()
    expect([access.reads('a'), access.reads('b'), ANYTHING.reads('b')]).toEqual([true, false, true])
    permit({ read: '^b$' })
    expect(() => access.queue('read', 'b')).not.toThrow()
    expect(() => access.queue('read', 'a')).toThrow()
    users.forbid('u', '/')
    expect(() => access.queue('read', 'b')).toThrow()
    expect(access.writesAnywhere).toBe(false)
  })

  it('of another user or in another vhost is none', () => {
    users.permit('other', '/', FULL_PERMISSION)
    users.permit('u', 'v', FULL_PERMISSION)
    expect(() => access.queue('read', 'q')).toThrow()
  })

  it('to everything is known as such', () => {
    permit({ write: '.*' })
    expect(access.writesAnywhere).toBe(true)
    permit({ write: '.+' })
    expect(access.writesAnywhere).toBe(false)
  })

  it('is found for more names than are remembered', () => {
    permit({ write: '7$' })
    const allowed = (name: string) => {
      try {
        access.queue('write', name)
        return true
      } catch {
        return false
      }
    }
    const names = Array.from({ length: 2500 }, (_, at) => `q${at}`)
    for (let i = 0; i < 2; i++) expect(names.filter(allowed)).toHaveLength(250)
  })
})

describe('a topic permission', () => {
  it('restricts one exchange and no other', () => {
    permit({})
    users.permitTopics('u', '/', 'x', { write: '^a\\.', read: '' })
    expect([access.restrictsTopics('x'), access.restrictsTopics('y')]).toEqual([true, false])
    expect(() => access.topic('write', 'x', 'a.b')).not.toThrow()
    expect(() => access.topic('read', 'y', 'b')).not.toThrow()
    expect(() => access.topic('write', 'x', 'b')).toThrow(
      channelError(403, "write access to topic 'b' in exchange 'x' in vhost '/' refused for user 'u'"),
    )
    expect(() => access.topic('read', 'x', 'a.b')).toThrow(
      channelError(403, "read access to topic 'a.b' in exchange 'x' in vhost '/' refused for user 'u'"),
    )
    users.forbidTopics('u', '/', 'x')
    expect(access.restrictsTopics('x')).toBe(false)
  })

  it('knows the names of user and vhost', () => {
    const named = new UserAccess(users, '$&', 'v')
    users.permitTopics('u', '/', 'x', { write: '^{username}\\.{vhost}\\.{username}$', read: '' })
    users.permitTopics('$&', 'v', 'x', { write: '^\\Q{username}\\E$', read: '' })
    expect(() => access.topic('write', 'x', 'u./.u')).not.toThrow()
    expect(() => access.topic('write', 'x', 'u.v.u')).toThrow()
    expect(() => named.topic('write', 'x', '$&')).not.toThrow()
  })

  it('allows nothing where a name makes no pattern of it, however often it is asked', () => {
    const odd = new UserAccess(users, 'c++', '/')
    users.permitTopics('c++', '/', 'x', { write: '^{username}\\.', read: '' })
    for (let i = 0; i < 2; i++) {
      expect(odd.restrictsTopics('x')).toBe(true)
      expect(() => odd.topic('write', 'x', 'secret.other')).toThrow(
        channelError(403, "write access to topic 'secret.other' in exchange 'x' in vhost '/' refused for user 'c++'"),
      )
    }
  })
})

it('the broker itself may do anything', () => {
  expect(() => {
    ANYTHING.queue('configure', 'q')
    ANYTHING.exchange('write', 'x')
    ANYTHING.queueInAnyWay('q')
    ANYTHING.exchangeInAnyWay('x')
    ANYTHING.topic('read', 'x', 'k')
  }).not.toThrow()
  expect([ANYTHING.writesAnywhere, ANYTHING.restrictsTopics('x')]).toEqual([true, false])
})
