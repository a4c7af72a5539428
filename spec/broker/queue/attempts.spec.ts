// What is known of messages that came back, as octets of a summary.

import {
  type Attempts,
  attemptsBytes,
  isAside,
  NO_ATTEMPT,
  readAttempts,
  writeAttempts,
} from '../../../src/broker/queue/attempts.ts'

const attempts: Attempts = new Map([
  [7, { failed: 1, acquired: 2, fate: 3, dueMs: 0x1122_3344_5566 }],
  [0x8000_0000, { failed: 0xffff_ffff, acquired: 4, fate: 0, dueMs: 0 }],
])

describe('attempts', () => {
  it('are what docs/storage.md says, and read back', () => {
    const bytes = Buffer.alloc(3 + attemptsBytes(attempts))
    writeAttempts(attempts, bytes, 3)
    expect(bytes.toString('hex')).toBe(
      '000000' +
        '00000007' +
        '00000001' +
        '00000002' +
        '03' +
        '0000112233445566' +
        '80000000' +
        'ffffffff' +
        '00000004' +
        '00' +
        '0000000000000000',
    )
    expect(readAttempts(bytes, 3)).toEqual(attempts)
  })

  it('are none where none were written', () => {
    expect([attemptsBytes(null), readAttempts(Buffer.alloc(5), 5)]).toEqual([0, null])
  })

  it('keep a message aside that waits or is to leave', () => {
    const all = [NO_ATTEMPT, { ...NO_ATTEMPT, failed: 9, acquired: 9 }, { ...NO_ATTEMPT, fate: 1 }]
    expect([...all, { ...NO_ATTEMPT, dueMs: 1 }].map(isAside)).toEqual([false, false, true, true])
  })
})
