// Fills the broker's disk with confirmed messages: it must neither fall over nor confirm what is not stored, must say so to
// publishers and go on serving consumers, and must have all that it confirmed once there is room again.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { eventually, openPeer, sleep, startBroker } from './broker.js'
import { makeSmallDisk } from './small-disk.js'

const DISK_MEBIBYTES = 24
/** Large enough that the store thinks giving space back worth its while. */
const WATERMARK_DISK_MEBIBYTES = 320
const WATERMARK_MEBIBYTES = 160
const WINDOW = 50
const WAITING = 300
const FULL_LIMIT_MS = 90_000
const QUIET_MS = 3_000

const problems = []
const say = (text) => console.log(`  ${text}`)
const expect = (condition, text) => {
  say(`${condition ? 'ok    ' : 'FAILED'} ${text}`)
  if (!condition) problems.push(text)
}

/** Does not compress, so that octets published are octets stored. */
const pool = randomBytes(2 ** 20)
const bodyOf = (number, bytes) => {
  const start = (number * 7919) % (pool.length - bytes)
  return pool.subarray(start, start + bytes)
}

/** Sizes on both sides of where a store may keep bodies apart. */
const bytesOf = (number) => [300, 3_000, 16_000, 60_000][number % 4]

const declareQueues = async (url) => {
  const { connection } = await openPeer(url)
  const channel = await connection.createChannel()
  for (const queue of ['full', 'waiting']) await channel.assertQueue(queue, { durable: true })
  await connection.close()
}

/** Publishes with confirms until told to stop. What became of each message is in the sets. */
const publisher = async (url, queue) => {
  const peer = await openPeer(url)
  const channel = await peer.connection.createConfirmChannel()
  channel.on('error', () => undefined)
  const state = { peer, confirmed: new Set(), nacked: new Set(), published: 0, stopped: false }
  state.fill = async (count = Infinity, pauseMs = 0) => {
    const until = state.published + count
    while (!state.stopped && !peer.lost && state.published < until) {
      const open = state.published - state.confirmed.size - state.nacked.size
      if (peer.blocked || open >= WINDOW) {
        await sleep(5)
        continue
      }
      const number = state.published++
      const options = { persistent: true, messageId: `${number}` }
      channel.sendToQueue(queue, bodyOf(number, bytesOf(number)), options, (error) => {
        if (error) state.nacked.add(number)
        else state.confirmed.add(number)
      })
      await (pauseMs > 0 ? sleep(pauseMs) : new Promise(setImmediate))
    }
  }
  return state
}

/** Takes messages until none has come for a while. @returns {Promise<{ number: number, whole: boolean }[]>} */
const take = async (url, queue, { quietMs = QUIET_MS } = {}) => {
  const { connection } = await openPeer(url)
  const channel = await connection.createChannel()
  const { messageCount } = await channel.checkQueue(queue)
  const taken = []
  let lastAt = performance.now()
  await channel.prefetch(100)
  await channel.consume(queue, (message) => {
    if (message === null) return
    const number = Number(message.properties.messageId)
    taken.push({ number, whole: bodyOf(number, bytesOf(number)).equals(message.content) })
    lastAt = performance.now()
    channel.ack(message)
  })
  await eventually(() => taken.length >= messageCount && performance.now() - lastAt > quietMs / 4, 60_000)
  await connection.close()
  return taken
}

const expectAll = (taken, { confirmed, published }, text) => {
  const there = new Set(taken.map(({ number }) => number))
  const lost = [...confirmed].filter((number) => !there.has(number))
  const inOrder = taken.every(({ number }, index) => index === 0 || number > taken[index - 1].number)
  expect(lost.length === 0, `${text}: ${confirmed.size} confirmed, ${taken.length} there, ${lost.length} lost`)
  if (lost.length > 0) say(`       lost: ${lost.slice(0, 10).join(', ')}`)
  expect(inOrder && there.size === taken.length, 'in order, none twice')
  expect(
    taken.every(({ number, whole }) => whole && number < published),
    'bodies are as they were published',
  )
}

const fillUp = async (broker) => {
  const { url } = broker
  await declareQueues(url)
  const waiting = await publisher(url, 'waiting')
  await waiting.fill(WAITING)
  expect(await eventually(() => waiting.confirmed.size === WAITING, 20_000), `${WAITING} messages wait for a consumer`)
  await waiting.peer.connection.close()
  const full = await publisher(url, 'full')
  const filling = full.fill()
  const told = await eventually(() => full.nacked.size > 0 || full.peer.blocked || full.peer.lost, FULL_LIMIT_MS)
  await sleep(QUIET_MS)
  expect(told && !full.peer.lost, `publisher hears of it: ${full.nacked.size} nacks, blocked: ${full.peer.wasBlocked}`)
  const before = full.confirmed.size
  await sleep(QUIET_MS)
  const outstanding = full.published - full.confirmed.size - full.nacked.size
  say(`       ${before} confirmed, ${full.confirmed.size - before} more in ${QUIET_MS} ms, ${outstanding} unanswered`)
  expect(broker.alive(), 'the broker lives')
  const taken = await take(url, 'waiting')
  expect(
    new Set(taken.map(({ number }) => number)).size === WAITING,
    `consumers go on: ${taken.length} of ${WAITING} taken`,
  )
  return { full, filling }
}

/** The disk is full when the broker is killed, and when it starts again. */
const killedWhenFull = async () => {
  const disk = makeSmallDisk(DISK_MEBIBYTES)
  console.log(`killed with a full disk (${disk.what})`)
  const start = () =>
    startBroker({ dataDir: join(disk.folder, 'data'), args: ['--disk-free-limit', '1'], through: disk.through() })
  let broker = await start()
  try {
    const { full, filling } = await fillUp(broker)
    await broker.end('SIGKILL')
    full.stopped = true
    await filling
    try {
      broker = await start()
      say(`       starts on the full disk (${disk.freeBytes()} octets free)`)
      await broker.end('SIGKILL')
    } catch (error) {
      const said = error.message.trim().split('\n').slice(-2).join(' / ').slice(0, 300)
      say(`       does not start on the full disk (${disk.freeBytes()} octets free): ${said}`)
    }
    disk.grow()
    broker = await start()
    expectAll(await take(broker.url, 'full'), full, 'after there is room and a restart')
  } finally {
    await broker.end('SIGKILL')
    disk.remove()
  }
}

/** There is room again while the broker runs, and then it is stopped in order. */
const roomWhileRunning = async () => {
  const disk = makeSmallDisk(DISK_MEBIBYTES)
  console.log(`room again while running (${disk.what})`)
  const start = () =>
    startBroker({ dataDir: join(disk.folder, 'data'), args: ['--disk-free-limit', '1'], through: disk.through() })
  let broker = await start()
  try {
    const { full, filling } = await fillUp(broker)
    disk.grow()
    const before = full.confirmed.size
    const goesOn = await eventually(() => full.confirmed.size > before + WINDOW && !full.peer.blocked, 15_000)
    say(`       with room, publishing ${goesOn ? 'goes on' : 'does not go on'} without a restart`)
    full.stopped = true
    await filling
    const { code, signal } = await broker.end('SIGTERM')
    expect(code === 0, `SIGTERM ends it in order (code ${code}, signal ${signal})`)
    broker = await start()
    expectAll(await take(broker.url, 'full'), full, 'after a restart')
  } finally {
    await broker.end('SIGKILL')
    disk.remove()
  }
}

/** The watermark stops publishers before the disk is full, and lets them go on once consumers have made room. */
const watermark = async () => {
  const disk = makeSmallDisk(WATERMARK_DISK_MEBIBYTES)
  console.log(`watermark (${disk.what})`)
  if (!disk.real) {
    disk.remove()
    return say('skipped: needs a disk with a size of its own')
  }
  const broker = await startBroker({
    dataDir: join(disk.folder, 'data'),
    args: ['--disk-free-limit', `${WATERMARK_MEBIBYTES}MiB`],
  })
  try {
    await declareQueues(broker.url)
    const full = await publisher(broker.url, 'full')
    const filling = full.fill(Infinity, 1)
    expect(await eventually(() => full.peer.blocked, FULL_LIMIT_MS), 'connection.blocked comes')
    await sleep(QUIET_MS)
    const free = (disk.freeBytes() / 2 ** 20).toFixed(1)
    expect(
      disk.freeBytes() > (WATERMARK_MEBIBYTES / 2) * 2 ** 20 && full.nacked.size === 0,
      `in time: ${free} MiB are free, no nacks`,
    )
    const taken = await take(broker.url, 'full')
    say(`       consumers take ${taken.length} messages meanwhile`)
    expect(await eventually(() => !full.peer.blocked, 30_000), 'connection.unblocked comes when they have made room')
    full.stopped = true
    await filling
    await eventually(() => full.confirmed.size + full.nacked.size === full.published, 10_000)
    const rest = await take(broker.url, 'full')
    expectAll([...taken, ...rest], full, 'before and after')
    expect(broker.alive(), 'the broker lives')
  } finally {
    await broker.end('SIGKILL')
    disk.remove()
  }
}

for (const scenario of [killedWhenFull, roomWhileRunning, watermark]) await scenario()
console.log(problems.length === 0 ? 'disk-full: all kept' : `disk-full: ${problems.length} FAILED`)
process.exitCode = problems.length === 0 ? 0 : 1
