// What a test leaves behind, in words.

import { LeakError, leakLines } from '../../src/testing/leaks.ts'
import { messageOf } from '../../src/testing/publish.ts'
import { seen } from '../../src/testing/seen-message.ts'

const nothing = { connections: 0, channels: 0, unacked: [], messages: {}, faults: [] }

describe('a leak report', () => {
  it('has nothing to say of nothing', () => {
    expect(leakLines(nothing)).toEqual([])
  })

  it('names all that is left', () => {
    const delivered = {
      event: 'delivered' as const,
      number: 1,
      at: 0,
      vhost: 'v',
      connection: 1,
      channel: 1,
      queue: 'q',
      sequence: 4,
      consumer: 'c',
      deliveryTag: 1,
      redelivered: false,
      noAck: false,
      message: seen(messageOf('', 'q', 'x')),
    }
    const unacked = [delivered, { ...delivered, consumer: null }]
    const report = { connections: 1, channels: 2, unacked, messages: { q: 3 }, faults: ['refuses connections'] }
    const { message } = new LeakError('v', report)
    expect(message.split('\n  ')).toEqual([
      `the test in vhost 'v' leaves behind:`,
      '1 open connections, with 2 channels',
      `unacked: message 4 of q, held by consumer c: '' 'q' "x"`,
      `unacked: message 4 of q, held by basic.get: '' 'q' "x"`,
      '3 messages in q',
      'a fault: refuses connections',
    ])
  })
})
