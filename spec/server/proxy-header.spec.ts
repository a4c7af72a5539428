// What a proxy says of its client, in both versions, whole and in pieces; and what is no such thing.

import { ProxyHeaderError, readProxyHeader } from '../../src/server/proxy-header.ts'

const binary = (command: number, family: number, rest: string, length = rest.length / 2) =>
  Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    Buffer.from([command, family, length >> 8, length & 255]),
    Buffer.from(rest, 'hex'),
  ])
const ends = (from: string, to: string) => ({ remote: { host: from, port: 50000 }, local: { host: to, port: 5672 } })
const PORTS = 'c3501628'
const FOUR = `c0000201${'c6336402'}${PORTS}`
const SIX = `20010db8000000000000000000000001${'00000000000000000000ffffc0000202'}${PORTS}`

const whole: readonly (readonly [what: string, bytes: Buffer, ends: object | null])[] = [
  ['a line', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.2 50000 5672\r\n'), ends('192.0.2.1', '198.51.100.2')],
  ['a line of IPv6', Buffer.from('PROXY TCP6 2001:db8::1 ::1 50000 5672\r\n'), ends('2001:db8::1', '::1')],
  ['a line of IPv4 as IPv6', Buffer.from('PROXY TCP6 ::ffff:192.0.2.1 ::1 50000 5672\r\n'), ends('192.0.2.1', '::1')],
  ['a line that knows nothing', Buffer.from('PROXY UNKNOWN\r\n'), null],
  ['a line that knows nothing of use', Buffer.from('PROXY UNKNOWN ffff:f... ::1 65535 65535\r\n'), null],
  ['version 2', binary(0x21, 0x11, FOUR), ends('192.0.2.1', '198.51.100.2')],
  ['version 2 with IPv6', binary(0x21, 0x21, SIX), ends('2001:db8::1', '192.0.2.2')],
  ['version 2 with more', binary(0x21, 0x11, `${FOUR}03000400000000`), ends('192.0.2.1', '198.51.100.2')],
  ['version 2 of the proxy itself', binary(0x20, 0x00, ''), null],
  ['version 2 of a Unix socket', binary(0x21, 0x31, '00'.repeat(216)), null],
]

it.each(whole)('%s is read, with what follows left alone', (_, bytes, expected) => {
  const header = readProxyHeader(Buffer.concat([bytes, Buffer.from('AMQP')]))
  expect(header).toEqual({ ends: expected, length: bytes.length })
})

it.each(whole)('%s is waited for, octet by octet', (_, bytes) => {
  for (let length = 0; length < bytes.length; length++) expect(readProxyHeader(bytes.subarray(0, length))).toBeNull()
})

it.each([
  ['what a client says', Buffer.from('AMQP\0\0\x09\x01'), 'the first octets are 414d515000000901'],
  ['a handshake of TLS', Buffer.from([0x16, 3, 1]), 'the first octets are 160301'],
  ['a line without end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`), 'no end within 107 octets'],
  ['a line of other addresses', Buffer.from('PROXY TCP4 ::1 ::1 1 1\r\n'), 'its line is "PROXY TCP4 ::1 ::1 1 1"'],
  ['a line of too little', Buffer.from('PROXY TCP4 192.0.2.1\r\n'), 'its line is'],
  ['a line of too much', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.1 1 1 1\r\n'), 'its line is'],
  ['another version', binary(0x31, 0x11, FOUR), 'version and command are 0x31'],
  ['another command', binary(0x22, 0x11, FOUR), 'version and command are 0x22'],
  ['too few octets', binary(0x21, 0x11, 'c0000201'), '4 octets are too few'],
  ['too many octets', binary(0x21, 0x11, FOUR, 65_535), '65535 octets long'],
])('%s is no header', (_, bytes, why) => {
  expect(() => readProxyHeader(bytes)).toThrow(ProxyHeaderError)
  expect(() => readProxyHeader(bytes)).toThrow(why)
})
