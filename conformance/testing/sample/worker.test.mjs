// The tests of the worker, written with leveret/node-test.

import assert from 'node:assert'
import { afterEach, test } from 'node:test'
import amqp from 'amqplib'
import { useBroker } from 'leveret/node-test'
import { startWorker } from './worker.mjs'

const leveret = useBroker()
const soon = { timeout: '2s' }
let stop = async () => {}

// After the hooks of the plug-in would be too late: the vhost is gone then, and the worker would come back for ever.
async function working(work, test) {
  stop = await startWorker(leveret.url, work)
  try {
    await test(leveret.vhost)
  } finally {
    await stop()
  }
}

afterEach(() => stop())

/** How many messages the broker says are waiting in a queue. */
async function waiting(queue) {
  const connection = await amqp.connect(leveret.url)
  const { messageCount } = await (await connection.createChannel()).checkQueue(queue)
  await connection.close()
  return messageCount
}

test('an order is done, and announced', () =>
  working(
    async () => {},
    async (vhost) => {
      await vhost.publish('', 'orders', { id: 1 })
      await vhost.waitForMessage({ exchange: 'results', key: 'order.done', body: { id: 1 } }, soon)
      await vhost.waitForIdle(soon)
    },
  ))

test('an order is acked after the work, not before', () =>
  working(
    async () => {},
    async (vhost) => {
      await vhost.publish('', 'orders', { id: 1 })
      await vhost.waitForMessage({ exchange: 'results' }, soon)
      await vhost.waitForAck({ queue: 'orders' }, soon)
      // The order itself, the result of the work, and the ack: on one channel they arrive as they were sent.
      const told = vhost.events().filter(({ event }) => event === 'published' || event === 'settled')
      assert.deepEqual(
        told.map(({ event }) => event),
        ['published', 'published', 'settled'],
      )
    },
  ))

test('an order that fails is tried again', async () => {
  let tries = 0
  await working(
    async () => {
      if (++tries === 1) throw new Error('not yet')
    },
    async (vhost) => {
      await vhost.publish('', 'orders', { id: 1 })
      await vhost.waitForAck({ queue: 'orders' }, soon)
      assert.equal(tries, 2)
    },
  )
})

test('no more than five orders are taken at a time', async () => {
  let finish = () => {}
  const finished = new Promise((resolve) => {
    finish = resolve
  })
  await working(
    () => finished,
    async (vhost) => {
      for (let id = 0; id < 20; id++) await vhost.publish('', 'orders', { id })
      await vhost.waitFor((v) => v.unacked().length >= 5, soon)
      // Whoever asks after them has an answer when all that can be delivered has been.
      assert.equal(await waiting('orders'), 15)
      assert.equal(vhost.unacked().length, 5)
      finish()
      await vhost.waitForIdle(soon)
    },
  )
})

test('the worker comes back when its connection goes', () =>
  working(
    async () => {},
    async (vhost) => {
      leveret.broker.faults.dropConnection({ vhost: vhost.name })
      await vhost.publish('', 'orders', { id: 1 })
      await vhost.waitForAck({ queue: 'orders' }, soon)
    },
  ))
