// Peers of evil will against one broker: 50,000 sequences of frames from seeds, good ones with wounds and bad ones.
// Whatever comes in, what goes out is AMQP, nobody else notices, nothing is the broker's fault, and nothing of it remains.
// FUZZ_SEED and FUZZ_CASES in the environment play others, or one conversation again.

import type { Queue } from '../../src/broker/queue/queue.ts'
import { Chaos, Random } from '../support/chaos.ts'
import type { Arrival, Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

const FIRST = Number(process.env['FUZZ_SEED'] ?? 1)
const CASES = Number(process.env['FUZZ_CASES'] ?? 50_000)
/** After so many conversations, what they declared is counted and deleted. */
const ROUND = 200

jest.setTimeout(300_000)

/** Methods that a server sends beside those that end in -ok. */
const serverMethods = new Set<string>([
  'connection.start',
  'connection.tune',
  'connection.close',
  'connection.blocked',
  'connection.unblocked',
  'channel.close',
  'basic.cancel',
  'basic.deliver',
  'basic.return',
  'basic.get-empty',
  'basic.ack',
  'basic.nack',
  'heartbeat',
])

/** Holds what a server says against the order that it has to keep; returns what is wrong with it. */
function complaints(arrivals: readonly Arrival[]): readonly string[] {
  const wrong: string[] = []
  /** What may still be said on a channel that the server, or the client, has closed. */
  const closed = new Map<number, readonly string[]>()
  let ended: readonly string[] | null = null
  for (const { name, channel } of arrivals) {
    if (!name.endsWith('-ok') && !serverMethods.has(name)) wrong.push(`a server never sends ${name}`)
    if (ended && !ended.includes(name)) wrong.push(`${name} after the end of the connection`)
    const allowed = closed.get(channel)
    if (allowed && !allowed.includes(name)) wrong.push(`${name} on channel ${channel}, which is closed`)
    if (name === 'connection.close') ended = ['connection.close-ok']
    if (name === 'connection.close-ok') ended ??= []
    if (name === 'channel.close') closed.set(channel, ['channel.close-ok', 'channel.open-ok'])
    if (name === 'channel.close-ok' && !allowed) closed.set(channel, ['channel.open-ok'])
    if (name === 'channel.open-ok') closed.delete(channel)
  }
  return wrong
}

/** Somebody well-behaved who works throughout: publishes to itself, confirms and acks. */
class Bystander {
  readonly #peer: Peer
  readonly #queue: string
  #count = 0

  private constructor(peer: Peer, queue: string) {
    this.#peer = peer
    this.#queue = queue
  }

  static async start(world: World): Promise<Bystander> {
    const peer = await world.open({}, 1, 2)
    const [declared] = await peer.ask(1, 'queue.declare', { exclusive: true })
    if (declared?.name !== 'queue.declare-ok') throw new Error('no queue')
    await peer.ask(1, 'confirm.select')
    await peer.ask(1, 'basic.consume', { consumerTag: 'mine' })
    return new Bystander(peer, declared.queue)
  }

  get queue(): string {
    return this.#queue
  }

  /** A message to itself; returns what was not as it should be. */
  async work(): Promise<readonly string[]> {
    const tag = ++this.#count
    this.#peer.publish(1, { routingKey: this.#queue, body: `${tag}` })
    this.#peer.send(1, 'basic.ack', { deliveryTag: 0, multiple: true })
    const heard = await this.#peer.heard()
    const said = heard.map((each) => `${each.name} ${'deliveryTag' in each ? each.deliveryTag : ''} ${each.body ?? ''}`)
    const wanted = [`basic.deliver ${tag} ${tag}`, `basic.ack ${tag} `]
    return said.sort().join() === wanted.sort().join() ? [] : said
  }

  /** Deletes these queues. */
  async remove(queues: readonly string[]): Promise<void> {
    for (const queue of queues) this.#peer.send(2, 'queue.delete', { queue, noWait: true })
    const heard = await this.#peer.heard()
    if (heard.length > 0) throw new Error(`a queue could not be deleted: ${JSON.stringify(heard)}`)
  }
}

/** The channels that the server has closed. */
function closedChannels(heard: readonly Arrival[]): ReadonlySet<number> {
  return new Set(heard.filter(({ name }) => name === 'channel.close').map(({ channel }) => channel))
}

/** A conversation of several sequences, as long as the server listens. Returns how many, and what was wrong. */
async function converse(world: World, seed: number): Promise<{ sequences: number; wrong: readonly string[] }> {
  const random = new Random(seed)
  const frameMax = random.pick(4096, 131_072)
  const peer = world.connect({ frameMax })
  const chaos = new Chaos(random, frameMax)
  const arrivals: Arrival[] = []
  if (random.chance(3)) peer.transport.stall(true)
  peer.write(chaos.greeting())
  let sequences = 0
  let heard: readonly Arrival[] = []
  do {
    for (const chunk of chaos.chunks(chaos.sequence(closedChannels(heard)))) {
      peer.write(chunk)
      if (random.chance(20)) await world.settle()
    }
    sequences++
    await world.settle()
    heard = peer.take()
    arrivals.push(...heard)
  } while (random.chance(90) && !peer.ended && !heard.some(({ name }) => name.startsWith('connection.close')))
  if (random.chance(10)) await world.pass(random.pick(500, 3000, 30_000))
  const wrong = complaints([...arrivals, ...peer.take()])
  await peer.drop()
  const defects = world.log.defects.map((line) => `${line.message} ${(line.fields as { err?: Error }).err?.stack}`)
  world.log.lines.length = 0
  return { sequences, wrong: [...wrong, ...defects] }
}

const stats = (queue: Queue) => queue.stats() as { readonly unacked: number; readonly consumers: number }

describe('peers of evil will', () => {
  it('get nothing but AMQP, disturb nobody, and leave nothing behind', async () => {
    const world = await World.create({ limits: { maxMessageBytes: 8000 } })
    // Most of what is thrown here is meant, and nobody looks at where.
    Error.stackTraceLimit = 4
    const rejections: unknown[] = []
    const reject = (reason: unknown) => void rejections.push(reason)
    process.on('unhandledRejection', reject)
    const bystander = await Bystander.start(world)
    const kept = new Set(world.connections)
    const failures: string[] = []
    const blame = (seed: number, found: readonly string[]) =>
      failures.push(...found.map((each) => `FUZZ_SEED=${seed}: ${each}`))

    let played = 0
    for (let seed = FIRST; played < CASES && failures.length === 0; seed++) {
      const { sequences, wrong } = await converse(world, seed).catch((error: Error) => ({
        sequences: 1,
        wrong: [`${error.stack}`],
      }))
      played += sequences
      blame(seed, wrong)
      if (world.connections.size > kept.size) blame(seed, ['a connection is left'])
      if (seed % 25 === 0) blame(seed, await bystander.work())
      if (seed % ROUND > 0 && played < CASES) continue
      await world.pass(100)
      const queues = [...world.vhost.queues.values()].filter(({ name }) => name !== bystander.queue)
      for (const queue of queues) {
        const { unacked, consumers } = stats(queue)
        if (unacked + consumers > 0) blame(seed, [`'${queue.name}' has ${unacked} unacked, ${consumers} consumers`])
        if (queue.owner) blame(seed, [`'${queue.name}' belongs to a connection that is gone`])
      }
      await bystander.remove(queues.map(({ name }) => name))
      await world.pass(100)
      const left = { timers: world.clock.timers, slabs: world.slabs.lent.size, queues: world.vhost.queues.size - 1 }
      if (left.timers + left.slabs + left.queues > 0) blame(seed, [JSON.stringify(left)])
    }
    process.off('unhandledRejection', reject)
    expect(failures).toEqual([])
    expect(rejections).toEqual([])
  })
})
