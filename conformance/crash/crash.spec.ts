/**
 * kill -9 in the middle of confirmed publishing: nothing that was promised is lost. `scripts/crash` runs this for
 * longer or with another seed through LEVERET_CRASH_ROUNDS and LEVERET_CRASH_SEED.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canRestart } from '../support/leveret.ts'
import { crashRounds } from './rounds.ts'

const { LEVERET_CRASH_ROUNDS: roundsText = '20', LEVERET_CRASH_SEED: seedText = '91' } = process.env
const rounds = Number(roundsText)
const seed = Number(seedText)
const limitMs = 60_000 + rounds * 60_000
const crashTest = canRestart ? it : it.skip

crashTest(
  `keeps every confirmed message, in order and none twice unmarked, through ${rounds} rounds of kill -9 (seed ${seed})`,
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'leveret-crash-'))
    const startedMs = performance.now()
    try {
      const totals = await crashRounds(rounds, seed, dataDir)
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
      process.stdout.write(`kill -9, ${seconds} s, seed ${seed}: ${JSON.stringify(totals)}\n`)
      expect(totals.confirmed).toBeGreaterThan(rounds)
      expect(totals.settled).toBeGreaterThan(rounds)
      expect(totals.found).toBeGreaterThan(0)
      if (rounds > 5) expect(totals.largestBacklogBytes).toBeGreaterThan(64 * 2 ** 20)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  },
  limitMs,
)
