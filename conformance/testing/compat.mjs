// Says what amqp.node sees of the broker that it finds by its environment, as one line of JSON.

import amqp from 'amqplib'

const { AMQP_URL, LEVERET_HTTP_URL } = process.env
const connection = await amqp.connect(AMQP_URL)
const { version } = connection.connection.serverProperties
const channel = await connection.createConfirmChannel()
await channel.assertQueue('q', { durable: true })
for (const body of ['1', '2', '3']) channel.sendToQueue('q', Buffer.from(body))
await channel.waitForConfirms()

const consuming = await connection.createChannel()
await consuming.prefetch(1, true)
let delivered = 0
for (const tag of ['a', 'b']) await consuming.consume('q', () => delivered++, { consumerTag: tag })
// What was delivered came before the answer to this.
await consuming.checkQueue('q')

const headers = { authorization: `Basic ${btoa('guest:guest')}` }
const { rabbitmq_version: apiVersion } = await (await fetch(`${LEVERET_HTTP_URL}/api/overview`, { headers })).json()
await connection.close()

const other = await amqp.connect(AMQP_URL)
other.on('error', () => {})
const declaring = await other.createChannel()
declaring.on('error', () => {})
const transient = await declaring.assertQueue('transient', { durable: false }).then(
  () => 'declared',
  () => 'refused',
)
if (transient === 'declared') await other.close()
console.log(JSON.stringify({ version, apiVersion, transient, delivered }))
