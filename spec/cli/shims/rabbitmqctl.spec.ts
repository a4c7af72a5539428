// `rabbitmqctl` by its own name.

import { argumentsThrough } from '../../support/shim.ts'

it('is leveret rabbitmqctl, with the words that follow', async () => {
  expect(await argumentsThrough('rabbitmqctl', ['status', '-q'])).toEqual(['rabbitmqctl', 'status', '-q'])
})
