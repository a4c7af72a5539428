// The log against a plain array of messages, in thousands of random lives: appends, deliveries, settlements, commits
// that wait or fail, segments that leave memory and are read back, crashes and orderly stops in any order
// (trial/log-trial.ts says what has to hold).

import fc from 'fast-check'
import { cases } from './trial/cases.ts'
import type { ReadFate } from './trial/held-reads.ts'
import { LogTrial } from './trial/log-trial.ts'
import type { Kind } from './trial/messages.ts'

type Fate = { readonly kind: 'failed' | 'unknown' | null; readonly applied: boolean }

type Step =
  | { readonly step: 'append'; readonly kind: Kind; readonly persistent: boolean; readonly waits: boolean }
  | { readonly step: 'settle' | 'giveBack'; readonly which: number }
  | {
      readonly step: 'take' | 'settleAll' | 'giveBackAll' | 'purge' | 'endTurn' | 'endReads' | 'wait' | 'hold' | 'stop'
    }
  | { readonly step: 'fail' | 'decide'; readonly fate: Fate }
  | { readonly step: 'crash'; readonly applied: boolean }
  | { readonly step: 'burst'; readonly kind: Kind; readonly persistent: boolean }
  | { readonly step: 'endRead'; readonly which: number; readonly how: ReadFate }

/** The messages of a life, and how often something goes wrong in it. */
interface World {
  /** How many such lives are tried: fewer where each takes long. */
  readonly lives: number
  readonly kinds: readonly Kind[]
  readonly faults: number
  /** How often forty of the last kind come at once. */
  readonly bursts: number
}

/** Octets that messages may occupy before those that are stored leave memory. */
const budgets = [0, 0, 64 * 1024, Number.MAX_SAFE_INTEGER]

const worlds: { readonly [name: string]: World } = {
  'short messages': { lives: 1000, kinds: ['empty', 'tiny', 'small'], faults: 1, bursts: 0 },
  'messages that fill segments': { lives: 250, kinds: ['tiny', 'page'], faults: 1, bursts: 2 },
  'large bodies among small ones': { lives: 1000, kinds: ['tiny', 'tiny', 'large'], faults: 1, bursts: 0 },
  'messages larger than a segment': { lives: 200, kinds: ['tiny', 'wide', 'vast'], faults: 1, bursts: 0 },
  'a disk that never fails': { lives: 600, kinds: ['tiny', 'page', 'large'], faults: 0, bursts: 1 },
  'a disk that often fails': { lives: 1000, kinds: ['tiny', 'small', 'large'], faults: 5, bursts: 0 },
}

function times<T>(count: number, steps: readonly T[]): readonly T[] {
  return Array.from({ length: count }, () => steps).flat()
}

function appends({ kinds, bursts }: World): readonly Step[] {
  return [
    ...kinds.flatMap((kind) =>
      [true, true, false].flatMap((persistent) =>
        [true, false].map((waits): Step => ({ step: 'append', kind, persistent, waits })),
      ),
    ),
    ...times(bursts, [true, false]).map(
      (persistent): Step => ({ step: 'burst', kind: kinds.at(-1) as Kind, persistent }),
    ),
  ]
}

/** Mostly the oldest is settled, but not always. */
const places = [0, 0, 0, 0, 1, 1, 2, 3, 5, 8]
const settlements: readonly Step[] = [
  ...times(2, places).map((which): Step => ({ step: 'settle', which })),
  ...places.slice(2).map((which): Step => ({ step: 'giveBack', which })),
  ...times<Step>(2, [{ step: 'settleAll' }]),
  ...times<Step>(1, [{ step: 'giveBackAll' }, { step: 'purge' }]),
]
const turns: readonly Step[] = [
  ...times<Step>(4, [{ step: 'endTurn' }, { step: 'endTurn' }, { step: 'wait' }]),
  ...[0, 0, 0, 1, 2, 4].map((which): Step => ({ step: 'endRead', which, how: 'whole' })),
  ...times<Step>(4, [{ step: 'endReads' }]),
]

function faults({ faults }: World): readonly Step[] {
  const fates = [
    { kind: 'failed', applied: false },
    { kind: 'unknown', applied: false },
    { kind: 'unknown', applied: true },
  ] as const
  const steps = fates.flatMap((fate): Step[] => [{ step: 'fail', fate }, { step: 'decide', fate }, { step: 'hold' }])
  const reads = (['damaged', 'gone', 'failed'] as const).map((how, which): Step => ({ step: 'endRead', which, how }))
  return times<Step>(faults, [...steps, ...reads, { step: 'decide', fate: { kind: null, applied: true } }])
}

/** A stretch of a life in which mostly this or that happens, and how it ends. */
function chapter(world: World): fc.Arbitrary<readonly Step[]> {
  const take = (count: number) => times<Step>(count, [{ step: 'take' }])
  const filling = [...times(3, appends(world)), ...turns, ...faults(world), ...take(5)]
  const draining = [...settlements, ...take(40), ...turns, ...faults(world)]
  const mixed = [...appends(world), ...settlements, ...take(25), ...turns, ...faults(world)]
  const ends: readonly (readonly Step[])[] = [
    ...[[], [], [{ step: 'stop' } as const]],
    ...[true, false].map((applied): Step[] => [{ step: 'crash', applied }]),
  ]
  const steps = [filling, filling, draining, mixed].map((of) =>
    fc.array(fc.constantFrom(...of), { minLength: 4, maxLength: 24, size: 'max' }),
  )
  return fc.tuple(fc.oneof(...steps), fc.constantFrom(...ends)).map(([steps, end]) => [...steps, ...end])
}

async function take(trial: LogTrial, step: Step): Promise<void> {
  switch (step.step) {
    case 'append':
      return trial.append(step.kind, step.persistent, step.waits)
    case 'burst':
      for (let i = 0; i < 40; i++) trial.append(step.kind, step.persistent, i % 9 === 0)
      return
    case 'settle':
    case 'giveBack':
      return trial[step.step](step.which)
    case 'hold':
      return trial.holdNextCommit()
    case 'fail':
      return trial.failNextCommit(step.fate.kind ?? 'failed', step.fate.applied)
    case 'decide':
      return trial.decide(step.fate.kind, step.fate.applied)
    case 'crash':
      return trial.crash(step.applied)
    case 'wait':
      return trial.wait(1000)
    case 'endRead':
      return trial.endRead(step.which, step.how)
    case 'take':
      trial.take()
      return
    default:
      return trial[step.step]()
  }
}

describe('a log, whatever happens to it,', () => {
  it.each(Object.keys(worlds))(
    'loses, doubles and reorders nothing and says what became of everything: %s',
    async (name) => {
      const world = worlds[name] as World
      const chapters = fc.array(chapter(world), { maxLength: 6, size: 'max' })
      const end = fc.constantFrom('crash', 'stop', 'drain', 'settleToNothing', 'delete')
      let reads = 0
      const life = fc.asyncProperty(chapters, end, fc.constantFrom(...budgets), async (chapters, end, budget) => {
        const trial = await LogTrial.begin(budget)
        for (const step of chapters.flat()) await take(trial, step)
        await (end === 'crash' ? trial.crash(true) : trial[end]())
        reads += trial.reads
      })
      await fc.assert(life, cases(world.lives))
      expect(reads).toBeGreaterThan(world.lives)
    },
    60_000,
  )
})
