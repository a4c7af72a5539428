// An exchange as it is shown: what it is, its arguments as JSON, its policy.

import { exchangeView } from '../../../src/management/views/exchange.ts'
import { Api } from '../../support/api.ts'

it('shows what it is', async () => {
  const api = await Api.create()
  const vhost = api.broker.vhost('/')!
  expect(exchangeView(api.context, vhost.exchange('amq.rabbitmq.trace'), vhost)).toEqual({
    name: 'amq.rabbitmq.trace',
    vhost: '/',
    type: 'topic',
    durable: true,
    auto_delete: false,
    internal: true,
    arguments: {},
  })
  await api.close()
})
