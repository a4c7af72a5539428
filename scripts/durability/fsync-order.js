// Looks at the broker's system calls while it confirms: no confirm may leave before the disk has said that it has the
// message. Nothing of the broker is asked; what counts is the order in which the kernel saw reads, writes and syncs.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPeer, startBroker } from './broker.js'
import { methodsIn, readTrace, straceCommand, streamOf } from './trace.js'

const PUBLISH = '60.40'
const ACK = '60.80'
const QUEUE = 'fsync-order'

/** Twice in every body, so that one is whole wherever the store cuts its records. */
const token = (number) => `{#${String(number).padStart(8, '0')}}`
const bodyOf = (number) => Buffer.from(`${token(number)}${'-'.repeat(100)}${token(number)}`)

const runPass = async ({ messages, window, consume, sync }) => {
  const folder = mkdtempSync(join(tmpdir(), 'leveret-fsync-'))
  try {
    const tracePath = join(folder, 'trace')
    const args = ['--disk-free-limit', '1', sync ? '--sync' : '--no-sync']
    const broker = await startBroker({ dataDir: join(folder, 'data'), args, through: straceCommand(tracePath) })
    try {
      await publish(broker.url, { messages, window, consume })
    } finally {
      await broker.end('SIGKILL')
    }
    return judge(readTrace(tracePath), { messages, strict: window === 1 })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const publish = async (url, { messages, window, consume }) => {
  const { connection } = await openPeer(url)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue(QUEUE, { durable: true })
  if (consume) {
    const consumer = await openPeer(url)
    const consuming = await consumer.connection.createChannel()
    await consuming.consume(QUEUE, (message) => message && consuming.ack(message))
  }
  await new Promise((resolve, reject) => {
    let sent = 0
    let confirmed = 0
    const fill = () => {
      while (sent < messages && sent - confirmed < window) {
        channel.sendToQueue(QUEUE, bodyOf(++sent), { persistent: true }, (error) => {
          if (error) return reject(error)
          if (++confirmed === messages) resolve()
          else setImmediate(fill)
        })
      }
    }
    fill()
  })
}

/** What is known of each message: `published`, `written`, `synced`, `taken` (acked by a consumer), `confirmed`. */
const judge = (calls, { messages, strict }) => {
  const known = Array.from({ length: messages + 1 }, () => ({}))
  noteSockets(calls, known)
  const syncs = noteFiles(calls, known)
  const figures = { messages, confirms: 0, syncs: syncs.length, takenBeforeSync: 0, problems: [] }
  for (const [number, message] of known.entries()) {
    if (number === 0) continue
    const { confirmed, synced, taken } = message
    if (!confirmed) {
      figures.problems.push(`message ${number} was not confirmed in the trace`)
      continue
    }
    figures.confirms++
    if (synced && synced.ends < confirmed.begins) {
      if (strict) alternates(number, message, syncs, figures.problems)
    } else if (taken && taken.begins < confirmed.begins) figures.takenBeforeSync++
    else
      figures.problems.push(
        `message ${number} was confirmed ${synced ? 'before its sync returned' : 'and never synced'}`,
      )
  }
  return figures
}

/** With one message at a time: read, written, one sync, confirmed. */
const alternates = (number, { published, written, confirmed }, syncs, problems) => {
  const between = syncs.filter(({ begins, ends }) => begins > published.ends && ends < confirmed.begins)
  if (between.length !== 1)
    problems.push(`message ${number}: ${between.length} syncs between its publish and its confirm`)
  if (written.begins < published.ends) problems.push(`message ${number} was written before it was read`)
}

const noteSockets = (calls, known) => {
  const sockets = Map.groupBy?.(calls, ({ target }) => target) ?? groupByTarget(calls)
  for (const [target, all] of sockets) {
    if (!target.startsWith('TCP')) continue
    const done = all.filter(({ result }) => result > 0)
    const isRead = ({ name }) => name === 'read' || name.startsWith('recv')
    const inbound = [...methodsIn(done.filter(isRead))]
    const publishes = inbound.filter(({ id }) => id === PUBLISH)
    for (const [index, { last }] of publishes.entries()) known[index + 1].published = last
    noteAcks(inbound, known, 'taken', ({ last }) => last)
    if (publishes.length === 0) continue
    noteAcks(methodsIn(done.filter((call) => !isRead(call))), known, 'confirmed', ({ first }) => first)
  }
}

const groupByTarget = (calls) => {
  const groups = new Map()
  for (const call of calls) groups.set(call.target, [...(groups.get(call.target) ?? []), call])
  return groups
}

const noteAcks = (methods, known, what, callOf) => {
  let settled = 0
  for (const method of methods) {
    if (method.id !== ACK) continue
    const tag = Number(method.fields.readBigUInt64BE(0))
    const multiple = (method.fields[8] & 1) === 1
    for (let each = multiple ? settled + 1 : tag; each <= tag; each++)
      if (known[each]) known[each][what] ??= callOf(method)
    if (multiple) settled = tag
  }
}

/** @returns the syncs of the store's log files that succeeded */
const noteFiles = (calls, known) => {
  const isLog = ({ target }) => target.endsWith('.log')
  const syncs = calls.filter((call) => isLog(call) && /^f(data)?sync$/.test(call.name) && call.result === 0)
  const writes = calls.filter((call) => isLog(call) && call.name.includes('write') && call.result > 0)
  for (const file of new Set(writes.map(({ target }) => target))) {
    const { bytes, callAt } = streamOf(writes.filter(({ target }) => target === file))
    const syncsOfFile = syncs.filter(({ target }) => target === file)
    for (const match of bytes.toString('latin1').matchAll(/\{#(\d{8})\}/g)) {
      const message = known[Number(match[1])]
      if (message === undefined || message.written) continue
      const written = callAt(match.index + match[0].length - 1)
      message.written = written
      message.synced = syncsOfFile.find(({ begins }) => begins > written.ends)
    }
  }
  return syncs
}

const passes = [
  { title: 'window 1', messages: 300, window: 1, consume: false, sync: true },
  { title: 'window 100', messages: 3000, window: 100, consume: false, sync: true },
  { title: 'window 100, consumed meanwhile', messages: 3000, window: 100, consume: true, sync: true },
]
/** The same without syncs: a check that finds nothing to complain about there sees nothing at all. */
const control = {
  title: 'window 1, --no-sync (must be found out)',
  messages: 50,
  window: 1,
  consume: false,
  sync: false,
}

const tracingIsPossible = () => {
  try {
    execFileSync('strace', ['-f', '-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const main = async () => {
  if (!tracingIsPossible()) return console.log('skipped: strace is not installed, or not allowed to trace here')
  let failed = false
  for (const pass of [...passes, control]) {
    const { problems, ...figures } = await runPass(pass)
    const asExpected = (problems.length === 0) === pass.sync
    failed ||= !asExpected
    console.log(`${asExpected ? 'ok    ' : 'FAILED'} ${pass.title}: ${JSON.stringify(figures)}`)
    if (!asExpected) for (const problem of problems.slice(0, 10)) console.log(`       ${problem}`)
    else if (!pass.sync) console.log(`       ${problems.length} complaints, the first: ${problems[0]}`)
  }
  process.exitCode = failed ? 1 : 0
}

await main()
