// What can be done to an export on its way out.

import { transformed, transforms } from '../../../src/cli/definitions/transforms.ts'

const document = {
  users: [{ name: 'ann', password_hash: 'H', tags: [] }],
  permissions: [{ user: 'ann', vhost: '/' }],
  policies: [
    { name: 'mirrored', definition: { 'ha-mode': 'all' } },
    { name: 'both', definition: { 'ha-mode': 'all', expires: 5 } },
  ],
  parameters: [],
  queues: [],
}

it.each([
  ['no_op', document],
  ['exclude_users', { ...document, users: undefined }],
  ['exclude-permissions', { ...document, permissions: undefined }],
  ['exclude_runtime_parameters', { ...document, parameters: undefined }],
  ['exclude_policies', { ...document, policies: undefined }],
  [
    'strip_cmq_keys_from_policies',
    {
      ...document,
      policies: [
        { name: 'mirrored', definition: {} },
        { name: 'both', definition: { expires: 5 } },
      ],
    },
  ],
  [
    'obfuscate_usernames',
    {
      ...document,
      users: [{ name: 'user-1', password_hash: '', tags: [] }],
      permissions: [{ user: 'user-1', vhost: '/' }],
    },
  ],
])('%s', (name, expected) => {
  expect(transformed(document, [name])).toEqual(expected)
})

it('does one after the other', () => {
  const { policies } = transformed(document, ['strip_cmq_keys_from_policies', 'drop_empty_policies'])
  expect(policies).toEqual([{ name: 'both', definition: { expires: 5 } }])
})

it('names those there are', () => {
  expect(() => transformed(document, ['x'])).toThrow(
    `--transform: got "x", expected some of ${Object.keys(transforms).join(', ')}`,
  )
})
