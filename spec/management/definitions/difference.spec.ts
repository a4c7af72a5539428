// What an import changes, in words.

import type { Change } from '../../../src/broker/adoption/plan.ts'
import { bindingKey, entryKey, type Kind, keyNames } from '../../../src/broker/entries.ts'
import { differenceView } from '../../../src/management/definitions/difference.ts'
import { bindingSpec } from '../../support/site.ts'

const change = (key: string, value: object | string, before: object | null = null): Change => ({
  key,
  ...(keyNames(key) as { kind: Kind; names: readonly string[] }),
  place: 'here[0]',
  value: JSON.stringify(value),
  before: before === null ? null : JSON.stringify(before),
  ephemeral: false,
})

it('things are named, and fields that differ shown with what they were', () => {
  const view = differenceView({
    changes: [
      change(entryKey('queue', '/', 'q'), {}),
      change(bindingKey('/', bindingSpec('x', 'q', 'k')), {}),
      change(entryKey('policy', '/', 'p'), { pattern: 'b', priority: 1 }, { pattern: 'a', priority: 1 }),
      change(entryKey('global-parameter', 'g'), [2], [1]),
    ],
    ignored: [{ place: 'queues[1]', kind: 'queue', names: ['/', 'r'], why: 'it is exclusive' }],
    unchanged: 7,
  })
  expect(view).toEqual({
    created: [
      { kind: 'queue', vhost: '/', name: 'q', place: 'here[0]' },
      {
        kind: 'binding',
        vhost: '/',
        source: 'x',
        destination_type: 'queue',
        destination: 'q',
        routing_key: 'k',
        place: 'here[0]',
      },
    ],
    changed: [
      { kind: 'policy', vhost: '/', name: 'p', place: 'here[0]', fields: { pattern: { from: 'a', to: 'b' } } },
      { kind: 'global-parameter', name: 'g', place: 'here[0]', fields: { value: { from: [1], to: [2] } } },
    ],
    ignored: [{ kind: 'queue', vhost: '/', name: 'r', place: 'queues[1]', reason: 'it is exclusive' }],
    unchanged: 7,
  })
})

it('no secret is shown', () => {
  const account = { passwordHash: 'old', hashing: 'sha256', tags: [] }
  const changes = [change(entryKey('user', 'u'), { ...account, passwordHash: 'new', tags: ['a'] }, account)]
  const view = differenceView({ changes, ignored: [], unchanged: 0 })
  expect(JSON.stringify(view)).not.toMatch(/old|new/)
  expect(view['changed']).toEqual([
    {
      kind: 'user',
      name: 'u',
      place: 'here[0]',
      fields: { passwordHash: { from: '***', to: '***' }, tags: { from: [], to: ['a'] } },
    },
  ])
})
