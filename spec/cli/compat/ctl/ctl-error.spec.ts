// Failures in rabbitmqctl's words.

import { ArgumentError, CtlError } from '../../../../src/cli/compat/ctl/ctl-error.ts'

describe('failures', () => {
  it('have the exit code for a broker that cannot, unless they have another', () => {
    expect(new CtlError('no').exitCode).toBe(69)
    expect(new CtlError('no', 67).exitCode).toBe(67)
  })

  it('of the command line have that of misuse', () => {
    expect(new ArgumentError('no').exitCode).toBe(64)
    expect(new ArgumentError('no', 65)).toBeInstanceOf(CtlError)
  })
})
