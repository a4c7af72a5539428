/**
 * One broker killed again and again under load: publishes with confirms, consumes and acknowledges a part, kills, and
 * compares what is left with what was promised. Knows amqplib and how to start a broker; no Jest.
 */
import { createHash } from 'node:crypto'
import { type ChannelModel, type ConsumeMessage, connect, type Message } from 'amqplib'
import { type Leveret, startLeveret } from '../support/leveret.ts'

const queue = 'crash'
const unconfirmedLimit = 200
const prefetch = 100

/** What happened, counted over all rounds. */
export interface Totals {
  rounds: number
  kills: number
  published: number
  confirmed: number
  /** Acked by the consumer under load, or while emptying the queue after a restart. */
  acked: number
  /** Found in the queue after the restarts, of which: ... */
  found: number
  /** ... never confirmed (allowed: the broker may keep what it did not promise), ... */
  foundUnconfirmed: number
  /** ... acked just before the kill, so that the ack was lost (allowed, when marked as redelivered). */
  foundAcked: number
  redelivered: number
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The life of the messages, by sequence number. Sequence numbers go on from round to round. */
interface Ledger {
  published: number
  /** Confirmed since the queue was last emptied. */
  readonly confirmed: Set<number>
  readonly delivered: Set<number>
  readonly acked: Set<number>
}

/**
 * Runs `rounds` rounds on one data folder and one port. The same seed gives the same lifetimes and bodies; what the
 * broker was doing at the moment of a kill differs from run to run all the same.
 *
 * @throws Error that names the first broken promise: a confirmed and unacked message that is missing, messages out of
 *   order or twice, a message seen before without the redelivered mark, or a body that is not what was published.
 */
export async function crashRounds(rounds: number, seed: number, dataDir: string): Promise<Totals> {
  const random = seededRandom(seed)
  const totals: Totals = {
    rounds,
    kills: 0,
    published: 0,
    confirmed: 0,
    acked: 0,
    found: 0,
    foundUnconfirmed: 0,
    foundAcked: 0,
    redelivered: 0,
  }
  const ledger: Ledger = { published: 0, confirmed: new Set(), delivered: new Set(), acked: new Set() }
  let leveret = await startLeveret({ dataDir })
  const restart = async () => {
    await leveret.kill()
    totals.kills++
    leveret = await startLeveret({ dataDir, port: leveret.port })
  }
  try {
    for (let round = 0; round < rounds; round++) {
      await underLoad(leveret, ledger, random, restart)
      if (round % 4 === 3) await restart()
      check(ledger, await drain(leveret), round, totals)
    }
  } finally {
    await leveret.stop()
  }
  return totals
}

/** Publishes and consumes until the broker is killed, 30 to 400 ms after the first delivery. */
async function underLoad(
  leveret: Leveret,
  ledger: Ledger,
  random: () => number,
  kill: () => Promise<void>,
): Promise<void> {
  const lifetimeMs = 30 + Math.floor(random() * 370)
  const publisher = await open(leveret)
  const consumer = await open(leveret)
  const consuming = await consumer.connection.createChannel()
  consuming.on('error', () => undefined)
  await consuming.assertQueue(queue, { durable: true })
  await consuming.prefetch(prefetch)
  const delivered = new Promise<void>((resolve) => {
    let held = 0
    const onMessage = (message: ConsumeMessage | null) => {
      if (message === null) return
      const sequence = identify(message)
      ledger.delivered.add(sequence)
      resolve()
      // A few stay unacked for good; the prefetch leaves the others room to go on.
      if (random() < 0.1 && held < prefetch - 10) {
        held++
        return
      }
      ledger.acked.add(sequence)
      attempt(() => consuming.ack(message))
    }
    void consuming.consume(queue, onMessage)
  })
  const publishing = publishUntil(publisher, ledger, random)
  await delivered
  await new Promise((resolve) => setTimeout(resolve, lifetimeMs))
  await kill()
  await Promise.all([publishing, publisher.closed, consumer.closed])
}

/** Publishes persistent messages with a window of unconfirmed ones until the connection is lost. */
async function publishUntil(publisher: Open, ledger: Ledger, random: () => number): Promise<void> {
  const channel = await publisher.connection.createConfirmChannel()
  channel.on('error', () => undefined)
  let unconfirmed = 0
  await new Promise<void>((resolve) => {
    void publisher.closed.then(resolve)
    const fill = () => {
      while (unconfirmed < unconfirmedLimit) {
        const sequence = ledger.published
        const body = bodyOf(sequence, random)
        const settle = (error: unknown) => {
          unconfirmed--
          if (error) return
          ledger.confirmed.add(sequence)
          setImmediate(fill)
        }
        if (!attempt(() => channel.sendToQueue(queue, body, { persistent: true }, settle))) return
        ledger.published++
        unconfirmed++
      }
    }
    fill()
  })
}

/** Runs a call that throws once the channel is closed; says whether it went through. */
function attempt(call: () => unknown): boolean {
  try {
    call()
    return true
  } catch {
    return false
  }
}

interface Open {
  readonly connection: ChannelModel
  readonly closed: Promise<void>
}

async function open(leveret: Leveret): Promise<Open> {
  const connection = await connect(leveret.url, { noDelay: true })
  connection.on('error', () => undefined)
  return { connection, closed: new Promise((resolve) => connection.once('close', () => resolve())) }
}

/** `sequence digest padding`: mostly small, now and then several frames long. */
function bodyOf(sequence: number, random: () => number): Buffer {
  const paddingBytes = random() < 0.01 ? Math.floor(random() * 200_000) : Math.floor(random() * 400)
  const padding = Buffer.alloc(paddingBytes, sequence & 0xff)
  const digest = createHash('sha1').update(padding).digest('hex')
  return Buffer.concat([Buffer.from(`${sequence} ${digest} `), padding])
}

/**
 * The sequence number of a message.
 *
 * @throws Error when the body is not as `bodyOf` made it.
 */
function identify(message: Message): number {
  const [sequence = '', digest = ''] = message.content.toString('latin1', 0, 80).split(' ', 2)
  const padding = message.content.subarray(sequence.length + digest.length + 2)
  if (createHash('sha1').update(padding).digest('hex') !== digest) throw new Error(`message ${sequence} is damaged`)
  return Number(sequence)
}

interface Found {
  readonly sequence: number
  readonly redelivered: boolean
}

/** Takes all that is in the queue, acknowledging it, until the broker says that it is empty. */
async function drain(leveret: Leveret): Promise<Found[]> {
  const { connection } = await open(leveret)
  const channel = await connection.createChannel()
  const { messageCount } = await channel.assertQueue(queue, { durable: true })
  const found: Found[] = []
  if (messageCount > 0) {
    await new Promise<void>((resolve, reject) => {
      const onMessage = (message: ConsumeMessage | null) => {
        if (message === null) return reject(new Error('the broker cancelled the consumer'))
        try {
          found.push({ sequence: identify(message), redelivered: message.fields.redelivered })
        } catch (error) {
          return reject(error)
        }
        channel.ack(message)
        if (found.length === messageCount) resolve()
      }
      connection.once('close', () => reject(new Error('the connection was lost')))
      channel.prefetch(500).then(() => channel.consume(queue, onMessage).catch(reject), reject)
    })
  }
  const further = await channel.get(queue)
  if (further) throw new Error(`the queue said ${messageCount} messages and had more`)
  await connection.close()
  return found
}

/** Compares what was found with what was promised, and books it as delivered and acked. */
function check(ledger: Ledger, found: readonly Found[], round: number, totals: Totals): void {
  const broken = (what: string) => new Error(`round ${round}: ${what}`)
  const present = new Set<number>()
  let last = -1
  for (const { sequence, redelivered } of found) {
    if (sequence >= ledger.published) throw broken(`message ${sequence} was never published`)
    if (sequence <= last) throw broken(`message ${sequence} comes after ${last}`)
    if (ledger.delivered.has(sequence) && !redelivered) {
      throw broken(`message ${sequence} comes a second time without the redelivered mark`)
    }
    last = sequence
    present.add(sequence)
    if (redelivered) totals.redelivered++
    if (ledger.acked.has(sequence)) totals.foundAcked++
    else if (!ledger.confirmed.has(sequence)) totals.foundUnconfirmed++
  }
  for (const sequence of ledger.confirmed) {
    if (!ledger.acked.has(sequence) && !present.has(sequence)) {
      throw broken(`message ${sequence} was confirmed, not acked, and is lost`)
    }
  }
  totals.found += found.length
  totals.published = ledger.published
  totals.confirmed += ledger.confirmed.size
  totals.acked = ledger.acked.size
  ledger.confirmed.clear()
  for (const sequence of present) ledger.delivered.add(sequence)
  for (const sequence of present) ledger.acked.add(sequence)
}
