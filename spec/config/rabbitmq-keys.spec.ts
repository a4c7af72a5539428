// The keys of rabbitmq.conf: each is one of our options, means nothing here, or is nobody's.

import { optionList } from '../../src/config/options.ts'
import type { Line } from '../../src/config/rabbitmq-file.ts'
import { isIgnored, isMatterOfCourse, knownKeys, settingOf } from '../../src/config/rabbitmq-keys.ts'

const line = (key: string, value: string): Line => ({ file: '/r.conf', number: 7, key, value })

it.each([
  ['ssl_options.certfile', '/x.pem', 'tlsCert', '/x.pem'],
  ['default_pass', 's3cret', 'defaultPass', 's3cret'],
  ['channel_max', '0', 'channelMax', '65535'],
  ['connection_max', 'infinity', 'connectionMax', '0'],
  ['vm_memory_high_watermark.absolute', '2GB', 'memoryLimit', '2GB'],
  ['log.console.level', 'warning', 'logLevel', 'warn'],
  ['log.file.level', 'none', 'logLevel', 'silent'],
  ['log.console.formatter', 'plaintext', 'logFormat', 'pretty'],
  ['management.tcp.port', '15673', 'httpPort', '15673'],
])('%s = %s is an option', (key, value, field, raw) => {
  expect(settingOf(line(key, value))).toEqual([field, raw])
})

it('takes shares of the memory there is', () => {
  const [field, bytes] = settingOf(line('vm_memory_high_watermark.relative', '0.5')) ?? []
  expect([field, Number.isSafeInteger(bytes)]).toEqual(['memoryLimit', true])
  expect(() => settingOf(line('disk_free_limit.relative', 'half'))).toThrow(
    '/r.conf, line 7, key disk_free_limit.relative: got "half", expected a number above 0',
  )
})

it('gives only options that there are', () => {
  const fields: readonly string[] = optionList.map(([field]) => field)
  const given = knownKeys().flatMap((key) => settingOf(line(key, '1'))?.[0] ?? [])
  expect(given.length).toBeGreaterThan(25)
  expect(given.filter((field) => !fields.includes(field))).toEqual([])
})

it.each([
  ['cluster_formation.peer_discovery_backend', true],
  ['raft.segment_max_entries', true],
  ['quorum_queue.continuous_membership_reconciliation.enabled', true],
  ['queue_master_locator', true],
  ['collect_statistics_interval', true],
  ['auth_ldap.servers.1', true],
  ['hartbeat', false],
  ['default_usr', false],
  ['raft', false],
])('%s means nothing here: %s', (key, expected) => {
  expect(isIgnored(key)).toBe(expected)
})

it.each([
  ['auth_backends.1', 'internal', true],
  ['auth_backends.1', 'ldap', false],
  ['default_permissions.read', '.*', true],
  ['default_permissions.read', '^a', false],
  ['log.console', 'true', true],
])('%s = %s is so anyway: %s', (key, value, expected) => {
  expect(isMatterOfCourse(line(key, value))).toBe(expected)
})
