/**
 * One broker killed again and again under load: publishes with promises, consumes a part, kills, and compares what is left
 * with what was promised. Knows how to start a broker; no Jest.
 */
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { Bodies, seededRandom } from './bodies.ts'
import { type Consuming, consumeAll, drainAll } from './consuming.ts'
import { Broken, Ledger, type Tally } from './ledger.ts'
import { declare, topology } from './peers.ts'
import { type Publishing, publishAll } from './publishing.ts'

/** Every so many rounds nobody consumes, until the backlog is larger than what a broker keeps in memory. */
const backlogEvery = 8
const backlogBytes = 80 * 2 ** 20
const backlogLimitMs = 30_000

/** What happened, counted over all rounds: per message and queue. */
export interface Totals extends Tally {
  rounds: number
  kills: number
  published: number
  confirmed: number
  confirmedBytes: number
  transactions: number
  delivered: number
  settled: number
  requeued: number
  backlogs: number
  /** Octets of the largest backlog that was recovered. */
  largestBacklogBytes: number
  /** The longest time from start to ready. */
  slowestStartMs: number
}

/** The state of a run. */
interface Run extends Publishing, Consuming {
  readonly totals: Totals
  readonly counts: Totals
  readonly dataDir: string
  leveret: Leveret
  url: string
}

/**
 * Runs `rounds` rounds on one data folder and one port. The same seed gives the same lifetimes and bodies; what the
 * broker was doing at the moment of a kill differs from run to run all the same.
 *
 * @throws Broken that names the first broken promise: a confirmed and unsettled message that is missing, messages out of
 *   order or twice, a message seen before without the redelivered mark, one that was settled for good and came back, one
 *   that was rolled back, a body that is not what was published, a count that is wrong.
 */
export async function crashRounds(rounds: number, seed: number, dataDir: string): Promise<Totals> {
  const totals = noTotals(rounds)
  const { direct, fanout, transacted } = topology
  const leveret = await startLeveret({ dataDir })
  let id = 0
  const run: Run = {
    totals,
    counts: totals,
    dataDir,
    leveret,
    url: leveret.url,
    bodies: new Bodies(seed),
    random: seededRandom(seed),
    ledgers: new Map([...direct, ...fanout, ...transacted].map((queue) => [queue, new Ledger(queue)])),
    nextId: () => id++,
  }
  try {
    await declare(run.url)
    for (let round = 0; round < rounds; round++) await oneRound(run, round)
  } finally {
    await run.leveret.stop()
  }
  return totals
}

async function oneRound(run: Run, round: number): Promise<void> {
  const { totals, bodies, ledgers } = run
  try {
    if (round % backlogEvery === 5) await backlog(run)
    else await underLoad(run)
    if (round % 4 === 3) await restart(run)
    const drained = await drainAll(run.url, bodies, ledgers.keys())
    for (const [queue, found] of drained) ledgers.get(queue)?.close(found, totals)
  } catch (error) {
    if (error instanceof Broken) error.message = `round ${round}: ${error.message}`
    throw error
  }
}

/** Publishes and consumes until the broker is killed, 30 to 800 ms after the first delivery. */
async function underLoad(run: Run): Promise<void> {
  const lifetimeMs = 30 + Math.floor(run.random() * 770)
  const consumers = await consumeAll(run)
  const publishers = await publishAll(run)
  await consumers.started
  await elapsed(lifetimeMs)
  await restart(run)
  await publishers.ended
  await consumers.ended
}

/** Only publishes until there is a large backlog; kills; consumes a part of it; kills again. */
async function backlog(run: Run): Promise<void> {
  const { totals, random } = run
  const before = totals.confirmedBytes
  const publishers = await publishAll(run)
  const until = performance.now() + backlogLimitMs
  while (totals.confirmedBytes - before < backlogBytes && performance.now() < until) await elapsed(20)
  await elapsed(Math.floor(random() * 200))
  await restart(run)
  await publishers.ended
  totals.backlogs++
  totals.largestBacklogBytes = Math.max(totals.largestBacklogBytes, totals.confirmedBytes - before)
  const consumers = await consumeAll(run)
  await consumers.started
  await elapsed(Math.floor(random() * 600))
  await restart(run)
  await consumers.ended
}

async function restart(run: Run): Promise<void> {
  const { dataDir, totals, leveret } = run
  await leveret.kill()
  totals.kills++
  for (const account of run.ledgers.values()) account.killed()
  const startedMs = performance.now()
  run.leveret = await startLeveret({ dataDir, port: leveret.port })
  run.url = run.leveret.url
  totals.slowestStartMs = Math.max(totals.slowestStartMs, Math.round(performance.now() - startedMs))
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function noTotals(rounds: number): Totals {
  return {
    rounds,
    kills: 0,
    published: 0,
    confirmed: 0,
    confirmedBytes: 0,
    transactions: 0,
    delivered: 0,
    settled: 0,
    requeued: 0,
    backlogs: 0,
    largestBacklogBytes: 0,
    slowestStartMs: 0,
    found: 0,
    foundUnconfirmed: 0,
    foundSettled: 0,
    foundRedelivered: 0,
  }
}
