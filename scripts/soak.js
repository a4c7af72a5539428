// Half of the maximal rate for minutes: durable and transient queues fill while nobody consumes and drain when somebody
// does, connections come and go, and the broker's memory, timers and handles must be at the end what they were at the
// start. Knows the generator of the benchmark and a probe inside the broker's process; not the broker.
//   node scripts/soak.js [minutes] [messages per second]     rate: half of what is measured first
// Below three minutes there is nothing to judge: memory is still on its way to what it will be.

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from 'amqplib'
import { Generator } from './bench/generator.js'
import { serveBroker } from './served-broker.js'

const SAMPLE_MS = 5_000
/** Consumers are away for the first part of each cycle. */
const AWAY_MS = 5_000
const CONSUMING_MS = 15_000
const TRIAL_MS = 8_000
const DRAIN_MS = 120_000
const BODY_BYTES = 256
const WINDOW = 1_000
/** What RSS may grow in the second half, as a share of what it is, and the heap between two rests. */
const RSS_GROWTH_LIMIT = 0.08
const HEAP_GROWTH_LIMIT_KIB = 4_096

const queues = Array.from({ length: 8 }, (_, queue) => ({ name: `soak.${queue}`, queue, durable: queue < 4 }))
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const kib = (bytes) => Math.round(bytes / 1024)

const startBroker = async (dataDir) => {
  const probe = fileURLToPath(new URL('soak-probe.cjs', import.meta.url))
  const node = ['--expose-gc', '--require', probe]
  const spawning = { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }
  const broker = await serveBroker({ args: ['--data-dir', dataDir], node, spawning })
  const { child, end } = broker
  const url = broker.url()
  const sample = async (collect = false) => {
    const answer = once(child, 'message')
    child.send({ collect })
    const [{ memory, resources }] = await answer
    return { rssKib: kib(memory.rss), heapKib: kib(memory.heapUsed), externalKib: kib(memory.external), resources }
  }
  return { url, port: Number(new URL(url).port), sample, end }
}

const addressOf = ({ port }) => ({ host: '127.0.0.1', port, user: 'guest', password: 'guest', vhost: '/' })

const publishers = async (broker, perSecond) => {
  const generator = await Generator.start('publishers')
  const plans = queues.map(({ name, queue, durable }) => ({
    publisher: queue,
    publishers: queues.length,
    exchange: '',
    routes: [{ routingKey: name, queue }],
    bodyBytes: BODY_BYTES,
    persistent: durable,
    window: WINDOW,
    count: 0,
    perSecond: perSecond / queues.length,
  }))
  await generator.ask('prepare', { address: addressOf(broker), plans })
  await generator.ask('start')
  return generator
}

const consumers = async (broker) => {
  const generator = await Generator.start('consumers')
  const plans = queues.map(({ name, queue }) => ({
    consumer: queue,
    queues: [{ name, queue }],
    ack: true,
    prefetch: 1_000,
    bodyBytes: BODY_BYTES,
    step: 1,
  }))
  await generator.ask('prepare', { address: addressOf(broker), plans })
  return generator
}

/** Consumers that take over a queue do not know where it is, so that their view of the order says nothing here. */
const finish = async (generator) => {
  const figures = await generator.ask('finish')
  generator.end()
  return figures
}

const drained = async (url) => {
  const connection = await connect(url)
  const channel = await connection.createChannel()
  const until = performance.now() + DRAIN_MS
  const left = async () => {
    let messages = 0
    for (const { name } of queues) messages += (await channel.checkQueue(name)).messageCount
    return messages
  }
  while ((await left()) > 0) {
    if (performance.now() > until) throw new Error(`${await left()} messages are left`)
    await sleep(200)
  }
  await connection.close()
}

/** Publishes and consumes for a while. @returns {Promise<number>} messages per second that came through */
const trial = async (broker) => {
  const consuming = await consumers(broker)
  const publishing = await publishers(broker, 0)
  await sleep(TRIAL_MS / 4)
  const before = await consuming.ask('figures', {})
  await sleep(TRIAL_MS)
  const after = await consuming.ask('figures', {})
  await publishing.ask('stop')
  await finish(publishing)
  await drained(broker.url)
  await finish(consuming)
  return ((after.consumed - before.consumed) / (after.atNs - before.atNs)) * 1e9
}

/** Consumes at times, until told to end; then until all is drained. */
const comeAndGo = (broker) => {
  let ending = false
  let consumed = 0
  const run = async () => {
    while (!ending) {
      await sleep(AWAY_MS)
      const consuming = await consumers(broker)
      await sleep(CONSUMING_MS)
      consumed += (await finish(consuming)).consumed
    }
    const consuming = await consumers(broker)
    await drained(broker.url)
    consumed += (await finish(consuming)).consumed
  }
  const running = run()
  return {
    end: async () => {
      ending = true
      await running
      return consumed
    },
  }
}

/** After all clients have gone and rubbish is collected. */
const atRest = async (broker) => {
  await sleep(3_000)
  return broker.sample(true)
}

/** Least squares: growth per minute. */
const slope = (points) => {
  const mean = (key) => points.reduce((total, point) => total + point[key], 0) / points.length
  const [x, y] = [mean('minute'), mean('value')]
  const above = points.reduce((total, { minute, value }) => total + (minute - x) * (value - y), 0)
  const below = points.reduce((total, { minute }) => total + (minute - x) ** 2, 0)
  return below === 0 ? 0 : Math.round(above / below)
}

/** The least value of each cycle, of the second half: pages and caches are being filled before. */
const lowsOf = (samples, key) => {
  const settled = samples.slice(Math.floor(samples.length / 2))
  const perCycle = Math.round((AWAY_MS + CONSUMING_MS) / SAMPLE_MS)
  const lows = []
  for (let from = 0; from + perCycle <= settled.length; from += perCycle) {
    const cycle = settled.slice(from, from + perCycle)
    const low = cycle.reduce((least, sample) => (sample[key] < least[key] ? sample : least))
    lows.push({ minute: low.minute, value: low[key] })
  }
  return lows
}

const judge = (samples, before, after) => {
  const settled = samples.slice(Math.floor(samples.length / 2))
  const all = (key) => slope(settled.map((sample) => ({ minute: sample.minute, value: sample[key] })))
  const rssSlope = all('rssKib')
  console.log(`slope per minute: RSS ${rssSlope} KiB, heap ${all('heapKib')} KiB`)
  console.log(
    `slope of the cycles' lows: RSS ${slope(lowsOf(samples, 'rssKib'))} KiB, heap ${slope(lowsOf(samples, 'heapKib'))} KiB`,
  )
  console.log(`at rest before: ${JSON.stringify(before)}`)
  console.log(`at rest after:  ${JSON.stringify(after)}`)
  const problems = []
  const grown = rssSlope * (settled.at(-1).minute - settled[0].minute)
  if (grown > RSS_GROWTH_LIMIT * settled[0].rssKib) problems.push(`RSS grows by ${rssSlope} KiB a minute`)
  const growth = after.heapKib - before.heapKib
  if (growth > HEAP_GROWTH_LIMIT_KIB) problems.push(`the heap has grown by ${growth} KiB between two rests`)
  for (const name of new Set([...Object.keys(before.resources), ...Object.keys(after.resources)])) {
    const [was, is] = [before.resources[name] ?? 0, after.resources[name] ?? 0]
    if (is > was) problems.push(`${is} ${name} are left, there were ${was}`)
  }
  return problems
}

const soak = async (broker, minutes, wantedRate) => {
  const maximum = await trial(broker)
  const rate = Math.round(wantedRate > 0 ? wantedRate : maximum / 2)
  console.log(`${Math.round(maximum)} messages/s come through; soaking at ${rate}/s for ${minutes} minutes`)
  const before = await atRest(broker)
  const publishing = await publishers(broker, rate)
  const consuming = comeAndGo(broker)
  const samples = []
  const beganMs = performance.now()
  while (performance.now() - beganMs < minutes * 60_000) {
    await sleep(SAMPLE_MS)
    const sample = { minute: (performance.now() - beganMs) / 60_000, ...(await broker.sample()) }
    samples.push(sample)
    const resources = Object.entries(sample.resources).map(([name, count]) => `${name} ${count}`)
    const memory = `rss ${sample.rssKib} heap ${sample.heapKib} external ${sample.externalKib} KiB`
    console.log(`${(sample.minute * 60).toFixed(0).padStart(5)} s  ${memory}  ${resources.join(', ')}`)
  }
  const { published, confirmed } = await publishing.ask('stop')
  const { problems } = await finish(publishing)
  const consumed = await consuming.end()
  console.log(`published ${published}, confirmed ${confirmed}, consumed ${consumed} (redelivered ones counted)`)
  if (consumed < published) problems.push(`${published} published, ${consumed} consumed`)
  return [...problems, ...judge(samples, before, await atRest(broker))]
}

const main = async ([minutes = '10', rate = '0']) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'leveret-soak-'))
  const broker = await startBroker(dataDir)
  try {
    const connection = await connect(broker.url)
    const channel = await connection.createChannel()
    for (const { name, durable } of queues) await channel.assertQueue(name, { durable })
    await connection.close()
    const problems = await soak(broker, Number(minutes), Number(rate))
    for (const problem of problems) console.log(`FAILED: ${problem}`)
    process.exitCode = problems.length > 0 ? 1 : 0
    if (problems.length === 0) console.log('flat')
  } finally {
    await broker.end()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

await main(process.argv.slice(2))
