// Bindings as they are shown, and the names that tell them apart.

import { bindingView, defaultBinding, isNamed, propertiesKey } from '../../../src/management/views/binding.ts'
import { table } from '../../../src/protocol/field-table.ts'

it.each([
  ['', {}, '~'],
  ['~', {}, '%7E'],
  ['a.*', {}, 'a.%2A'],
  ['#', {}, '%23'],
  ['a b+c', {}, 'a+b%2Bc'],
  ["!'()-_.", {}, '%21%27%28%29-_.'],
  ['', { 'x-match': 'all' }, '~3ujGfg'],
])('%j with %j is called %s', (key, args, expected) => {
  const fields = table(args)
  expect(propertiesKey(key, fields)).toBe(expected)
  const binding = { ...defaultBinding('/', 'q'), routingKey: key, arguments: fields }
  expect(bindingView(binding).properties_key).toBe(expected)
  expect(isNamed(expected, binding)).toBe(true)
  expect(isNamed(decodeURIComponent(expected.replaceAll('+', ' ')), binding)).toBe(true)
  expect(isNamed('other', binding)).toBe(false)
})

it('every queue is bound to the default exchange', () => {
  expect(bindingView(defaultBinding('v', 'q'))).toEqual({
    source: '',
    vhost: 'v',
    destination: 'q',
    destination_type: 'queue',
    routing_key: 'q',
    arguments: {},
    properties_key: 'q',
  })
})
