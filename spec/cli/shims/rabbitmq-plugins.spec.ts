// `rabbitmq-plugins` by its own name.

import { argumentsThrough } from '../../support/shim.ts'

it('is leveret rabbitmq-plugins, with the words that follow', async () => {
  expect(await argumentsThrough('rabbitmq-plugins', ['status', '-q'])).toEqual(['rabbitmq-plugins', 'status', '-q'])
})
