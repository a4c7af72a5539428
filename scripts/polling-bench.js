// Measures what being looked at costs: the workload w1 (one publisher, one consumer, transient, automatic ack, 16 octets),
// with and without a scrape of the metrics each second and a RabbitMQ-like page of the management UI that polls every five,
// in turn, against one broker with many queues. Run `npm run build` before.
//
//   node scripts/polling-bench.js [--generator AMQPLOAD] [--queues 1000] [--seconds 10] [--rounds 5] [--cpu-prof FOLDER]
//
// AMQPLOAD is a load generator that takes `--port`, `--size` and `--time`; without one, scripts/bench is used.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import amqp from 'amqplib'
import { serveBroker } from './served-broker.js'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
const SCRAPE_MS = 1000
const PAGE_MS = 5000
/** What the overview and the page of queues in RabbitMQ's management UI ask for, over and over. */
const pages = [
  '/api/overview?lengths_age=60&lengths_incr=5&msg_rates_age=60&msg_rates_incr=5',
  '/api/nodes',
  '/api/queues?page=1&page_size=100&name=&use_regex=false&pagination=true',
]

const { values } = parseArgs({
  options: {
    generator: { type: 'string' },
    queues: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    'cpu-prof': { type: 'string' },
  },
})
const seconds = Number(values.seconds)

const broker = await startBroker()
try {
  await declareQueues(Number(values.queues))
  await answerTimes()
  await compare(Number(values.rounds))
} finally {
  await broker.end()
  rmSync(broker.folder, { recursive: true, force: true })
}

/** A broker with all of its ports open, wherever there is room for them. */
async function startBroker() {
  const folder = mkdtempSync(join(tmpdir(), 'leveret-polling-'))
  const node = values['cpu-prof'] ? ['--cpu-prof', '--cpu-prof-dir', values['cpu-prof']] : []
  const metrics = String(await freePort())
  const args = ['--http-port', '0', '--metrics-port', metrics, '--data-dir', folder]
  const { child, url, end } = await serveBroker({ args, node })
  const [amqpPort, http] = ['amqp', 'http'].map((scheme) => new URL(url(scheme)).port)
  return { child, end, folder, amqp: amqpPort, http, metrics }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

async function declareQueues(count) {
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${broker.amqp}`)
  const channel = await connection.createChannel()
  for (let made = 0; made < count; made++) {
    await channel.assertQueue(`q${made}`)
    channel.sendToQueue(`q${made}`, Buffer.alloc(16), { persistent: true })
  }
  await channel.close()
  await connection.close()
}

/** Prints how long single answers take of a broker that does nothing else, and of how much CPU. */
async function answerTimes() {
  const asked = [...pages, '/api/queues'].map((path) => [broker.http, path])
  for (const [port, path] of [...asked, [broker.metrics, '/metrics'], [broker.metrics, '/metrics/per-object']]) {
    const [first, ...times] = [await timed(port, path)]
    for (let asked = 0; asked < 7; asked++) times.push(await timed(port, path))
    times.sort((one, other) => one.cpu - other.cpu)
    const { ms, cpu, octets } = times[3]
    const [shown] = path.split('?')
    console.log(
      `${shown.padEnd(20)} ${octets.toString().padStart(9)} octets ${ms.toFixed(1).padStart(7)} ms,` +
        ` CPU ${cpu.toFixed(0).padStart(4)} ms (first time ${first.ms.toFixed(0)} ms)`,
    )
  }
}

async function timed(port, path) {
  const [begun, before] = [performance.now(), cpuMs()]
  const octets = await ask(port, path)
  return { ms: performance.now() - begun, cpu: cpuMs() - before, octets }
}

/** CPU time of the broker, as Linux counts it. */
function cpuMs() {
  const stat = readFileSync(`/proc/${broker.child.pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function ask(port, path) {
  const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, headers }, (answer) => {
      let octets = 0
      answer.on('data', (chunk) => {
        octets += chunk.length
      })
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(octets) : reject(new Error(`${path}: ${answer.statusCode}`)),
      )
      answer.on('error', reject)
    })
    asking.on('error', reject).end()
  })
}

/** Without and with, in turn, so that whatever else the machine does meets both. */
async function compare(rounds) {
  const results = { without: [], with: [] }
  await load()
  for (let round = 0; round < rounds; round++) {
    for (const kind of round % 2 === 0 ? ['without', 'with'] : ['with', 'without']) {
      const stop = kind === 'with' ? poll() : async () => {}
      const before = cpuMs()
      const rate = await load()
      const us = ((cpuMs() - before) * 1000) / (rate * seconds)
      await stop()
      results[kind].push({ rate, us })
      console.log(`${kind.padEnd(8)} ${Math.round(rate).toString().padStart(8)} msg/s, CPU ${us.toFixed(2)} us/msg`)
    }
  }
  const middle = (kind, of) => results[kind].map(of).sort((one, other) => one - other)[Math.floor(rounds / 2)]
  const [plain, polled] = ['without', 'with'].map((kind) => middle(kind, ({ rate }) => rate))
  const [plainUs, polledUs] = ['without', 'with'].map((kind) => middle(kind, ({ us }) => us))
  console.log(`medians: ${Math.round(plain)} msg/s without, ${Math.round(polled)} with`)
  console.log(
    `loss ${((1 - polled / plain) * 100).toFixed(1)} %, CPU per message ${((polledUs / plainUs - 1) * 100).toFixed(1)} % more`,
  )
}

/** Asks as a scraper and one page of the UI do. @returns what ends it, when the last answer is there */
function poll() {
  let over = false
  const repeat = async (ms, work) => {
    while (!over) {
      const begun = performance.now()
      await work()
      const until = begun + ms
      while (!over && performance.now() < until) await sleep(Math.min(50, Math.max(until - performance.now(), 1)))
    }
  }
  const both = [
    repeat(SCRAPE_MS, () => ask(broker.metrics, '/metrics')),
    repeat(PAGE_MS, () => Promise.all(pages.map((path) => ask(broker.http, path)))),
  ]
  return async () => {
    over = true
    await Promise.all(both)
  }
}

/** Messages a second that were consumed. */
async function load() {
  if (values.generator) {
    const args = ['--port', broker.amqp, '--size', '16', '--time', String(seconds)]
    const { stdout } = await run(values.generator, args)
    return JSON.parse(stdout.trim().split('\n').at(-1)).con_s
  }
  const target = `leveret=127.0.0.1:${broker.amqp}:${broker.child.pid}`
  const out = join(broker.folder, '..', `polling-bench-${process.pid}.jsonl`)
  const args = ['--target', target, '--only', 'w1', '--seconds', String(seconds), '--runs', '1', '--out', out]
  await run(process.execPath, [join(root, 'scripts', 'bench', 'main.js'), ...args])
  const [step] = JSON.parse(readFileSync(out, 'utf8')).steps
  rmSync(out)
  return step.consumePerSecond
}
