// Documents of definitions: their sections and the identity of entries.

import { canonical, entriesOf, keyOf, parseDefinitions, withVhost } from '../../../src/cli/definitions/document.ts'

it('reads an object, and nothing else', () => {
  expect(parseDefinitions('{"queues":[]}', 'f')).toEqual({ queues: [] })
  expect(() => parseDefinitions('{', 'f.json')).toThrow(/^f\.json is not JSON/)
  expect(() => parseDefinitions('[]', 'f.json')).toThrow(/^f\.json holds no definitions/)
})

it('knows an entry by what identifies it', () => {
  const binding = { vhost: '/', source: 'a', destination: 'b', destination_type: 'queue', routing_key: '' }
  expect(keyOf('bindings', binding)).toBe(keyOf('bindings', { ...binding, arguments: {}, more: 1 }))
  expect(keyOf('bindings', { ...binding, arguments: { a: 1 } })).not.toBe(keyOf('bindings', binding))
  expect(keyOf('queues', { name: 'a', vhost: '/', durable: true })).toBe(keyOf('queues', { vhost: '/', name: 'a' }))
  expect(entriesOf({}, 'queues')).toEqual([])
  expect(JSON.stringify(canonical({ b: [{ d: 1, c: 2 }], a: null }))).toBe('{"a":null,"b":[{"c":2,"d":1}]}')
})

it('writes the vhost into an export of one', () => {
  const document = { queues: [{ name: 'q' }], users: [{ name: 'u' }] }
  expect(withVhost(document, 'v')).toEqual({ queues: [{ vhost: 'v', name: 'q' }], users: [{ name: 'u' }] })
})
