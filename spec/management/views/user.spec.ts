// Users and grants as they are shown.

import { FULL_PERMISSION, Users } from '../../../src/broker/access/users.ts'
import {
  hashingName,
  hashingNamed,
  permissionViews,
  topicPermissionViews,
  userView,
} from '../../../src/management/views/user.ts'

const users = new Users()
const account = { name: 'u', passwordHash: 'aGFzaA==', hashing: 'md5', tags: ['a'] } as const
users.put(account)
users.put({ ...account, name: 'other' })
users.permit('u', '/', FULL_PERMISSION)
users.permit('other', 'v', { configure: '', write: 'w', read: 'r' })
users.permitTopics('u', '/', 'amq.topic', { write: '^a', read: '.*' })
users.limit('u', { 'max-channels': 3 })

it('shows a user with its limits', () => {
  expect(userView(account, users)).toEqual({
    name: 'u',
    password_hash: 'aGFzaA==',
    hashing_algorithm: 'rabbit_password_hashing_md5',
    tags: ['a'],
    limits: { 'max-channels': 3 },
  })
})

it('shows permissions of all, or of one', () => {
  const other = { user: 'other', vhost: 'v', configure: '', write: 'w', read: 'r' }
  expect(permissionViews(users)).toEqual([{ user: 'u', vhost: '/', ...FULL_PERMISSION }, other])
  expect(permissionViews(users, 'other')).toEqual([other])
})

it('shows topic permissions', () => {
  const topic = { user: 'u', vhost: '/', exchange: 'amq.topic', write: '^a', read: '.*' }
  expect(topicPermissionViews(users, ['/', 'v'])).toEqual([topic])
  expect(topicPermissionViews(users, ['/', 'v'], 'other')).toEqual([])
})

it('names ways of hashing as RabbitMQ does', () => {
  for (const hashing of ['sha256', 'sha512', 'md5'] as const) expect(hashingNamed(hashingName(hashing))).toBe(hashing)
  expect(() => hashingNamed('sha256')).toThrow(/is not one of rabbit_password_hashing_sha256, /)
})
