// The log of a stream against a plain list of messages, in hundreds of random lives: messages of all sizes, commits that
// fail, segments that end and go, crashes, and readers that begin anywhere (trial/stream-trial.ts says what has to hold).

import fc from 'fast-check'
import { cases } from './trial/cases.ts'
import type { Kind } from './trial/messages.ts'
import { StreamTrial } from './trial/stream-trial.ts'

type Step =
  | { readonly step: 'append' | 'burst'; readonly kind: Kind }
  | { readonly step: 'readFrom' | 'findTime'; readonly which: number }
  | { readonly step: 'endTurn' | 'retain' | 'crash' }
  | { readonly step: 'wait'; readonly ms: number }
  | { readonly step: 'fail'; readonly kind: 'failed' | 'unknown'; readonly applied: boolean }

const appends = (['empty', 'tiny', 'small', 'page', 'large', 'vast'] as const).map(
  (kind): Step => ({ step: 'append', kind }),
)
const steps: readonly Step[] = [
  ...appends,
  ...appends,
  { step: 'burst', kind: 'tiny' },
  { step: 'burst', kind: 'page' },
  ...Array.from({ length: 6 }, (): Step => ({ step: 'endTurn' })),
  ...[0, 1, 5, 30].map((which): Step => ({ step: 'readFrom', which })),
  ...[0, 3].map((which): Step => ({ step: 'findTime', which })),
  ...[1, 1000, 50_000].map((ms): Step => ({ step: 'wait', ms })),
  { step: 'retain' },
  { step: 'crash' },
  { step: 'fail', kind: 'failed', applied: false },
  { step: 'fail', kind: 'unknown', applied: false },
  { step: 'fail', kind: 'unknown', applied: true },
]

const sizes = [
  { maxBytes: null, maxAgeMs: null, segmentBytes: 500_000_000 },
  { maxBytes: 200_000, maxAgeMs: null, segmentBytes: 30_000 },
  { maxBytes: null, maxAgeMs: 60_000, segmentBytes: 1 },
  { maxBytes: 0, maxAgeMs: 1000, segmentBytes: 100_000 },
]

async function take(trial: StreamTrial, step: Step): Promise<void> {
  switch (step.step) {
    case 'append':
      return trial.append(step.kind)
    case 'burst':
      for (let i = 0; i < 40; i++) trial.append(step.kind)
      return
    case 'readFrom':
      return trial.readFrom(step.which)
    case 'findTime':
      return trial.findTime(step.which)
    case 'wait':
      return trial.wait(step.ms)
    case 'fail':
      return trial.failNextCommit(step.kind, step.applied)
    default:
      return trial[step.step]()
  }
}

describe('the log of a stream, whatever happens to it,', () => {
  it('loses and reorders nothing but whole old segments, and says what became of everything', async () => {
    let reads = 0
    let retired = 0
    const life = fc.asyncProperty(
      fc.array(fc.constantFrom(...steps), { minLength: 5, maxLength: 60, size: 'max' }),
      fc.constantFrom(...sizes),
      fc.constantFrom('end', 'delete'),
      async (steps, sizes, end) => {
        const trial = await StreamTrial.begin(sizes)
        for (const step of steps) await take(trial, step)
        await trial[end]()
        reads += trial.reads
        retired += trial.retired
      },
    )
    await fc.assert(life, cases(400))
    expect(reads).toBeGreaterThan(400)
    expect(retired).toBeGreaterThan(400)
  }, 60_000)
})
