// Plays many scenarios against one address: those that watch silence all at once, the others a few at a time; those that
// did not go as written once more, alone, and says so; then deletes what they declared.

import { method } from './client/frame.ts'
import { Peer } from './client/peer.ts'
import { protocolHeader, startOk, tuneOk } from './peers.ts'
import { type Outcome, play, type Target } from './play.ts'
import { type Scenario, waitSeconds } from './scenario.ts'

/** Scenarios in flight at a time, besides those that mostly wait. */
const quickAtOnce = 6

/** The outcomes to come, by scenario, and a promise for the end of the cleaning up. */
export type Ensemble = { readonly outcomes: ReadonlyMap<Scenario, Promise<Outcome>>; readonly done: Promise<void> }

/** Starts every scenario. Outcomes never reject; `done` rejects when the broker is not there for the cleaning up. */
export function playAll(scenarios: readonly Scenario[], target: Target): Ensemble {
  const run = `rw${Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0')}`
  const prefixes = new Map(scenarios.map((each, at) => [each, `${run}_${String(at).padStart(3, '0')}_`]))
  const start = (each: Scenario) => play(each, target, prefixes.get(each) ?? run)
  const first = new Map<Scenario, Promise<Outcome>>()
  const quick = scenarios.filter((each) => waitSeconds(each.steps) <= 1)
  for (const each of scenarios) if (!quick.includes(each)) first.set(each, start(each))
  const lanes: Promise<unknown>[] = Array.from({ length: quickAtOnce }, () => Promise.resolve())
  quick.forEach((each, at) => {
    const lane = at % quickAtOnce
    const outcome = (lanes[lane] ?? Promise.resolve()).then(() => start(each))
    lanes[lane] = outcome
    first.set(each, outcome)
  })
  const outcomes = secondThoughts(first, (each) => play(each, target, `${prefixes.get(each)}2_`))
  const done = Promise.all([...first.values(), ...outcomes.values()]).then((all) => cleanUp(all, target))
  // Whoever awaits it hears of trouble; nobody has to.
  done.catch(() => undefined)
  return { outcomes, done }
}

/**
 * In company of a thousand others a busy machine answers late, and what a scenario measures is that. Whatever did not go as
 * written is played again when all others are through, one at a time: a broker that is wrong is wrong then, too.
 */
function secondThoughts(
  first: ReadonlyMap<Scenario, Promise<Outcome>>,
  again: (each: Scenario) => Promise<Outcome>,
): ReadonlyMap<Scenario, Promise<Outcome>> {
  let turn: Promise<unknown> = Promise.all(first.values())
  const judged = async (each: Scenario, played: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await played
    if (outcome.same) return outcome
    const last = outcome.actual.at(-1)
    process.stderr.write(`§${each.section} ${each.name}: ${last}, expected ${outcome.expected.at(-1)}; played again\n`)
    const second = turn.then(() => again(each))
    turn = second
    return second
  }
  return new Map([...first].map(([each, played]) => [each, judged(each, played)]))
}

async function cleanUp(outcomes: readonly Outcome[], target: Target): Promise<void> {
  const ours = (names: readonly string[]) => names.filter((name) => name.startsWith('rw'))
  const queues = outcomes.flatMap((each) => ours(each.queues))
  const exchanges = outcomes.flatMap((each) => ours(each.exchanges))
  const peer = await Peer.connect(target.host, target.port)
  const write = (channel: number, name: string, values: { readonly [field: string]: unknown }) =>
    peer.write(method(channel, name, values))
  peer.write(protocolHeader(0, 0, 9, 1))
  write(0, 'connection.start-ok', startOk({}))
  write(0, 'connection.tune-ok', tuneOk({}))
  write(0, 'connection.open', { virtualHost: '/' })
  write(1, 'channel.open', {})
  for (const queue of queues) write(1, 'queue.delete', { queue, nowait: true })
  for (const exchange of exchanges) write(1, 'exchange.delete', { exchange, nowait: true })
  write(0, 'connection.close', { replyCode: 200 })
  const limitMs = 20_000
  for (;;) {
    const arrival = await peer.next(limitMs)
    if (arrival?.kind === 'method' && arrival.name === 'connection.close-ok') break
    if (arrival === undefined || arrival.kind === 'closed') throw new Error('the broker did not let us clean up')
  }
  peer.drop()
}
