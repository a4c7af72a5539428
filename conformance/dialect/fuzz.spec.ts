// Malformed streams against a live listener while another connection goes on working. CONFORMANCE_SEED picks other
// streams; a failure names the seed.

import { readdirSync, readlinkSync } from 'node:fs'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { body, header, method } from './client/frame.ts'
import { type Arrival, Peer } from './client/peer.ts'
import { Random } from './client/random.ts'
import { type Stream, stream } from './fuzz.ts'
import { protocolHeader, startOk, tuneOk } from './peers.ts'

const streams = 2_000
const connectionsAtOnce = 24
const roundsEvery = 8
/** How long to wait for the first answer to a stream (nearly every stream has one), and for more behind it. */
const firstAnswerMs = 1_000
const moreAnswersMs = 15
const seed = Number(process.env['CONFORMANCE_SEED'] ?? 20_260_101)
const queueOf = (at: number) => `fuzz-${seed}-${at}`

/** Logs in on a new connection and opens channel 1. */
async function login(host: string, port: number): Promise<Peer> {
  const peer = await Peer.connect(host, port)
  peer.write(protocolHeader(0, 0, 9, 1))
  peer.write(method(0, 'connection.start-ok', startOk({})))
  peer.write(method(0, 'connection.tune-ok', tuneOk({})))
  peer.write(method(0, 'connection.open', { virtualHost: '/' }))
  peer.write(method(1, 'channel.open'))
  for (const name of ['connection.start', 'connection.tune', 'connection.open-ok', 'channel.open-ok'])
    await next(peer, name)
  return peer
}

/** The next arrival, which has to be this method. */
async function next(peer: Peer, name: string): Promise<Arrival & { kind: 'method' | 'content' }> {
  const arrival = await peer.next(10_000)
  const named = arrival?.kind === 'method' || arrival?.kind === 'content' ? arrival : undefined
  if (named?.name !== name) throw new Error(`${name} was due, seed ${seed}; came ${JSON.stringify(arrival)}`)
  return named
}

/** Makes a connection ready to `work`: an exclusive queue, a consumer, confirms. */
async function prepare(peer: Peer, queue: string): Promise<void> {
  peer.write(method(1, 'queue.declare', { queue, exclusive: true }))
  await next(peer, 'queue.declare-ok')
  peer.write(method(1, 'confirm.select'))
  await next(peer, 'confirm.select-ok')
  peer.write(method(1, 'basic.consume', { queue, consumerTag: 'control' }))
  await next(peer, 'basic.consume-ok')
}

/** One round of work: publishes, is confirmed, receives and acks the message. Nothing else may arrive. */
async function work(peer: Peer, queue: string, round: number): Promise<void> {
  const text = Buffer.from(`round ${round}`)
  const publish = method(1, 'basic.publish', { routingKey: queue })
  peer.write(Buffer.concat([publish, header(1, text.length, {}), body(1, text, 4096)]))
  const arrivals = [await peer.next(10_000), await peer.next(10_000)]
  const delivery = arrivals.find((each) => each?.kind === 'content')
  const confirm = arrivals.find((each) => each?.kind === 'method')
  expect({
    seed,
    delivery: [delivery?.name, delivery?.body.toString(), delivery?.values['deliveryTag']],
    confirm: [confirm?.name, confirm?.values['deliveryTag']],
  }).toEqual({ seed, delivery: ['basic.deliver', text.toString(), round], confirm: ['basic.ack', round] })
  peer.write(method(1, 'basic.ack', { deliveryTag: round }))
}

/** Sends one stream on its own connection and hangs up, in one of the ways that clients do. */
async function send(host: string, port: number, { chunks }: Stream, random: Random): Promise<void> {
  const peer = await Peer.connect(host, port)
  for (const chunk of chunks) peer.write(chunk)
  await peer.drained()
  if (random.chance(80)) {
    let arrival = await peer.next(firstAnswerMs)
    while (arrival !== undefined && arrival.kind !== 'closed') arrival = await peer.next(moreAnswersMs)
  }
  if (random.chance(20)) peer.reset()
  else peer.drop()
}

/** Sockets of a process, where the system lets us count them. */
function sockets(pid: number): number | undefined {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((each) => linkOf(`/proc/${pid}/fd/${each}`))
    return links.filter((link) => link.startsWith('socket:')).length
  } catch {
    return undefined
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** What a passive declaration of each queue answers, where it is not `NOT_FOUND`. */
async function existing(peer: Peer, queues: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  const batch = 100
  for (let at = 0; at < queues.length; at += batch) {
    const channels = queues.slice(at, at + batch).map((queue, index) => ({ queue, channel: 10 + index }))
    for (const { queue, channel } of channels) {
      const declare = method(channel, 'queue.declare', { queue, passive: true })
      peer.write(Buffer.concat([method(channel, 'channel.open'), declare]))
    }
    for (let left = 2 * channels.length; left > 0; left--) {
      const answer = await peer.next(10_000)
      if (answer?.kind !== 'method') throw new Error(`no answer to a passive declaration, seed ${seed}`)
      if (answer.name === 'channel.open-ok') continue
      const queue = channels.find(({ channel }) => channel === answer.channel)?.queue
      if (answer.values['replyCode'] !== 404) found.push(`${queue}: ${answer.name} ${answer.values['replyText']}`)
      peer.write(method(answer.channel, answer.name === 'channel.close' ? 'channel.close-ok' : 'channel.close'))
      if (answer.name !== 'channel.close') await next(peer, 'channel.close-ok')
    }
  }
  return found
}

describe('a listener under malformed streams', () => {
  let broker: Leveret
  const peers: Peer[] = []
  const open = async () => {
    const peer = await login(broker.host, broker.port)
    peers.push(peer)
    return peer
  }

  beforeAll(async () => {
    broker = await startLeveret({ ephemeral: true })
  })

  afterAll(async () => {
    for (const peer of peers) peer.drop()
    await broker.stop()
  })

  it('survives them while another connection works undisturbed, and keeps nothing of them', async () => {
    const { host, port, pid } = broker
    const control = await open()
    const before = sockets(pid)
    const queue = `fuzz-control-${seed}`
    await prepare(control, queue)
    let rounds = 0
    let working: Promise<void> = Promise.resolve()
    const lane = async (first: number) => {
      for (let at = first; at < streams; at += connectionsAtOnce) {
        const random = new Random(seed + at * 7919)
        const sending = send(host, port, stream(random, queueOf(at)), random)
        // A round while the stream is on its way, for every eighth stream; one round at a time.
        if (at % roundsEvery === 0) working = working.then(() => work(control, queue, ++rounds))
        await Promise.all([sending, working])
      }
    }
    await Promise.all(Array.from({ length: connectionsAtOnce }, (_, first) => lane(first)))
    await working
    expect(rounds).toBe(streams / roundsEvery)

    // The dropped connections' end may still be on its way: their sockets go last.
    const deadlineMs = performance.now() + 10_000
    while (sockets(pid) !== before && performance.now() < deadlineMs) await control.next(20)
    expect(sockets(pid)).toBe(before)
    const inspector = await open()
    const names = Array.from({ length: streams }, (_, at) => queueOf(at))
    const left = await existing(inspector, names)
    expect({ queues: left.length, first: left.slice(0, 3) }).toEqual({ queues: 0, first: [] })

    const defects = broker
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'))
    expect(defects).toEqual([])
    control.write(method(0, 'connection.close', { replyCode: 200 }))
    await next(control, 'connection.close-ok')
  })
})
