// What administration says no with.

import { AdministrationError, invalid, missing } from '../../src/broker/administration-error.ts'

it('an error of administration says of what kind it is', () => {
  const errors = [invalid('-1 is not a valid maximum length'), missing("vhost 'v' does not exist")]
  expect(errors.map(({ kind, message }) => [kind, message])).toEqual([
    ['invalid', '-1 is not a valid maximum length'],
    ['missing', "vhost 'v' does not exist"],
  ])
  for (const error of errors) expect(error).toBeInstanceOf(AdministrationError)
})
