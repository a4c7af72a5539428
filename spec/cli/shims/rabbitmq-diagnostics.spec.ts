// `rabbitmq-diagnostics` by its own name.

import { argumentsThrough } from '../../support/shim.ts'

it('is leveret rabbitmq-diagnostics, with the words that follow', async () => {
  expect(await argumentsThrough('rabbitmq-diagnostics', ['status', '-q'])).toEqual([
    'rabbitmq-diagnostics',
    'status',
    '-q',
  ])
})
