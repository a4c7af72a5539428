// Starts and stops a thousand test brokers one after the other in one process, each used by a client, and holds what is left
// against what was there before: handles, timers, memory. Run `npm run build` before, and node with --expose-gc.

import amqp from 'amqplib'
import { startBroker } from '../dist/testing/index.js'

const BROKERS = Number(process.argv[2] ?? 1000)
/** So many first: what is loaded and compiled once is no leak. */
const WARM_UP = 50
/** Memory that may come and go, octets. */
const SLACK = 16 * 2 ** 20

async function use() {
  const broker = await startBroker({ clock: 'virtual' })
  const vhost = await broker.isolate()
  const connection = await amqp.connect(vhost.url)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue('q', { messageTtl: 60_000 })
  await channel.consume('q', (message) => channel.ack(message))
  channel.sendToQueue('q', Buffer.alloc(1000))
  await vhost.waitForAck()
  await connection.close()
  await broker.stop()
}

async function left() {
  await new Promise((resolve) => setTimeout(resolve, 50))
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { resources: process.getActiveResourcesInfo().sort().join(' ') || 'none', heapUsed, rss }
}

const megabytes = (octets) => `${(octets / 2 ** 20).toFixed(1)} MiB`

for (let i = 0; i < WARM_UP; i++) await use()
const before = await left()
const begun = performance.now()
for (let i = 0; i < BROKERS; i++) await use()
const eachMs = (performance.now() - begun) / BROKERS
const after = await left()

console.log(`${BROKERS} brokers, ${eachMs.toFixed(2)} ms each with a client`)
console.log(`handles and timers: ${before.resources} before, ${after.resources} after`)
console.log(`heap: ${megabytes(before.heapUsed)} before, ${megabytes(after.heapUsed)} after`)
console.log(`resident: ${megabytes(before.rss)} before, ${megabytes(after.rss)} after`)
const grown = after.heapUsed - before.heapUsed > SLACK
if (before.resources !== after.resources || grown) {
  console.error('something is left behind')
  process.exitCode = 1
}
