// A vhost as it is shown: what is set, and what its queues hold at this moment.

import { vhostView } from '../../../src/management/views/vhost.ts'
import { Api } from '../../support/api.ts'
import { NO_ARGUMENTS, published } from '../../support/site.ts'

it('counts what is in its queues', async () => {
  const api = await Api.create()
  const { broker } = api
  const vhost = broker.vhost('/')!
  const owner = broker.registerOwner()
  for (const name of ['a', 'b']) {
    const flags = { durable: true, exclusive: false, autoDelete: false }
    const { queue } = await broker.topology(vhost).declareQueue({ name, ...flags, arguments: NO_ARGUMENTS }, owner)
    for (let i = 0; i < 2; i++) queue?.publish(published('', name), null, 0)
  }
  await vhost.queues.get('a')?.get()
  expect(await vhostView(api.context, vhost)).toMatchObject({
    messages: 4,
    messages_ready: 3,
    messages_unacknowledged: 1,
  })
  await api.close()
})
