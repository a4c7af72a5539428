// Random strolls of two clients, on our broker as RabbitMQ 3.13 and on the RabbitMQ 3.10 that is installed, at once: after
// each step both have to say the same. CONFORMANCE_SEED picks other strolls, CONFORMANCE_STROLLS more of them; a failure
// names its seed. Skipped where rabbitmq-server is not installed.
//
// Other seeds may come upon what is known and left: RabbitMQ counts what basic.get holds when a shared limit is set.

import { startLeveret } from '../support/leveret.ts'
import { findRabbitmq, startRabbitmq } from '../support/rabbitmq.ts'
import { Random } from './client/random.ts'
import { type Step, stroll } from './strolls/stroll.ts'
import { type Address, Walker } from './strolls/walker.ts'

const seed = Number(process.env['CONFORMANCE_SEED'] ?? 20_261_126)
const strolls = Number(process.env['CONFORMANCE_STROLLS'] ?? 40)
const steps = 40
const atOnce = 4
/** How long both have to be quiet before the next step; and where a stroll is taken again because of a difference. */
const quietMs = 25
const longQuietMs = 250
/** Who is given a message, and under which tag. */
const delivery = /^\d basic\.deliver\('\w+', \d+/
/** Lines that are shown up to what differed. */
const shownLines = 24

jest.setTimeout(120_000 + strolls * 10_000)

/** Steps after which both were heard. */
let compared = 0

/** What all channels heard, in any order, and whoever was given a message: which of two queues, or of two consumers. */
function inAnyOrder(lines: readonly string[]): string {
  const heard = lines.flatMap((line) => line.split(/^\d\.\d is given | \| /).map((text) => text.replace(delivery, '')))
  return heard.sort().join('\n')
}

/** Takes stroll number `at` on all brokers; returns what differed first, as a text, or null. */
async function difference(brokers: readonly Address[], at: number, quiet: number): Promise<string | null> {
  const walkers = brokers.map((broker) => new Walker(broker, `stroll${at}_${quiet}_`, quiet))
  try {
    await Promise.all(walkers.map((walker) => walker.begin()))
    const trail = await walk(walkers, stroll(new Random(seed + at), steps))
    return trail && [`seed ${seed + at}:`, ...trail.slice(-shownLines)].join('\n')
  } finally {
    for (const walker of walkers) walker.end()
  }
}

/** Takes the steps with all walkers; returns what was done and heard up to a difference, or null where there is none. */
async function walk(walkers: readonly Walker[], steps: readonly Step[]): Promise<readonly string[] | null> {
  const trail: string[] = []
  for (const step of steps) {
    const [ours = [], theirs = []] = await Promise.all(walkers.map((walker) => walker.take(step)))
    compared++
    trail.push(JSON.stringify(step), ...ours.map((line) => `  ${line}`))
    const over = ours.some((line) => line.includes('connection.close'))
    if (!over && JSON.stringify(ours) === JSON.stringify(theirs)) continue
    // From here on the same tag stands for another delivery; or RabbitMQ gives what one channel of a closed connection gives
    // back to the other one, which is gone as well.
    const told = (lines: readonly string[]) => lines.filter((line) => !over || line.startsWith(`${step.peer}.0`))
    if (inAnyOrder(told(ours)) === inAnyOrder(told(theirs))) return null
    return [...trail, '  RabbitMQ:', ...theirs.map((line) => `  ${line}`)]
  }
  return null
}

/** The same; what went wrong on the way counts as a difference. */
function trouble(brokers: readonly Address[], at: number, quiet: number): Promise<string | null> {
  return difference(brokers, at, quiet).catch((error: Error) => `seed ${seed + at}: ${error.stack}`)
}

/** The strolls on which the brokers differ. A busy machine answers late, so each of them is taken again, alone, and again. */
async function differences(brokers: readonly Address[]): Promise<readonly string[]> {
  const again: number[] = []
  let next = 0
  const lane = async () => {
    for (let at = next++; at < strolls; at = next++) if (await trouble(brokers, at, quietMs)) again.push(at)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  const found: (string | null)[] = []
  for (const at of again) {
    const still = (await trouble(brokers, at, longQuietMs)) && (await trouble(brokers, at, 2 * longQuietMs))
    found.push(still)
  }
  return found.filter((text) => text !== null)
}

const comparing = findRabbitmq() === undefined ? describe.skip : describe
comparing('strolls beside a live RabbitMQ', () => {
  it('hear the same after every step', async () => {
    const rabbitmq = await startRabbitmq()
    if (rabbitmq === undefined) throw new Error('rabbitmq-server is not installed')
    try {
      const leveret = await startLeveret({
        ephemeral: true,
        http: true,
        args: ['--test-mode', '--test-compat', 'rabbitmq-3.13'],
      })
      try {
        expect((await differences([leveret, rabbitmq])).join('\n\n')).toBe('')
        process.stdout.write(`\n${strolls} strolls beside RabbitMQ ${rabbitmq.version}: ${compared} steps compared\n`)
        // A stroll ends where RabbitMQ leaves an order open, and where a connection is closed.
        expect(compared).toBeGreaterThan((strolls * steps) / 2)
      } finally {
        await leveret.stop()
      }
    } finally {
      await rabbitmq.stop()
    }
  })
})
