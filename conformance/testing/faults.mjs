// Lives through every fault of a test broker with amqp.node, as clients/pika/faults.py does with pika, and prints one line
// for each: what amqp.node had to say of it. The faults are asked for by the control API.
import { once } from 'node:events'
import amqp from 'amqplib'

const { AMQP_URL: url, LEVERET_HTTP_URL: http } = process.env
const NOTHING = () => {}

async function ask(method, path, body) {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`${http}/api/leveret/test${path}`, { method, ...(body === undefined ? {} : json) })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
}
const fault = (name, options = {}) => ask('POST', '/faults', { fault: name, ...options })
const clear = () => ask('DELETE', '/faults')

async function open() {
  const connection = await amqp.connect(url, { noDelay: true })
  // A shutdown (320) is told by `close` only, a fault by `error` before that.
  const gone = new Promise((resolve) => {
    connection.once('error', resolve)
    connection.once('close', resolve)
  })
  const channel = await connection.createConfirmChannel()
  channel.on('error', NOTHING)
  await channel.assertQueue('q')
  await channel.purgeQueue('q')
  return { connection, channel, gone }
}

async function dropped(mode) {
  const { gone } = await open()
  await fault('dropConnection', { mode })
  return (await gone).message
}

/** Without confirms: a client of Node that reads an answer when the reset comes takes it for an end (libuv). */
async function droppedAfter() {
  const { connection, gone } = await open()
  const channel = await connection.createChannel()
  await fault('dropConnection', { mode: 'rst', after: '2 publishes' })
  for (const body of ['a', 'b', 'c']) channel.sendToQueue('q', Buffer.from(body))
  return (await gone).code
}

async function silent() {
  const { connection, channel, gone } = await open()
  await fault('dropConnection', { mode: 'blackhole' })
  let first = 'nothing'
  const hear = (what) => () => {
    if (first === 'nothing') first = what
  }
  channel.checkQueue('q').then(hear('an answer'), hear('an error'))
  gone.then(hear('an end'))
  // Whoever comes after it has all its answers.
  await (await open()).connection.close()
  await clear()
  connection.connection.stream.destroy()
  return first
}

async function refused() {
  await fault('refuseConnections')
  const outcome = await open().then(
    () => 'connected',
    ({ code }) => code,
  )
  await clear()
  await (await open()).connection.close()
  return outcome
}

async function late() {
  const { connection, channel } = await open()
  await fault('delay', { method: 'queue.declare', by: '300ms' })
  const begun = performance.now()
  await channel.assertQueue('q')
  const took = performance.now() - begun
  await connection.close()
  return took >= 299
}

async function lost() {
  const { connection, channel } = await open()
  await fault('lose', { method: 'basic.deliver', times: 1 })
  const came = new Promise((resolve) => channel.consume('q', ({ content }) => resolve(`${content}`)))
  for (const body of ['lost', 'comes']) channel.sendToQueue('q', Buffer.from(body))
  const body = await came
  await connection.close()
  return body
}

function confirmed(channel, options = {}) {
  return new Promise((resolve) => {
    channel.sendToQueue('q', Buffer.from('x'), options, (error) => resolve(error ? error.message : 'confirmed'))
  })
}

async function published(name, faultOptions = {}, options = {}) {
  const { connection, channel } = await open()
  await fault(name, faultOptions)
  const told = []
  channel.on('return', ({ fields }) => told.push(`returned ${fields.replyCode} ${fields.replyText}`))
  const begun = performance.now()
  const outcome = await confirmed(channel, options)
  const took = performance.now() - begun
  await clear()
  const left = (await channel.checkQueue('q')).messageCount
  await connection.close()
  return { text: [...told, outcome, `${left} there`].join(', '), took }
}

/** Never: the publish that comes after it on the same channel has its confirm. */
async function unconfirmed() {
  const { connection, channel } = await open()
  await fault('withholdConfirms', { next: 1 })
  let first = 'no confirm'
  confirmed(channel).then((outcome) => {
    first = outcome
  })
  const second = await confirmed(channel)
  const left = (await channel.checkQueue('q')).messageCount
  await connection.close()
  return `${first}, then ${second}, ${left} there`
}

async function closed() {
  const { connection, channel } = await open()
  const error = once(channel, 'error')
  await fault('closeChannel', { code: 404, text: 'it is gone' })
  const [{ code, message }] = await error
  await connection.close()
  return `${code} ${message.replace(/^.*with message /, '')}`
}

async function blocked() {
  const { connection, channel } = await open()
  const first = once(connection, 'blocked')
  await fault('blockPublishers', { resource: 'disk' })
  channel.sendToQueue('q', Buffer.from('x'))
  const [reason] = await first
  const second = once(connection, 'unblocked')
  await clear()
  await second
  await connection.close()
  return `${reason}, unblocked`
}

async function restarted(how) {
  const { channel, gone } = await open()
  channel.sendToQueue('q', Buffer.from('kept'), { persistent: true })
  await channel.waitForConfirms()
  await ask('POST', '/restart', how)
  const error = await gone
  const { messageCount } = await comeBack()
  return `${error.code ?? error.message}, then ${messageCount} messages`
}

/** Tries until it is let in; nothing but that tells a client that the broker is back. */
async function comeBack() {
  for (;;) {
    try {
      const connection = await amqp.connect(url, { noDelay: true })
      const declared = await (await connection.createChannel()).assertQueue('q')
      await connection.close()
      return declared
    } catch {
      // It is not there yet.
    }
  }
}

async function tell(name, work) {
  const result = await work()
  await clear()
  console.log(`${name}: ${result}`)
}

const text = async (...args) => (await published(...args)).text

await tell('reset', () => dropped('rst'))
await tell('closed', () => dropped('fin'))
await tell('after 2 publishes', droppedAfter)
await tell('silent', silent)
await tell('refused', refused)
await tell('delay, late', late)
await tell('lose', lost)
await tell('nack', () => text('nackPublishes', { next: 1 }))
await tell('unroutable', () => text('returnUnroutable', {}, { mandatory: true }))
await tell('no confirm', unconfirmed)
await tell('channel', closed)
await tell('blocked', blocked)
await tell('slow store, late', async () => {
  const { text: outcome, took } = await published('slowStore', { by: '300ms' }, { persistent: true })
  return `${took >= 299}, ${outcome}`
})
await tell('store fails', () => text('slowStore', { by: 0, fails: true }, { persistent: true }))
await tell('restarted', () => restarted({}))
await tell('killed', () => restarted({ kill: true }))
await tell('killed without data', () => restarted({ kill: true, keepData: false }))
process.exit()
