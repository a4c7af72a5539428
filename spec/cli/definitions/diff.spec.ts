// Differences between documents: what was added, removed and changed.

import { difference } from '../../../src/cli/definitions/diff.ts'

const queue = (name: string, more: object = {}) => ({
  vhost: '/',
  name,
  durable: true,
  auto_delete: false,
  arguments: {},
  ...more,
})

describe('a difference', () => {
  it('is what was added, changed and removed', () => {
    const before = { queues: [queue('same'), queue('gone', { arguments: { 'x-max-length': 1 } }), queue('changed')] }
    const after = { queues: [queue('same'), queue('changed', { arguments: { a: 1 } }), queue('new')] }
    expect(difference(before, after).map(({ change, name, detail }) => [change, name, detail])).toEqual([
      ['changed', 'changed', 'arguments: {} -> {"a":1}'],
      ['added', 'new', ''],
      ['removed', 'gone', 'arguments: {"x-max-length":1}'],
    ])
  })

  it('is none for what means the same', () => {
    const before = { users: [{ name: 'u', tags: ['a', 'b'], limits: {} }], queues: [{ vhost: '/', name: 'q' }] }
    const after = { users: [{ name: 'u', tags: 'a,b' }], queues: [queue('q')] }
    expect(difference(before, after)).toEqual([])
  })

  it('looks only at sections that the wanted document has, or at those that are named', () => {
    expect(difference({ queues: [queue('a')] }, { users: [] })).toEqual([])
    expect(difference({ queues: [queue('a')] }, {}, ['queues'])).toHaveLength(1)
  })

  it('prints no hash', () => {
    const [change] = difference(
      { users: [{ name: 'u', password_hash: 'A' }] },
      { users: [{ name: 'u', password_hash: 'B' }] },
    )
    expect(change).toMatchObject({ change: 'changed', detail: 'password_hash differs' })
    const [added] = difference({}, { users: [{ name: 'u', password_hash: 'A', tags: ['x'] }] })
    expect(added?.detail).toBe('tags: ["x"]')
  })

  it.each([
    ['bindings', { vhost: '/', source: 'a', destination: 'b', routing_key: 'k' }, 'a -> b (k)'],
    ['permissions', { vhost: '/', user: 'u' }, 'u'],
    ['topic_permissions', { vhost: '/', user: 'u', exchange: 'x' }, 'u at x'],
    ['parameters', { vhost: '/', component: 'c', name: 'n' }, 'c/n'],
    ['policies', { vhost: '/', name: 'p' }, 'p'],
  ])('names an entry of %s', (section, entry, name) => {
    expect(difference({}, { [section]: [entry] })).toMatchObject([{ change: 'added', vhost: '/', name }])
  })
})
