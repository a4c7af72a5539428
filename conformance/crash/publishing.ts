/**
 * Publishers that go on until the broker is killed: with confirms, through a fanout exchange, in transactions. They write
 * into ledgers what they were promised. Knows amqplib.
 */
import type { Channel, Options } from 'amqplib'
import type { Bodies } from './bodies.ts'
import type { Ledger } from './ledger.ts'
import { attempt, type Open, open, openChannel, openConfirmChannel, topology } from './peers.ts'

/** What publishers share. */
export interface Publishing {
  readonly url: string
  readonly bodies: Bodies
  readonly random: () => number
  readonly ledgers: ReadonlyMap<string, Ledger>
  /** Numbers of messages are given once in a run. */
  nextId: () => number
  /** Counted per message and queue. */
  readonly counts: { published: number; confirmed: number; confirmedBytes: number; transactions: number }
}

/** amqplib speaks transactions only in its inner language: method numbers, fields and the number of the answer. */
interface Rpc {
  rpc(method: number, fields: object, expected: number): Promise<unknown>
}
const txSelect = [5898250, {}, 5898251] as const
const txCommit = [5898260, {}, 5898261] as const
const txRollback = [5898270, {}, 5898271] as const

/** Starts all publishers; settles when the broker is gone. */
export async function publishAll(publishing: Publishing): Promise<{ readonly ended: Promise<void> }> {
  const { direct, fanout, transacted, exchange } = topology
  const peers = await Promise.all([1, 2, 3].map(() => open(publishing.url)))
  const [one, two, three] = peers as [Open, Open, Open]
  const running = [
    ...direct.map((queue) => publish(publishing, one, '', queue, [queue])),
    publish(publishing, two, exchange, '', fanout),
    transact(publishing, three, transacted),
  ]
  return { ended: Promise.all([...running, ...peers.map(({ closed }) => closed)]).then(() => undefined) }
}

/** Publishes with a window of unconfirmed messages, from 1 to 200. */
async function publish(
  { bodies, random, ledgers, nextId, counts }: Publishing,
  peer: Open,
  exchange: string,
  routingKey: string,
  queues: readonly string[],
): Promise<void> {
  const window = [1, 10, 50, 200][Math.floor(random() * 4)] as number
  const accounts = queues.flatMap((queue) => ledgers.get(queue) ?? [])
  const channel = await openConfirmChannel(peer).catch(() => undefined)
  if (!channel) return
  let unconfirmed = 0
  const publishOne = (): boolean => {
    const id = nextId()
    const body = bodies.of(id)
    for (const account of accounts) account.published(id)
    const settle = (error: unknown) => {
      unconfirmed--
      if (error) return
      for (const account of accounts) account.confirmed(id)
      counts.confirmed += accounts.length
      counts.confirmedBytes += body.length * accounts.length
      setImmediate(fill)
    }
    unconfirmed++
    counts.published += accounts.length
    return attempt(() => channel.publish(exchange, routingKey, body, properties(id), settle))
  }
  const fill = () => {
    while (unconfirmed < window && publishOne());
  }
  fill()
  await peer.closed
}

/** Commits transactions of 1 to 20 messages over several queues, and rolls a few back. */
async function transact(publishing: Publishing, peer: Open, queues: readonly string[]): Promise<void> {
  try {
    const channel = await openChannel(peer)
    await inner(channel).rpc(...txSelect)
    for (;;) await transactOnce(publishing, channel, queues)
  } catch {
    await peer.closed
  }
}

async function transactOnce(
  { bodies, random, ledgers, nextId, counts }: Publishing,
  channel: Channel,
  queues: readonly string[],
): Promise<void> {
  const held: { id: number; bytes: number; account: Ledger }[] = []
  for (let left = 1 + Math.floor(random() * 20); left > 0; left--) {
    const queue = queues[Math.floor(random() * queues.length)] as string
    const account = ledgers.get(queue) as Ledger
    const id = nextId()
    const body = bodies.of(id)
    held.push({ id, bytes: body.length, account })
    account.published(id)
    counts.published++
    channel.sendToQueue(queue, body, properties(id))
  }
  if (random() < 0.1) {
    for (const { id, account } of held) account.rolledBack(id)
    await inner(channel).rpc(...txRollback)
    return
  }
  await inner(channel).rpc(...txCommit)
  counts.transactions++
  for (const { id, bytes, account } of held) {
    account.confirmed(id)
    counts.confirmed++
    counts.confirmedBytes += bytes
  }
}

function inner(channel: Channel): Rpc {
  return channel as unknown as Rpc
}

function properties(id: number): Options.Publish {
  return { persistent: true, messageId: `${id}` }
}
