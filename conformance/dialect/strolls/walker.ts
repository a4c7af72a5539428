// Takes a stroll on one broker, step by step, and says after each what was heard: the same lines on every broker that does
// the same. Waits for the answer, if there is one, and then until the broker has been quiet for a while.

import { body, header, method } from '../client/frame.ts'
import { type Arrival, Peer } from '../client/peer.ts'
import { arrivalText, Names } from '../normalise.ts'
import { protocolHeader, startOk, tuneOk } from '../peers.ts'
import type { Settlement, Step } from './stroll.ts'

/** Where a broker listens. */
export type Address = { readonly host: string; readonly port: number }

const frameMax = 131_072
const answerMs = 10_000

/** What one channel has been given, and what it was told of its publishes. */
class Line {
  held: number[] = []
  readonly unasked = new Set<string>()
  readonly acked = new Set<number>()
  readonly nacked = new Set<number>()

  /** Several tags may be told of at once or one by one: what counts is what is known in the end. */
  confirm(name: string, tag: number, multiple: boolean): void {
    const known = name === 'basic.ack' ? this.acked : this.nacked
    for (let each = multiple ? 1 : tag; each <= tag; each++)
      if (!this.acked.has(each) && !this.nacked.has(each)) known.add(each)
  }

  get confirms(): string {
    const text = (known: Set<number>) => [...known].sort((one, other) => one - other).join(' ')
    return `confirmed ${text(this.acked)}, refused ${text(this.nacked)}`
  }
}

/** `early` is what came while a channel was opened: it is heard with the next step. */
type Client = { readonly peer: Peer; readonly lines: Map<number, Line>; readonly early: Arrival[] }

/** Two connections with two channels each. */
export class Walker {
  readonly #address: Address
  readonly #names: Names
  readonly #quietMs: number
  readonly #clients: Client[] = []
  #messages = 0

  /** @param prefix of all names that this walk declares  @param quietMs silence that ends a step */
  constructor(address: Address, prefix: string, quietMs: number) {
    this.#address = address
    this.#names = new Names(prefix)
    this.#quietMs = quietMs
  }

  /** Connects. */
  async begin(): Promise<void> {
    for (const at of [0, 1]) this.#clients[at] = await this.#connect()
  }

  /**
   * Takes a step; returns a line for each channel that heard something, deliveries apart from the rest. Once it hears
   * connection.close the walk is over.
   */
  async take(step: Step): Promise<readonly string[]> {
    const client = this.#clients[step.peer] as Client
    const heard = this.#clients.map(({ early }) => early.splice(0))
    if (this.#say(client, step)) heard[step.peer]?.push(...(await answered(client.peer, step)))
    const later = await Promise.all(this.#clients.map(({ peer }) => untilQuiet(peer, this.#quietMs)))
    const lines: string[] = []
    for (const [at, arrivals] of later.entries()) {
      const all = untilClosed([...(heard[at] ?? []), ...arrivals])
      lines.push(...this.#note(at, all, step))
      await this.#mend(at, all, step)
    }
    return lines
  }

  /** Goes. What was declared stays, on brokers that are thrown away. */
  end(): void {
    for (const { peer } of this.#clients) peer.drop()
  }

  async #connect(): Promise<Client> {
    const peer = await Peer.connect(this.#address.host, this.#address.port)
    peer.write(protocolHeader(0, 0, 9, 1))
    peer.write(method(0, 'connection.start-ok', startOk({})))
    peer.write(method(0, 'connection.tune-ok', tuneOk({})))
    peer.write(method(0, 'connection.open', { virtualHost: '/' }))
    const client: Client = { peer, lines: new Map(), early: [] }
    for (const channel of [1, 2]) await this.#open(client, channel)
    return client
  }

  async #open({ peer, lines, early }: Client, channel: number): Promise<void> {
    lines.set(channel, new Line())
    peer.write(method(channel, 'channel.open'))
    const heard = await until(peer, (arrival) => arrival.kind === 'method' && arrival.name === 'channel.open-ok')
    early.push(...heard.filter((arrival) => arrival.kind === 'content'))
  }

  /** Writes what a step says; returns whether it is answered. */
  #say({ peer, lines }: Client, step: Step): boolean {
    const line = lines.get(step.channel) as Line
    if (step.does === 'settle') {
      const settlement = settle(line, step)
      if (settlement !== null) peer.write(method(step.channel, ...settlement))
      return false
    }
    const values = this.#names.resolve(step.values)
    if (step.does === 'call') {
      if (step.name === 'basic.recover') line.held = []
      peer.write(method(step.channel, step.name, values))
      return true
    }
    for (let copy = 0; copy < step.copies; copy++) {
      const text = Buffer.from(`m${this.#messages++}`)
      const content = header(step.channel, text.length, this.#names.resolve(step.properties))
      peer.write(
        Buffer.concat([method(step.channel, 'basic.publish', values), content, body(step.channel, text, frameMax)]),
      )
    }
    return false
  }

  /** Remembers what was heard; returns it as text. */
  #note(at: number, arrivals: readonly Arrival[], step: Step): readonly string[] {
    const groups = new Map<string, string[]>()
    const add = (group: string, text: string) => groups.set(group, [...(groups.get(group) ?? []), text])
    for (const arrival of arrivals) {
      const channel = arrival.kind === 'method' || arrival.kind === 'content' ? arrival.channel : 0
      const line = this.#clients[at]?.lines.get(channel)
      const { name = '', values = {} } = arrival.kind === 'method' || arrival.kind === 'content' ? arrival : {}
      const tag = Number(values['deliveryTag'])
      if (line && (name === 'basic.ack' || name === 'basic.nack')) line.confirm(name, tag, values['multiple'] === true)
      else add(`${channel} ${name === 'basic.deliver' ? 'is given' : 'hears'}`, this.#text(arrival))
      if (line) remember(line, name, values, step)
    }
    for (const [channel, line] of this.#clients[at]?.lines ?? []) {
      if (line.acked.size + line.nacked.size > 0) add(`${channel} knows`, line.confirms)
    }
    return [...groups]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([group, texts]) => `${at}.${group} ${texts.join(' | ')}`)
  }

  /** Without what 3.10 does not know yet, or leaves out: how a message died last, and CC of the dead (§19). */
  #text(arrival: Arrival): string {
    const text = arrivalText(arrival, this.#names)
    return text.replace(/ x-last-death-\w+:S'[^']*'/g, '').replace(/CC:A\[[^\]]*\] (?=.*x-death)/, '')
  }

  /** Opens again what has ended. */
  async #mend(at: number, arrivals: readonly Arrival[], step: Step): Promise<void> {
    const client = this.#clients[at] as Client
    const closed = arrivals.flatMap((each) => (each.kind === 'method' && each.name.endsWith('.close') ? [each] : []))
    if (closed.some(({ name }) => name === 'connection.close')) return
    for (const { channel } of closed) {
      client.peer.write(method(channel, 'channel.close-ok'))
      await this.#open(client, channel)
    }
    const ownClose = step.does === 'call' && step.name === 'channel.close' && step.peer === at
    if (ownClose && closed.length === 0) await this.#open(client, step.channel)
  }
}

/** Without deliveries on what is closed meanwhile: some come, some do not. */
function untilClosed(arrivals: readonly Arrival[]): readonly Arrival[] {
  const closed = new Set(
    arrivals.map((each) => (each.kind === 'method' && each.name.endsWith('.close') ? each.channel : -1)),
  )
  return arrivals.filter((each) => each.kind !== 'content' || !(closed.has(0) || closed.has(each.channel)))
}

/** The method that settles, or null where nothing is held. The line forgets what it settles. */
function settle(line: Line, { how, which, multiple, requeue }: Settlement): [string, Record<string, unknown>] | null {
  const deliveryTag = line.held[which % line.held.length]
  if (deliveryTag === undefined) return null
  line.held = line.held.filter((tag) => (multiple ? tag > deliveryTag : tag !== deliveryTag))
  if (how === 'ack') return ['basic.ack', { deliveryTag, multiple }]
  return how === 'nack'
    ? ['basic.nack', { deliveryTag, multiple, requeue }]
    : ['basic.reject', { deliveryTag, requeue }]
}

function remember(line: Line, name: string, values: Readonly<Record<string, unknown>>, step: Step): void {
  const noAck = step.does === 'call' && step.values['noAck'] === true
  if (name === 'basic.consume-ok') {
    if (noAck) line.unasked.add(String(values['consumerTag']))
    else line.unasked.delete(String(values['consumerTag']))
  }
  const unasked = name === 'basic.deliver' ? line.unasked.has(String(values['consumerTag'])) : noAck
  if ((name === 'basic.deliver' || name === 'basic.get-ok') && !unasked) line.held.push(Number(values['deliveryTag']))
}

/** Everything that comes up to the answer to `step`, or to the end of what it was asked on. */
function answered(peer: Peer, { channel, ...step }: Step): Promise<Arrival[]> {
  const asked = step.does === 'call' ? step.name : ''
  const answers = asked === 'basic.get' ? ['basic.get-ok', 'basic.get-empty'] : [`${asked}-ok`]
  return until(peer, (arrival) => {
    if (arrival.kind !== 'method' && arrival.kind !== 'content') return arrival.kind === 'closed'
    if (arrival.name === 'connection.close') return true
    return arrival.channel === channel && (arrival.name === 'channel.close' || answers.includes(arrival.name))
  })
}

/** Everything that comes up to and with what is `wanted`. Throws where that does not come. */
async function until(peer: Peer, wanted: (arrival: Arrival) => boolean): Promise<Arrival[]> {
  const arrivals: Arrival[] = []
  for (;;) {
    const arrival = await peer.next(answerMs)
    if (arrival === undefined) throw new Error(`no answer came, only ${arrivals.map(({ kind }) => kind).join(' ')}`)
    arrivals.push(arrival)
    if (wanted(arrival) || arrival.kind === 'closed') return arrivals
  }
}

async function untilQuiet(peer: Peer, quietMs: number): Promise<Arrival[]> {
  const arrivals: Arrival[] = []
  for (;;) {
    const arrival = await peer.next(quietMs)
    if (arrival === undefined) return arrivals
    arrivals.push(arrival)
  }
}
