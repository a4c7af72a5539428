/**
 * Consumers: some that settle a part of what they get until the broker is killed, and one that empties all queues after a
 * restart. Knows amqplib.
 */
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Bodies } from './bodies.ts'
import { Broken, type Found, type Ledger } from './ledger.ts'
import { attempt, identify, type Open, open, openChannel, openConfirmChannel, topology } from './peers.ts'

const prefetch = 100
const settledPerMark = 40

/** What consumers share. */
export interface Consuming {
  readonly url: string
  readonly bodies: Bodies
  readonly random: () => number
  readonly ledgers: ReadonlyMap<string, Ledger>
  readonly counts: { delivered: number; settled: number; requeued: number }
}

/** Consumers at work. `ended` rejects with what was broken, once the broker is gone. */
export interface Consumers {
  /** A first message came. */
  readonly started: Promise<void>
  readonly ended: Promise<void>
}

/** Starts a consumer on every queue, each on a channel of its own. */
export async function consumeAll(consuming: Consuming): Promise<Consumers> {
  const peer = await open(consuming.url)
  const problems: unknown[] = []
  const started = new Promise<void>((resolve, reject) => {
    const begin = async (account: Ledger) => {
      const channel = await openConfirmChannel(peer)
      await channel.prefetch(prefetch)
      const one = consumer(consuming, channel, account)
      const onMessage = (message: ConsumeMessage | null) => {
        resolve()
        try {
          if (message !== null) one(message)
        } catch (error) {
          problems.push(error)
        }
      }
      await channel.consume(account.queue, onMessage)
    }
    for (const account of consuming.ledgers.values()) begin(account).catch(reject)
  })
  started.catch(() => undefined)
  const ended = peer.closed.then(() => {
    if (problems.length > 0) throw problems[0]
  })
  ended.catch(() => undefined)
  return { started, ended }
}

/** Acks most messages, rejects some, requeues a few once, and keeps a few for good. */
function consumer({ bodies, random, counts }: Consuming, channel: ConfirmChannel, account: Ledger) {
  let held = 0
  let sinceMark = 0
  return (message: ConsumeMessage): void => {
    const found = identify(message, bodies)
    account.delivered(found)
    counts.delivered++
    const choice = random()
    // The prefetch leaves the others room to go on.
    if (choice < 0.1 && held < prefetch - 10) {
      held++
      return
    }
    if (choice > 0.97 && !found.redelivered) {
      counts.requeued++
      attempt(() => channel.nack(message, false, true))
      return
    }
    account.settled(found.id)
    counts.settled++
    const went = attempt(() => (choice > 0.95 ? channel.reject(message, false) : channel.ack(message)))
    if (went && ++sinceMark >= settledPerMark) {
      sinceMark = 0
      attempt(() => mark(channel, account))
    }
  }
}

/** Learns by a confirmed publish when the settlements before it are stored. */
function mark(channel: ConfirmChannel, account: Ledger): void {
  const ids = account.takeSettled()
  channel.sendToQueue(topology.marks, Buffer.from(account.queue), { persistent: true }, (error: unknown) => {
    if (!error) account.committed(ids)
  })
}

/**
 * Takes out all that the queues hold, acknowledging it; returns once that is stored.
 *
 * @throws Broken when a queue has more or less than it says, or a body is not as published
 */
export async function drainAll(
  url: string,
  bodies: Bodies,
  queues: Iterable<string>,
): Promise<ReadonlyMap<string, readonly Found[]>> {
  const peer = await open(url)
  const drained = new Map<string, readonly Found[]>()
  for (const queue of queues) drained.set(queue, await drain(peer, bodies, queue))
  const channel = await openConfirmChannel(peer)
  await channel.purgeQueue(topology.marks)
  await peer.connection.close()
  return drained
}

async function drain(peer: Open, bodies: Bodies, queue: string): Promise<readonly Found[]> {
  const { connection } = peer
  const channel = await openConfirmChannel(peer)
  const { messageCount } = await channel.checkQueue(queue)
  const found: Found[] = []
  if (messageCount > 0) {
    let late: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      const onMessage = (message: ConsumeMessage | null) => {
        if (message === null) return reject(new Broken(`queue ${queue}: the broker cancelled the consumer`))
        try {
          found.push(identify(message, bodies))
        } catch (error) {
          return reject(error)
        }
        channel.ack(message)
        if (found.length === messageCount) resolve()
      }
      const tooLate = () => reject(new Broken(`queue ${queue} said ${messageCount} and gave ${found.length} messages`))
      late = setTimeout(tooLate, 60_000)
      connection.once('close', () => reject(new Broken('the connection was lost')))
      channel.prefetch(500).then(() => channel.consume(queue, onMessage).catch(reject), reject)
    }).finally(() => clearTimeout(late))
  }
  if (await channel.get(queue)) throw new Broken(`queue ${queue} said ${messageCount} messages and had more`)
  // Confirmed, so that the acks before it are stored as well.
  channel.sendToQueue(topology.marks, Buffer.from(queue), { persistent: true })
  await channel.waitForConfirms()
  const passive = await openChannel(peer)
  const after = await passive.checkQueue(queue)
  if (after.messageCount !== 0) throw new Broken(`queue ${queue} was emptied and says ${after.messageCount} messages`)
  await passive.close()
  await channel.close()
  return found
}
