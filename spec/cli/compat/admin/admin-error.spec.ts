// Failures in rabbitmqadmin's words.

import { AdminError, misuse } from '../../../../src/cli/compat/admin/admin-error.ts'

describe('failures', () => {
  it('are three stars and a line', () => {
    expect(new AdminError('Not found: /a').text).toBe('*** Not found: /a\n\n')
  })

  it('of the command line point to the help', () => {
    expect(misuse('Action not specified').text).toBe(
      '\nERROR: Action not specified\n\nrabbitmqadmin --help for help\n\n',
    )
  })
})
