// Measures what the test broker costs a test run: in-process start to the first message received by amqp.node, `isolate`,
// `stop`, and the command `leveret exec -- true`; beside Node itself and, with --rabbitmq, RabbitMQ's cold start.
// Run `npm run build` before. Prints medians, and the worst, in milliseconds.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import amqp from 'amqplib'

const root = join(import.meta.dirname, '..')
const main = join(root, 'dist', 'cli', 'main.js')

const ROUNDS = 50
const targets = { start: 10, isolate: 1, stop: 20, exec: 250 }

async function timed(into, work) {
  const begun = performance.now()
  const result = await work()
  into.push(performance.now() - begun)
  return result
}

async function inProcess(startBroker) {
  const times = { start: [], isolate: [], 'first message': [], dispose: [], stop: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const broker = await timed(times.start, () => startBroker())
    const vhost = await timed(times.isolate, () => broker.isolate())
    const connection = await timed(times['first message'], () => firstMessage(vhost.url))
    await connection.close()
    await timed(times.dispose, () => vhost.dispose())
    await timed(times.stop, () => broker.stop())
  }
  return times
}

async function firstMessage(url) {
  const connection = await amqp.connect(url)
  const channel = await connection.createChannel()
  await channel.assertQueue('q')
  const received = new Promise((resolve) => channel.consume('q', resolve, { noAck: true }))
  channel.sendToQueue('q', Buffer.from('x'))
  await received
  return connection
}

function processes(rounds, ...args) {
  const times = []
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now()
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
    times.push(performance.now() - begun)
  }
  return times
}

/** From the start of the process until a client is let in. */
async function rabbitmq() {
  const home = mkdtempSync(join(tmpdir(), 'leveret-bench-rabbitmq-'))
  const port = 25_672 + Math.floor(process.pid % 1000)
  const env = {
    ...process.env,
    HOME: home,
    RABBITMQ_NODENAME: `bench${process.pid}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_DIST_PORT: `${port + 1000}`,
    RABBITMQ_MNESIA_BASE: home,
    RABBITMQ_LOG_BASE: home,
    RABBITMQ_PID_FILE: join(home, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'plugins'),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  }
  const begun = performance.now()
  const server = spawn('/usr/lib/rabbitmq/bin/rabbitmq-server', [], { env, stdio: 'ignore', detached: true })
  try {
    while (!(await answers(port))) await sleep(20)
    await (await amqp.connect(`amqp://127.0.0.1:${port}`)).close()
    return performance.now() - begun
  } finally {
    process.kill(-server.pid, 'SIGTERM')
    await new Promise((resolve) => server.once('exit', resolve))
    rmSync(home, { recursive: true, force: true })
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => {})
    setTimeout(() => socket.destroy(), 50).unref()
  })
}

function report(name, times) {
  const sorted = [...times].sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1]
  const target = targets[name]
  const verdict = target === undefined ? '' : `target ${target}: ${median <= target ? 'met' : 'MISSED'}`
  const numbers = [times[0], median, sorted.at(-1)].map((ms) => ms.toFixed(2).padStart(9))
  console.log(`${name.padEnd(24)}${numbers.join('')}   ${verdict}`)
}

console.log(`${'milliseconds'.padEnd(24)}    first   median    worst`)
// Processes first: one that is large takes longer to start others.
report('node -e 0', processes(10, '-e', '0'))
report('exec', processes(10, main, 'exec', '--', 'true'))
const importAt = performance.now()
const { startBroker } = await import('../dist/testing/index.js')
report('import', [performance.now() - importAt])
for (const [name, times] of Object.entries(await inProcess(startBroker))) report(name, times)
if (process.argv.includes('--rabbitmq')) report('rabbitmq, cold', [await rabbitmq()])
