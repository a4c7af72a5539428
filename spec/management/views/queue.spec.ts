// A queue as it is shown: with its policies, and with as many numbers as were asked for.

import { fullQueueView, plainQueueView, queueView, totalsView } from '../../../src/management/views/queue.ts'
import { Api } from '../../support/api.ts'

it('shows as much as is asked for', async () => {
  const api = await Api.create()
  await api.change('PUT', '/api/queues/%2F/q')
  const { administration } = api.broker
  await administration.putPolicy('/', 'p', { pattern: '', definition: { 'max-length': 9, expires: 100000 } })
  await administration.putOperatorPolicy('/', 'o', { pattern: '', definition: { 'max-length': 5 } })
  const vhost = api.broker.vhost('/')!
  const queue = vhost.queues.get('q')!
  const plain = plainQueueView(vhost, queue)
  expect(plain).toMatchObject({
    type: 'classic',
    policy: 'p',
    operator_policy: 'o',
    effective_policy_definition: { 'max-length': 5, expires: 100000 },
  })
  const details = await queue.details()
  expect(queueView(api.context, vhost, queue, details)).toMatchObject({
    ...plain,
    ...totalsView(details),
    consumers: 0,
    message_bytes: 0,
    memory: expect.any(Number),
    head_message_timestamp: null,
    single_active_consumer_tag: null,
  })
  expect(await fullQueueView(api.context, vhost, queue)).toMatchObject(plain)
  await api.close()
})
