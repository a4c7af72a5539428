// `rabbitmqadmin` by its own name.

import { argumentsThrough } from '../../support/shim.ts'

it('is leveret rabbitmqadmin, with the words that follow', async () => {
  expect(await argumentsThrough('rabbitmqadmin', ['status', '-q'])).toEqual(['rabbitmqadmin', 'status', '-q'])
})
