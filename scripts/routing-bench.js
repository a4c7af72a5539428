// `node scripts/routing-bench.js [TARGET]`: how fast topic and headers exchanges route with 10 bindings and with 10,000,
// where no two messages have the same key or headers, so that no remembered route helps. TARGET is as in `npm run bench`;
// without one a Leveret is started here. Each message goes to one queue, and has to be there when the clock stops.

import { Peer } from './bench/generator/peer.js'
import { contentFrames, ids, long, method, octet, short, shortstr, table } from './bench/generator/wire.js'
import { readTarget } from './bench/targets.js'
import { Usage } from './bench/usage.js'

const FEW = 10
const MANY = 10_000
const QUEUES = 10
const MESSAGES = 150_000
const ROUNDS = 4
const SLICE_BYTES = 256 * 1024
const PASSIVE = 1
const HEADERS_PRESENT = 0x2000
const login = { user: 'guest', password: 'guest', vhost: '/' }

const nothing = table({})
const word = (binding) => `k${String(binding).padStart(6, '0')}`
const queueName = (queue) => `routing-bench.q${queue}`

/** What is bound and published, by exchange type: `binding` counts from 0, `message` makes each message another one. */
const kinds = {
  topic: {
    bind: (binding) => [[`a.${word(binding)}.*`, `*.${word(binding)}.#`, `#.${word(binding)}.*`][binding % 3], nothing],
    publish: (binding, message) => [`a.${word(binding)}.m${message}`, {}],
  },
  'headers, all': {
    bind: (binding) => ['', table({ 'x-match': 'all', kind: 'order', id: word(binding) })],
    publish: (binding, message) => ['', { kind: 'order', id: word(binding), trace: `m${message}` }],
  },
  'headers, any': {
    bind: (binding) => ['', table({ 'x-match': 'any', id: word(binding), 'other-id': word(binding) })],
    publish: (binding, message) => ['', { kind: 'order', 'other-id': word(binding), trace: `m${message}` }],
  },
}

const target = readTarget(process.argv[2] ?? 'leveret', login, {})
let address
try {
  address = await target.address()
  await main(await Peer.open(address))
} finally {
  await target.stop()
}

async function main(peer) {
  for (const [name, kind] of Object.entries(kinds)) {
    const rates = []
    for (const bindings of [FEW, MANY]) rates.push(await measure(peer, name.split(',')[0], kind, bindings))
    const [few, many] = rates
    const text = `${FEW} bindings ${shown(few)}, ${MANY} bindings ${shown(many)}`
    process.stdout.write(`${name.padEnd(14)}${text}: ${(few.rate / many.rate).toFixed(2)} times\n`)
  }
  await peer.close()
}

function shown({ rate, cpuUs }) {
  return `${Math.round(rate)} msg/s (CPU ${cpuUs.toFixed(1)} us)`
}

/** The best of some rounds: messages per second, and the broker's CPU time for one, which a busy machine alters less. */
async function measure(peer, type, { bind, publish }, bindings) {
  const exchange = `routing-bench.${type}`
  const declared = [short(0), shortstr(exchange), shortstr(type), octet(0), nothing]
  await peer.call(method(1, ids.exchangeDeclare, ...declared), ids.exchangeDeclareOk)
  for (let queue = 0; queue < QUEUES; queue++) await declareQueue(peer, queue, 0)
  const bound = Array.from({ length: bindings }, (_, binding) => {
    const [key, args] = bind(binding)
    const names = [shortstr(queueName(binding % QUEUES)), shortstr(exchange), shortstr(key)]
    return peer.call(method(1, ids.queueBind, short(0), ...names, octet(0), args), ids.queueBindOk)
  })
  await Promise.all(bound)
  const slices = slicesOf(Array.from({ length: MESSAGES }, (_, i) => frames(exchange, ...publish(i % bindings, i))))
  const rates = []
  for (let round = 0; round < ROUNDS; round++) rates.push(await publishAll(peer, slices))
  for (let queue = 0; queue < QUEUES; queue++) {
    await peer.call(method(1, ids.queueDelete, short(0), shortstr(queueName(queue)), octet(0)), ids.queueDeleteOk)
  }
  await peer.call(method(1, ids.exchangeDelete, short(0), shortstr(exchange), octet(0)), ids.exchangeDeleteOk)
  return { rate: Math.max(...rates.map(({ rate }) => rate)), cpuUs: Math.min(...rates.map(({ cpuUs }) => cpuUs)) }
}

/** @returns messages per second until all of them are counted in the queues, and the broker's CPU time for one */
async function publishAll(peer, slices) {
  for (let queue = 0; queue < QUEUES; queue++) {
    await peer.call(method(1, ids.queuePurge, short(0), shortstr(queueName(queue)), octet(0)), ids.queuePurgeOk)
  }
  const usage = new Usage(address.pid)
  const cpuSeconds = usage.read()?.cpuSeconds ?? Number.NaN
  const start = performance.now()
  for (const slice of slices) {
    peer.send(slice)
    if (peer.waitingBytes > 0) await new Promise((resolve) => (peer.onDrain = resolve))
  }
  const count = await ready(peer)
  if (count !== MESSAGES) throw new Error(`${count} messages arrived, not ${MESSAGES}`)
  usage.end()
  const cpuUs = (((usage.read()?.cpuSeconds ?? Number.NaN) - cpuSeconds) / MESSAGES) * 1e6
  return { rate: (MESSAGES / (performance.now() - start)) * 1000, cpuUs }
}

async function ready(peer) {
  let total = 0
  for (let queue = 0; queue < QUEUES; queue++) {
    const answer = await declareQueue(peer, queue, PASSIVE)
    total += answer.readUInt32BE(5 + answer[4])
  }
  return total
}

function declareQueue(peer, queue, flags) {
  const fields = [short(0), shortstr(queueName(queue)), octet(flags), nothing]
  return peer.call(method(1, ids.queueDeclare, ...fields), ids.queueDeclareOk)
}

function frames(exchange, key, headers) {
  const publish = method(1, ids.basicPublish, short(0), shortstr(exchange), shortstr(key), octet(0))
  const content = contentFrames({ channel: 1, persistent: false, body: Buffer.alloc(16), frameMax: 4096 })
  return Buffer.concat([publish, Object.keys(headers).length === 0 ? content : withHeaders(content, headers)])
}

/** The content with a headers table in its header frame, before the delivery-mode. */
function withHeaders(content, headers) {
  const flagsAt = 7 + 12
  const encoded = table(headers)
  const whole = Buffer.concat([content.subarray(0, flagsAt + 2), encoded, content.subarray(flagsAt + 2)])
  whole.writeUInt16BE(content.readUInt16BE(flagsAt) | HEADERS_PRESENT, flagsAt)
  long(content.readUInt32BE(3) + encoded.length).copy(whole, 3)
  return whole
}

function slicesOf(messages) {
  const slices = []
  let slice = []
  let bytes = 0
  for (const message of messages) {
    slice.push(message)
    bytes += message.length
    if (bytes < SLICE_BYTES) continue
    slices.push(Buffer.concat(slice))
    slice = []
    bytes = 0
  }
  return [...slices, Buffer.concat(slice)]
}
