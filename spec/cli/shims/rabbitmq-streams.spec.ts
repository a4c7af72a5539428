// `rabbitmq-streams` by its own name.

import { argumentsThrough } from '../../support/shim.ts'

it('is leveret rabbitmq-streams, with the words that follow', async () => {
  expect(await argumentsThrough('rabbitmq-streams', ['status', '-q'])).toEqual(['rabbitmq-streams', 'status', '-q'])
})
