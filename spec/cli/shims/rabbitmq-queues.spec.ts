// `rabbitmq-queues` by its own name.

import { argumentsThrough } from '../../support/shim.ts'

it('is leveret rabbitmq-queues, with the words that follow', async () => {
  expect(await argumentsThrough('rabbitmq-queues', ['status', '-q'])).toEqual(['rabbitmq-queues', 'status', '-q'])
})
