// Exit codes are what scripts decide by, so each is written down here a second time.

import { exitCode } from '../../src/cli/exit-codes.ts'

it('are those of sysexits(3), and two of our own', () => {
  expect(exitCode).toEqual({
    ok: 0,
    failedCheck: 1,
    partial: 3,
    usage: 64,
    data: 65,
    noInput: 66,
    noUser: 67,
    unavailable: 69,
    software: 70,
    io: 74,
    temporary: 75,
    noPermission: 77,
    config: 78,
  })
})
