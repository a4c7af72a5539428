// Plays one scenario against one address and writes two transcripts: what had to come and what came. They are equal, or
// they part at their last line. Deletes nothing; what it declared is in the outcome for whoever cleans up.

import type { Administer, Change } from '../support/administration.ts'
import { method } from './client/frame.ts'
import { type Arrival, Peer } from './client/peer.ts'
import { tookAtMost } from './client/standstill.ts'
import { arrivalText, Names, outgoingText } from './normalise.ts'
import { bytesOf } from './outgoing.ts'
import { protocolHeader, startOk, tuneOk } from './peers.ts'
import { type Flavour, type Login, type Outgoing, type Scenario, type Step, stepsFor } from './scenario.ts'

/** Where to play and what to expect there. */
export type Target = {
  readonly host: string
  readonly port: number
  readonly flavour: Flavour
  /** Changes users, permissions, policies and limits; without it scenarios that do are not played. */
  readonly administer?: Administer
  /** Begins an orderly shutdown of the broker, for the scenarios of that. */
  readonly stop?: () => Promise<void>
}

/** The transcripts of a scenario, and the exchanges and queues (real names) that it tried to declare. */
export type Outcome = {
  readonly scenario: Scenario
  readonly same: boolean
  readonly expected: readonly string[]
  readonly actual: readonly string[]
  readonly queues: readonly string[]
  readonly exchanges: readonly string[]
}

/** How long an answer may take. Only a broker that does not answer ever uses it up. */
const answerLimitMs = 20_000

/** `beats`: heartbeats were asked for, and one may come at any time. */
type PeerState = { readonly peer: Peer; frameMax: number; beats: boolean; lastMs: number; earliestMs: number }

const [noAnswer, heartbeat] = ['nothing', '0 heartbeat'] as const

class Play {
  #target: Target
  readonly #names: Names
  readonly #peers = new Map<string, PeerState>()
  readonly expected: string[] = []
  readonly actual: string[] = []
  readonly queues = new Set<string>()
  readonly exchanges = new Set<string>()

  constructor(target: Target, prefix: string) {
    this.#target = target
    this.#names = new Names(prefix)
  }

  /** Plays steps until one goes another way than expected. True when none did. */
  async all(steps: readonly Step[]): Promise<boolean> {
    for (const step of steps) {
      await this.#step(step)
      if (this.expected.at(-1) !== this.actual.at(-1)) return false
    }
    return true
  }

  /** Forgets every peer: from now on it is another broker, or the same one again. */
  moveTo(target: Target): void {
    this.end()
    this.#peers.clear()
    this.#target = target
  }

  end(): void {
    for (const { peer } of this.#peers.values()) peer.drop()
  }

  #note(line: string): void {
    this.#compare(line, line)
  }

  #compare(expected: string, actual: string): void {
    this.expected.push(expected)
    this.actual.push(actual)
  }

  #state(name: string): PeerState {
    const state = this.#peers.get(name)
    if (state === undefined) throw new Error(`peer ${name} is not connected`)
    return state
  }

  async #step(step: Step): Promise<void> {
    switch (step.do) {
      case 'connect':
        return this.#connect(step.peer)
      case 'login':
        return this.#login(step.peer, step.login)
      case 'send':
        return this.#send(step.peer, step.frames)
      case 'see':
        return this.#see(step)
      case 'see-in-any-order':
        return this.#seeInAnyOrder(step.peer, step.texts)
      case 'skip':
        return this.#skip(step)
      case 'confirmed':
        return this.#confirmed(step)
      case 'drain':
        return this.#drain(step)
      case 'total':
        return this.#total(step)
      case 'eventually':
        return this.#eventually(step)
      case 'closed':
        return this.#closed(step)
      case 'silence':
        return this.#silence(step.peer, step.forMs)
      case 'drop':
      case 'reset':
      case 'pause':
      case 'resume':
        this.#state(step.peer).peer[step.do]()
        return this.#note(`${step.peer} ${step.do}`)
      case 'administer':
        return this.#administer(step)
      case 'stop-broker':
        void this.#target.stop?.()
        return this.#note('the broker is told to stop')
      default:
        throw new Error('a fork was not resolved')
    }
  }

  async #administer({ change, refused }: Step & { do: 'administer' }): Promise<void> {
    const reason = await this.#target.administer?.(this.#names.resolve(change) as Change)
    const line = (outcome: string | undefined) => `administration > ${JSON.stringify(change)} ${outcome ?? 'done'}`
    this.#compare(line(refused), line(reason === undefined ? undefined : this.#names.hide(reason)))
  }

  async #connect(name: string): Promise<void> {
    const peer = await Peer.connect(this.#target.host, this.#target.port)
    this.#peers.set(name, {
      peer,
      frameMax: 131072,
      beats: false,
      lastMs: peer.connectedMs,
      earliestMs: peer.connectedMs,
    })
    this.#note(`${name} connects`)
  }

  async #login(name: string, asWritten: Login): Promise<void> {
    const login = this.#names.resolve(asWritten)
    await this.#connect(name)
    const { peer } = this.#state(name)
    const expect = async (method: string) => {
      const text = await this.#next(name)
      return text.startsWith(`0 ${method}`) ? undefined : text
    }
    peer.write(protocolHeader(0, 0, 9, 1))
    let other = await expect('connection.start')
    peer.write(method(0, 'connection.start-ok', startOk(login)))
    other ??= await expect('connection.tune')
    peer.write(method(0, 'connection.tune-ok', tuneOk(login)))
    peer.write(method(0, 'connection.open', { virtualHost: login.vhost ?? '/' }))
    other ??= await expect('connection.open-ok')
    Object.assign(this.#state(name), { frameMax: login.frameMax ?? 131072, beats: (login.heartbeatSeconds ?? 0) > 0 })
    this.#compare(`${name} is open`, other === undefined ? `${name} is open` : `${name} < ${other}`)
  }

  /** The next arrival as text; `nothing` after the limit. */
  async #next(name: string, limitMs = answerLimitMs): Promise<string> {
    const arrival = await this.#arrival(name, limitMs)
    return arrival === undefined ? noAnswer : arrivalText(arrival, this.#names)
  }

  /** The next arrival where one of `texts` has to come: heartbeats do not count, unless it is them. */
  async #oneOf(name: string, texts: readonly string[]): Promise<string> {
    const { beats } = this.#state(name)
    for (;;) {
      const text = await this.#next(name)
      if (text !== heartbeat || !beats || texts.includes(heartbeat)) return text
    }
  }

  async #arrival(name: string, limitMs: number): Promise<Arrival | undefined> {
    const state = this.#state(name)
    const arrival = await state.peer.next(limitMs)
    if (arrival !== undefined && arrival.kind !== 'closed') {
      state.lastMs = arrival.atMs
      state.earliestMs = state.peer.earliestMs
    }
    return arrival
  }

  async #send(name: string, frames: readonly Outgoing[]): Promise<void> {
    const { peer, frameMax } = this.#state(name)
    for (const frame of frames) this.#note(`${name} > ${outgoingText(frame)}`)
    peer.write(Buffer.concat(frames.map((frame) => this.#bytes(this.#names.resolve(frame), frameMax))))
    await peer.drained()
  }

  #bytes(frame: Outgoing, frameMax: number): Buffer {
    if (frame.frame === 'method') this.#remember(frame.name, frame.values)
    return bytesOf(frame, frameMax)
  }

  #remember(name: string, values: { readonly [field: string]: unknown }): void {
    if (name === 'queue.declare' && typeof values['queue'] === 'string') this.queues.add(values['queue'])
    if (name === 'exchange.declare' && typeof values['exchange'] === 'string') this.exchanges.add(values['exchange'])
  }

  async #see({ peer: name, text, afterS }: Step & { do: 'see' }): Promise<void> {
    const state = this.#state(name)
    const sinceMs = Math.max(state.lastMs, state.peer.writtenMs)
    const earliestMs = Math.max(state.earliestMs, state.peer.writtenMs)
    const came = await this.#oneOf(name, [text])
    if (afterS === undefined) return this.#compare(`${name} < ${text}`, `${name} < ${came}`)
    const seconds = (state.lastMs - sinceMs) / 1000
    const inside = state.lastMs - earliestMs >= afterS[0] * 1000 && tookAtMost(afterS[1] * 1000, sinceMs, state.lastMs)
    const window = `${afterS[0]}..${afterS[1]} s`
    this.#compare(
      `${name} < ${text} after ${window}`,
      `${name} < ${came} after ${inside ? window : `${seconds.toFixed(2)} s`}`,
    )
  }

  async #seeInAnyOrder(name: string, texts: readonly string[]): Promise<void> {
    const came: string[] = []
    for (let left = texts.length; left > 0; left--) {
      const text = await this.#oneOf(name, texts)
      came.push(text)
      if (text === noAnswer) break
    }
    this.#compare(`${name} < ${[...texts].sort().join(' | ')}`, `${name} < ${came.sort().join(' | ')}`)
  }

  async #skip(step: Step & { do: 'skip' }): Promise<void> {
    const is = (each: Arrival) => (each.kind === 'method' || each.kind === 'content') && each.name === step.name
    let arrival = await this.#arrival(step.peer, answerLimitMs)
    while (step.past === true && arrival !== undefined && arrival.kind !== 'closed' && !is(arrival))
      arrival = await this.#arrival(step.peer, answerLimitMs)
    const expected = `${step.peer} < ${step.name}…`
    if (arrival === undefined || !('name' in arrival) || !is(arrival)) {
      const text = arrival === undefined ? noAnswer : arrivalText(arrival, this.#names)
      return this.#compare(expected, `${step.peer} < ${text}`)
    }
    const values = { ...arrival.values, ...(arrival.kind === 'content' ? arrival.properties : {}) }
    for (const [field, word] of Object.entries(step.save ?? {})) this.#names.save(word, String(values[field]))
    this.#note(expected)
  }

  async #confirmed(step: Step & { do: 'confirmed' }): Promise<void> {
    const { peer: name, channel } = step
    const open = new Set([...step.acked, ...step.nacked])
    const settled: Record<'acked' | 'nacked', number[]> = { acked: [], nacked: [] }
    let other: string | undefined
    while (open.size > 0 && other === undefined) {
      const arrival = await this.#arrival(name, answerLimitMs)
      const known = arrival?.kind === 'method' && arrival.channel === channel ? arrival : undefined
      if (known?.name !== 'basic.ack' && known?.name !== 'basic.nack') {
        other = arrival === undefined ? noAnswer : arrivalText(arrival, this.#names)
        break
      }
      const { deliveryTag, multiple } = known.values as { deliveryTag: number; multiple: boolean }
      const tags = multiple ? [...open].filter((tag) => tag <= deliveryTag) : [deliveryTag]
      for (const tag of tags) {
        if (!open.delete(tag)) other = arrivalText(known, this.#names)
        settled[known.name === 'basic.ack' ? 'acked' : 'nacked'].push(tag)
      }
    }
    const text = (acked: readonly number[], nacked: readonly number[]) => {
      const sorted = (tags: readonly number[]) => [...tags].sort((left, right) => left - right).join(' ')
      return `${name} < ${channel} confirms acked [${sorted(acked)}] nacked [${sorted(nacked)}]`
    }
    const came = text(settled.acked, settled.nacked)
    this.#compare(text(step.acked, step.nacked), other === undefined ? came : `${came} then ${other}`)
  }

  async #drain(step: Step & { do: 'drain' }): Promise<void> {
    const { peer: name, channel, queue } = step
    const get = method(channel, 'basic.get', { queue: this.#names.resolve(queue), noAck: true })
    const bodies: string[] = []
    let other = ''
    for (;;) {
      this.#state(name).peer.write(get)
      const arrival = await this.#arrival(name, answerLimitMs)
      if (arrival?.kind === 'content') {
        bodies.push(arrival.body.toString('utf8'))
        continue
      }
      if (arrival?.kind === 'method' && arrival.name === 'basic.get-empty') break
      other = ` then ${arrival === undefined ? noAnswer : arrivalText(arrival, this.#names)}`
      break
    }
    const line = (list: readonly string[]) => `${name} < ${channel} ${queue} holds [${list.join(' | ')}]`
    this.#compare(line(step.bodies), line(bodies) + other)
  }

  async #total({ peer: name, channel, queues, messages }: Step & { do: 'total' }): Promise<void> {
    let found = 0
    for (const queue of queues) {
      this.#state(name).peer.write(method(channel, 'queue.purge', { queue: this.#names.resolve(queue) }))
      const arrival = await this.#arrival(name, answerLimitMs)
      if (arrival?.kind === 'method' && arrival.name === 'queue.purge-ok')
        found += Number(arrival.values['messageCount'])
    }
    const line = (count: number) => `${name} < ${channel} ${queues.join(', ')} hold ${count} messages`
    this.#compare(line(messages), line(found))
  }

  async #eventually(step: Step & { do: 'eventually' }): Promise<void> {
    const deadlineMs = performance.now() + answerLimitMs
    let text = ''
    // Asking is the only way to see what another connection's end has set in motion; each answer paces the next question.
    while (text !== step.text && performance.now() < deadlineMs) {
      const state = this.#state(step.peer)
      state.peer.write(this.#bytes(this.#names.resolve(step.ask), state.frameMax))
      text = await this.#next(step.peer)
      if (text === step.text || text === noAnswer || text === 'tcp closed') break
      if (text.includes('channel.close ')) {
        state.peer.write(Buffer.concat(['channel.close-ok', 'channel.open'].map((name) => method(step.channel, name))))
        await this.#next(step.peer)
      }
    }
    this.#note(`${step.peer} > ${outgoingText(step.ask)}, until answered`)
    this.#compare(`${step.peer} < ${step.text}`, `${step.peer} < ${text}`)
  }

  async #closed(step: Step & { do: 'closed' }): Promise<void> {
    const state = this.#state(step.peer)
    const sinceMs = step.since === 'connect' ? state.peer.connectedMs : Math.max(state.lastMs, state.peer.writtenMs)
    const earliestMs = step.since === 'connect' ? sinceMs : Math.max(state.earliestMs, state.peer.writtenMs)
    const expected = `${step.peer} < tcp closed within ${step.fromS}..${step.toS} s`
    const waits = () => tookAtMost(step.toS * 1000 + 1000, sinceMs, performance.now())
    let arrival: Arrival | undefined
    do arrival = await this.#arrival(step.peer, 1000)
    while ((arrival === undefined || arrival.kind === 'heartbeat') && waits())
    if (arrival === undefined || arrival.kind === 'heartbeat')
      return this.#compare(expected, `${step.peer} < tcp still open after ${step.toS} s`)
    if (arrival.kind !== 'closed') return this.#compare(expected, `${step.peer} < ${arrivalText(arrival, this.#names)}`)
    const afterS = (arrival.atMs - sinceMs) / 1000
    const inside = arrival.atMs - earliestMs >= step.fromS * 1000 && tookAtMost(step.toS * 1000, sinceMs, arrival.atMs)
    this.#compare(expected, inside ? expected : `${step.peer} < tcp closed after ${afterS.toFixed(2)} s`)
  }

  async #silence(name: string, forMs: number): Promise<void> {
    const expected = `${name} < nothing for ${forMs} ms`
    const text = await this.#next(name, forMs)
    this.#compare(expected, text === noAnswer ? expected : `${name} < ${text}`)
  }
}

/** A scenario that is played in parts, between which the broker may go and come back. Never rejects. */
export class Performance {
  readonly #run: Play
  readonly #scenario: Scenario
  #same = true

  /** `prefix` makes the names unique. */
  constructor(scenario: Scenario, target: Target, prefix: string) {
    this.#scenario = scenario
    this.#run = new Play(target, prefix)
  }

  /** Plays these steps against the broker of `target`, unless something went wrong before. */
  async act(steps: readonly Step[], target: Target): Promise<void> {
    if (!this.#same) return
    this.#run.moveTo(target)
    try {
      this.#same = await this.#run.all(stepsFor(target.flavour, steps))
    } catch (error) {
      this.#same = false
      this.#run.expected.push('no trouble')
      this.#run.actual.push(String(error))
    }
  }

  /** Drops what is connected and says how it went. */
  end(): Outcome {
    this.#run.end()
    const { expected, actual, queues, exchanges } = this.#run
    return {
      scenario: this.#scenario,
      same: this.#same,
      expected,
      actual,
      queues: [...queues],
      exchanges: [...exchanges],
    }
  }
}

/** Plays a scenario. `prefix` makes its names unique. Never rejects: what goes wrong is in the transcript. */
export async function play(scenario: Scenario, target: Target, prefix: string): Promise<Outcome> {
  const performance = new Performance(scenario, target, prefix)
  await performance.act(scenario.steps, target)
  return performance.end()
}
