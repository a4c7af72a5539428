// Starts and stops a thousand test brokers one after the other in one process, each used by a client, and holds what is left
// against what was there before: handles, timers, memory. Fails where something is left. Run `npm run build` before.
//
//   node scripts/thousand-brokers.js [brokers]
//
// The process runs without V8's optimising compilers. They go on for thousands of brokers compiling anew what runs often, and
// keep notes of it: heap that grows, levels off (by 2.2 MiB after 6,000 brokers), and is nobody's leak. Heap snapshots show
// code and nothing else. Without them, what is left of a broker stands out to the octet.

import { spawnSync } from 'node:child_process'

const FLAGS = ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-maglev']
const BROKERS = Number(process.argv[2] ?? 1000)
/** So many first: what is loaded and compiled once is no leak. */
const WARM_UP = Math.min(500, BROKERS)
/** Octets of heap that a broker may leave: less than the smallest object with a name. */
const MOST_PER_BROKER = 64
/** Resident memory that may come and go by pages of the allocator, octets. */
const SLACK = 8 * 2 ** 20

if (process.execArgv.includes('--no-opt')) await main()
else process.exitCode = spawnSync(process.execPath, [...FLAGS, ...process.argv.slice(1)], { stdio: 'inherit' }).status

async function main() {
  const { connect } = await import('amqplib')
  const { startBroker } = await import('../dist/testing/index.js')
  const use = () => useOne(startBroker, connect)
  for (let i = 0; i < WARM_UP; i++) await use()
  const before = await left()
  const begun = performance.now()
  for (let i = 0; i < BROKERS; i++) await use()
  const eachMs = (performance.now() - begun) / BROKERS
  const after = await left()
  report(before, after, eachMs)
}

async function useOne(startBroker, connect) {
  const broker = await startBroker({ clock: 'virtual' })
  const vhost = await broker.isolate()
  const connection = await connect(vhost.url, { noDelay: true })
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue('q', { messageTtl: 60_000 })
  await channel.consume('q', (message) => channel.ack(message))
  channel.sendToQueue('q', Buffer.alloc(1000))
  await vhost.waitForAck()
  await connection.close()
  await broker.stop()
}

/** What is there once all that ends by itself has ended: weak references live until the turn after a collection. */
async function left() {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 30))
    globalThis.gc()
  }
  const { heapUsed, rss } = process.memoryUsage()
  return { resources: process.getActiveResourcesInfo().sort().join(' ') || 'none', heapUsed, rss }
}

function report(before, after, eachMs) {
  const heapPerBroker = (after.heapUsed - before.heapUsed) / BROKERS
  const resident = after.rss - before.rss
  console.log(`${BROKERS} brokers after the first ${WARM_UP}, ${eachMs.toFixed(2)} ms each with a client`)
  console.log(`handles and timers: ${before.resources} before, ${after.resources} after`)
  console.log(
    `heap: ${megabytes(before.heapUsed)} before, ${megabytes(after.heapUsed)} after: ${heapPerBroker.toFixed(1)} octets a broker`,
  )
  console.log(`resident: ${megabytes(before.rss)} before, ${megabytes(after.rss)} after`)
  const wrong = []
  if (before.resources !== after.resources) wrong.push('handles or timers')
  if (heapPerBroker > MOST_PER_BROKER) wrong.push(`heap (more than ${MOST_PER_BROKER} octets a broker)`)
  if (resident > SLACK) wrong.push(`resident memory (more than ${megabytes(SLACK)})`)
  if (wrong.length === 0) return
  console.error(`something is left behind: ${wrong.join(', ')}`)
  process.exitCode = 1
}

function megabytes(octets) {
  return `${(octets / 2 ** 20).toFixed(2)} MiB`
}
