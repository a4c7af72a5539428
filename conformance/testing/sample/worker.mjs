// A small consumer, as programs have them: it takes orders, does its work, announces what it did, and comes back when its
// connection goes. Its environment may plant a bug in it (BUG=1 to 5), for the tests to catch.

import amqp from 'amqplib'

const bug = Number(process.env.BUG ?? 0)

/** Starts to work on orders; returns how to stop. */
export async function startWorker(url, work) {
  let connection
  let stopped = false

  async function connect() {
    connection = await amqp.connect(url)
    connection.on('error', () => {})
    connection.on('close', () => {
      if (!stopped && bug !== 5) retry()
    })
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.assertExchange('results', 'topic')
    await channel.assertQueue('orders')
    if (bug !== 3) await channel.prefetch(5)
    await channel.consume('orders', (message) => handle(channel, message))
  }

  function retry() {
    connect().catch(() => setTimeout(retry, 5))
  }

  async function handle(channel, message) {
    if (message === null) return
    try {
      if (bug === 1) channel.ack(message)
      const order = JSON.parse(message.content.toString())
      await work(order)
      const key = bug === 4 ? 'order.finished' : 'order.done'
      channel.publish('results', key, Buffer.from(JSON.stringify({ id: order.id })))
      if (bug !== 1) channel.ack(message)
    } catch {
      if (bug !== 1) channel.nack(message, false, bug !== 2)
    }
  }

  await connect()
  return async () => {
    stopped = true
    await connection.close().catch(() => {})
  }
}
