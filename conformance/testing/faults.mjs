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
const pause = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value))

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

async function droppedAfter() {
  const { channel, gone } = await open()
  await fault('dropConnection', { mode: 'rst', after: '2 publishes' })
  for (const body of ['a', 'b', 'c']) channel.sendToQueue('q', Buffer.from(body), {}, NOTHING)
  return (await gone).code
}

async function silent() {
  const { connection, channel, gone } = await open()
  await fault('dropConnection', { mode: 'blackhole' })
  const answer = channel.checkQueue('q').then(
    () => 'an answer',
    () => 'an error',
  )
  const first = await Promise.race([answer, gone, pause(500, 'nothing')])
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
  await reachable()
  return outcome
}

/** The door opens again a moment after the fault is cleared. */
async function reachable() {
  for (let tries = 0; tries < 100; tries++) {
    const connection = await amqp.connect(url, { noDelay: true }).catch(NOTHING)
    if (connection) return connection.close()
    await pause(50)
  }
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

async function published(name, faultOptions = {}, options = {}) {
  const { connection, channel } = await open()
  await fault(name, faultOptions)
  const told = []
  channel.on('return', ({ fields }) => told.push(`returned ${fields.replyCode} ${fields.replyText}`))
  const begun = performance.now()
  const outcome = await Promise.race([
    new Promise((resolve) => {
      channel.sendToQueue('q', Buffer.from('x'), options, (error) => resolve(error ? error.message : 'confirmed'))
    }),
    pause(1000, 'no confirm'),
  ])
  const took = performance.now() - begun
  await clear()
  const left = (await channel.checkQueue('q')).messageCount
  await connection.close()
  return { text: [...told, outcome, `${left} there`].join(', '), took }
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
  for (let tries = 0; tries < 100; tries++) {
    try {
      const connection = await amqp.connect(url, { noDelay: true })
      const { messageCount } = await (await connection.createChannel()).assertQueue('q')
      await connection.close()
      return `${error.code ?? error.message}, then ${messageCount} messages`
    } catch {
      await pause(50)
    }
  }
  return 'never came back'
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
await tell('no confirm', () => text('withholdConfirms'))
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
