// Messages that end by themselves against a plain list, in random lives (trial/endings-trial.ts; behaviour.md §9.1 to §9.3).

import fc from 'fast-check'
import type { Fields } from '../exchange/table.ts'
import { cases } from './trial/cases.ts'
import { type Change, EndingsTrial } from './trial/endings-trial.ts'

const LIVES = 250

type Step =
  | { readonly step: 'publish'; readonly priority: number; readonly ttlMs: number | null; readonly bytes: number }
  | { readonly step: 'ack' | 'drop' | 'requeue' | 'advance'; readonly n: number }
  | { readonly step: 'get' | 'purge' | 'stop' | 'crash' }
  | { readonly step: 'apply'; readonly change: Change }

const publish = fc.record({
  step: fc.constant('publish' as const),
  priority: fc.nat(4),
  ttlMs: fc.constantFrom(null, null, 0, 5, 15, 60),
  bytes: fc.constantFrom(1, 4, 9),
})
const counted = fc.record({
  step: fc.constantFrom('ack' as const, 'drop' as const, 'requeue' as const, 'requeue' as const, 'advance' as const),
  n: fc.nat(12),
})
const limit = fc.constantFrom(null, 0, 1, 3, 10)
const change = fc.record(
  {
    maxLength: limit,
    maxLengthBytes: limit.map((n) => n && n * 5),
    overflow: fc.constantFrom('drop-head' as const, 'reject-publish' as const),
    messageTtlMs: fc.constantFrom(null, 0, 10),
  },
  { requiredKeys: [] },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: publish, weight: 12 },
  { arbitrary: fc.constant({ step: 'get' as const }), weight: 6 },
  { arbitrary: counted, weight: 10 },
  { arbitrary: fc.record({ step: fc.constant('apply' as const), change }), weight: 2 },
  {
    arbitrary: fc.constantFrom({ step: 'purge' as const }, { step: 'stop' as const }, { step: 'crash' as const }),
    weight: 1,
  },
)

const queues: readonly Fields[] = [
  {},
  { 'x-max-priority': 3 },
  { 'x-message-ttl': 20 },
  { 'x-queue-type': 'quorum' },
  { 'x-queue-type': 'quorum', 'x-max-length': 4, 'x-message-ttl': 40 },
  { 'x-max-length': 4 },
  { 'x-max-length-bytes': 20, 'x-max-priority': 2 },
  { 'x-max-length': 3, 'x-overflow': 'reject-publish', 'x-message-ttl': 30, 'x-max-priority': 1 },
]

async function take(trial: EndingsTrial, step: Step): Promise<void> {
  switch (step.step) {
    case 'publish':
      return trial.publish(step.priority, step.ttlMs, step.bytes)
    case 'get':
      return trial.get()
    case 'advance':
      return trial.advance(step.n)
    case 'purge':
      return trial.purge()
    case 'apply':
      return trial.apply(step.change)
    case 'stop':
    case 'crash':
      return trial.restart(step.step)
    default:
      return trial.settle(step.n, step.step)
  }
}

it('ends messages when it should, no other, and gives the rest in order', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...queues),
    fc.array(step, { maxLength: 60, size: 'max' }),
    async (fields, steps) => {
      const trial = await EndingsTrial.begin(fields)
      for (const each of steps) {
        await take(trial, each)
        trial.check()
      }
      await trial.end()
    },
  )
  await fc.assert(property, cases(LIVES))
})
