// Copies of a traced vhost, as the messages that they are copies of.

import type { ConsumeMessage } from '../../../src/cli/amqp.ts'
import { asQueued, isTraced, withDirect } from '../../../src/cli/messages/traced.ts'
import type { Task } from '../../../src/cli/task.ts'

const trace = { exchange: 'amq.rabbitmq.trace', key: '#' }
const direct = { exchange: 'amq.rabbitmq.trace', key: 'publish.' }
const other = { exchange: 'e', key: 'k' }

function message(exchange: string, routingKey: string, headers: object, more: object = {}): ConsumeMessage {
  const fields = { exchange, routingKey, redelivered: false, deliveryTag: 1, consumerTag: 'c' }
  return { content: Buffer.from('body'), fields, properties: { headers, ...more } } as unknown as ConsumeMessage
}

const said = { exchange_name: '', routing_keys: ['q', 'cc'], routed_queues: ['q'], properties: { message_id: 'm' } }

it.each([
  [true, true],
  [false, false],
  [undefined, false],
])('a vhost is traced as it says of itself: %s', async (tracing, is) => {
  const asked: string[] = []
  const get = async (path: string) => {
    asked.push(path)
    return { name: 'v', tracing }
  }
  const task = { api: async () => ({ get }), vhost: async () => 'a/b' } as unknown as Task
  expect(await isTraced(task)).toBe(is)
  expect(asked).toEqual([expect.stringContaining('vhosts/a%2Fb')])
})

it('what is published directly is followed too, unless the queue gets copies itself', () => {
  expect(withDirect([])).toEqual([direct])
  expect(withDirect([other])).toEqual([other, direct])
  expect(withDirect([trace])).toEqual([trace])
})

it('a copy becomes what it is a copy of, with the properties of that alone', () => {
  const copy = message('amq.rabbitmq.trace', 'publish.', said, { appId: 'of the copy' })
  expect(asQueued('q', [])(copy)).toEqual({
    content: Buffer.from('body'),
    fields: { exchange: '', routingKey: 'q', redelivered: false, deliveryTag: 1, consumerTag: 'c' },
    properties: { headers: {}, messageId: 'm' },
  })
})

it.each([[{ ...said, routed_queues: ['r'] }], [{ ...said, routed_queues: [] }], [{}]])(
  'a copy of what went elsewhere is passed over: %j',
  (headers) => {
    expect(asQueued('q', [])(message('amq.rabbitmq.trace', 'publish.', headers))).toBeUndefined()
  },
)

it('what is no copy, and what a queue of copies gets, is itself', () => {
  const plain = message('e', 'k', {})
  const copy = message('amq.rabbitmq.trace', 'publish.', said)
  expect(asQueued('q', [other])(plain)).toBe(plain)
  expect(asQueued('q', [trace])(copy)).toBe(copy)
})
