// Which addresses are this machine's own.

import { isLoopback } from '../../../src/broker/access/loopback.ts'

it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('%s is of this machine', (address) => {
  expect(isLoopback(address)).toBe(true)
})

it.each(['', '10.0.0.1', '128.0.0.1', '::', '::2', '::ffff:10.0.0.1', '2001:db8::127.0.0.1'])(
  '%j is not',
  (address) => {
    expect(isLoopback(address)).toBe(false)
  },
)
