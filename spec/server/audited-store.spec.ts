// A store that is audited: every change is told with what was before, no secret is, and nothing else is different.

import { Broker } from '../../src/broker/broker.ts'
import type { Store } from '../../src/broker/store.ts'
import type { Actor, AuditedChange } from '../../src/server/audit.ts'
import { auditedStore } from '../../src/server/audited-store.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { faultyStore } from '../support/fault-store.ts'
import { defaults, Site } from '../support/site.ts'

let store: Store
let told: { readonly actor: Actor | null; readonly change: AuditedChange }[]
let actor: Actor | null

beforeEach(() => {
  told = []
  actor = null
  store = createMemoryStore()
})

function audited(inner: Store): Store {
  const changed = (by: Actor | null, change: AuditedChange) => void told.push({ actor: by, change })
  return auditedStore(inner, {
    changed,
    get actor() {
      return actor
    },
  })
}

const me = { user: 'me', address: '192.0.2.1' }
const changes = () => told.splice(0).map(({ actor: by, change }) => [by?.user ?? null, change.what, change.names])

it('tells what was before and is now, without hashes of passwords', async () => {
  const { broker } = await Site.start(audited(store))
  expect(changes()).toContainEqual([null, 'user', ['guest']])
  actor = me
  await broker.administration.putUser('u', { password: 'secret' })
  await broker.administration.setUserTags('u', ['monitoring'])
  await broker.administration.deleteUser('u')
  expect(told.map(({ change: { before, after } }) => [before, after])).toEqual([
    [null, { passwordHash: '(hidden)', hashing: 'sha256', tags: [] }],
    [
      { passwordHash: '(hidden)', hashing: 'sha256', tags: [] },
      { passwordHash: '(hidden)', hashing: 'sha256', tags: ['monitoring'] },
    ],
    [{ passwordHash: '(hidden)', hashing: 'sha256', tags: ['monitoring'] }, null],
  ])
  await broker.stop()
})

it('hides passwords in addresses', async () => {
  const { broker } = await Site.start(audited(store))
  changes()
  await broker.administration.parameters.set('/', 'shovel', 's', { 'src-uri': 'amqp://me:s3cret@far/x' })
  expect(told[0]?.change.after).toMatchObject({ 'src-uri': 'amqp://me:(hidden)@far/x' })
  await broker.stop()
})

it('tells of queues only where an administrator has made them', async () => {
  const site = await Site.start(audited(store))
  changes()
  await site.declareQueue('a', { durable: true })
  actor = me
  await site.declareQueue('b', { durable: true })
  expect(changes()).toEqual([['me', 'queue', ['/', 'b']]])
  await site.broker.stop()
})

it('remembers across restarts what was before', async () => {
  const first = await Site.start(audited(store))
  await first.broker.administration.putPolicy('/', 'p', { pattern: '^a', definition: { 'max-length': 1 } })
  await first.broker.stop()
  changes()
  const second = await Site.start(audited(store))
  await second.broker.administration.deletePolicy('/', 'p')
  expect(told.at(-1)?.change).toMatchObject({ what: 'policy', before: { pattern: '^a' }, after: null })
  await second.broker.stop()
})

it('tells nothing of what was not done', async () => {
  const faulty = faultyStore(createMemoryStore())
  const { broker } = await Site.start(audited(faulty))
  changes()
  faulty.meta.failNextCommit('failed', { applied: false })
  await expect(broker.administration.putVhost('v')).rejects.toThrow()
  expect(changes()).toEqual([])
  await broker.stop().catch(() => {})
})

it('is a store like any other', async () => {
  const { broker } = await Site.start(audited(store))
  expect(broker).toBeInstanceOf(Broker)
  expect(broker.users.get(defaults.defaultUser)?.tags).toEqual(['administrator'])
  await broker.stop()
})
