// Who brings messages and who takes them, in numbers.

import type { Consumer } from '../../../src/broker/consumer.ts'
import { Exchange } from '../../../src/broker/exchange/exchange.ts'
import { consumersBy, deliveryStats, publishStats } from '../../../src/management/statistics/flows.ts'
import { endStatistics } from '../../../src/management/statistics/shown.ts'
import { Api } from '../../support/api.ts'

let api: Api
beforeEach(async () => {
  api = await Api.create()
})
afterEach(async () => {
  endStatistics(api.context)
  await api.close()
})

const consumer = (noAck: boolean, delivered: number, acked = 0) => ({ noAck, delivered, acked }) as Consumer

it('adds up what consumers were given, and how fast', () => {
  // What was not there when looking began has come within the last five seconds.
  const rate = (rate: number) => ({ rate: expect.closeTo(rate) })
  expect(deliveryStats(api.context, [consumer(false, 3, 2), consumer(true, 4), consumer(false, 0)])).toEqual({
    ...{ ack: 2, ack_details: rate(0.4), deliver: 3, deliver_details: rate(0.6) },
    ...{ deliver_get: 7, deliver_get_details: rate(1.4), deliver_no_ack: 4, deliver_no_ack_details: rate(0.8) },
  })
})

it('puts together who has something in common, in one pass over many', () => {
  const many = Array.from({ length: 1000 }, (_, index) => consumer(index % 2 === 0, index))
  const key = jest.fn(({ noAck }: Consumer) => noAck)
  const groups = [...consumersBy(many, key)]
  expect(groups.map(([noAck, { length }]) => [noAck, length])).toEqual([
    [true, 500],
    [false, 500],
  ])
  expect(groups[1]?.[1].map(({ delivered }) => delivered).slice(0, 3)).toEqual([1, 3, 5])
  expect(key.mock.calls.length).toBeLessThanOrEqual(2 * many.length)
})

it('says nothing where there was nothing', () => {
  expect(deliveryStats(api.context, [])).toBeNull()
  expect(deliveryStats(api.context, [consumer(false, 0)])).toBeNull()
})

it('says what was published', () => {
  const exchange = api.broker.vhost('/')?.exchanges.get('amq.topic') as Exchange
  expect(exchange).toBeInstanceOf(Exchange)
  expect(publishStats(api.context, { exchange, published: 0 })).toBeNull()
  expect(publishStats(api.context, { exchange, published: 5 })).toEqual({ publish: 5, publish_details: { rate: 1 } })
})
