// Which addresses are this machine's own.

import { isLoopback, plainAddress } from '../../../src/broker/access/loopback.ts'

it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1', '::ffff:7f00:1'])(
  '%s is of this machine',
  (address) => {
    expect(isLoopback(address)).toBe(true)
  },
)

it.each([
  '',
  '10.0.0.1',
  '128.0.0.1',
  '::',
  '::2',
  '::ffff:10.0.0.1',
  '2001:db8::127.0.0.1',
  '127.evil.example',
  '127.0.0.1.example',
  '::ffff:127.x',
  '::ffff:a00:1',
])('%j is not', (address) => {
  expect(isLoopback(address)).toBe(false)
})

it.each([
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:1.2.3.4', '1.2.3.4'],
  ['::ffff:102:304', '1.2.3.4'],
  ['::ffff:ff00:0', '255.0.0.0'],
  ['1.2.3.4', '1.2.3.4'],
  ['2001:db8::ffff:1.2.3.4', '2001:db8::ffff:1.2.3.4'],
  ['::ffff:1:2:3', '::ffff:1:2:3'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
  ['', ''],
])('%j is plainly %j', (address, plain) => {
  expect(plainAddress(address)).toBe(plain)
})
