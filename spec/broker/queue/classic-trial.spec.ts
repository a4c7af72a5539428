// The classic queue against a list of messages and a list of consumers, in random lives (trial/queue-trial.ts).

import fc from 'fast-check'
import { cases } from './trial/cases.ts'
import type { Kind } from './trial/messages.ts'
import { QueueTrial } from './trial/queue-trial.ts'

const LIVES = 1500

type Step =
  | { readonly step: 'publish'; readonly kind: Kind; readonly persistent: boolean; readonly confirmed: boolean }
  | { readonly step: 'consume'; readonly noAck: boolean; readonly prefetch: number; readonly priority: number }
  | { readonly step: 'cancel' | 'fill' | 'free' | 'ack' | 'reject' | 'requeue'; readonly which: number }
  | { readonly step: 'get' | 'purge' | 'endTurn' }
  | { readonly step: 'failNextCommit'; readonly kind: 'failed' | 'unknown' }

function times<T>(count: number, steps: readonly T[]): readonly T[] {
  return Array.from({ length: count }, () => steps).flat()
}

const both = [true, false]
const kinds: readonly Kind[] = ['tiny', 'tiny', 'small', 'large']
const places = [0, 0, 0, 1, 1, 2, 3, 4]
const consumers = [0, 0, 0, 1, 2, 5].flatMap((prefetch): Step[] => [
  { step: 'consume', noAck: false, prefetch, priority: 0 },
  { step: 'consume', noAck: prefetch === 0, prefetch, priority: 0 },
  { step: 'consume', noAck: false, prefetch, priority: prefetch - 1 },
])
const steps: readonly Step[] = [
  ...kinds.flatMap((kind) =>
    both.flatMap((persistent) => both.map((confirmed): Step => ({ step: 'publish', kind, persistent, confirmed }))),
  ),
  ...kinds.map((kind): Step => ({ step: 'publish', kind, persistent: true, confirmed: true })),
  ...consumers.slice(0, 9),
  ...places.flatMap((which): Step[] => [
    { step: 'ack', which },
    { step: 'ack', which },
    { step: 'requeue', which },
  ]),
  ...[0, 1, 2].flatMap((which): Step[] => [
    { step: 'cancel', which },
    { step: 'fill', which },
    { step: 'free', which },
    { step: 'free', which },
    { step: 'reject', which },
  ]),
  ...times<Step>(9, [{ step: 'endTurn' }]),
  ...times<Step>(4, [{ step: 'get' }]),
  ...times<Step>(1, [{ step: 'purge' }]),
  ...['failed' as const, 'unknown' as const].map((kind): Step => ({ step: 'failNextCommit', kind })),
]

function take(trial: QueueTrial, step: Step): Promise<void> | void {
  switch (step.step) {
    case 'publish':
      return trial.publish(step.kind, step.persistent, step.confirmed)
    case 'consume':
      return trial.consume(step.noAck, step.prefetch, step.priority)
    case 'failNextCommit':
      return trial.failNextCommit(step.kind)
    case 'get':
    case 'purge':
    case 'endTurn':
      return trial[step.step]()
    default:
      return trial[step.step](step.which)
  }
}

describe('a classic queue, whatever is done to it,', () => {
  it('delivers each message to whoever is next, in order, and answers every publisher once', async () => {
    const life = fc.asyncProperty(
      // Whoever comes first decides what kind of life it will be.
      fc.array(fc.constantFrom(...consumers), { maxLength: 4, size: 'max' }),
      fc.array(fc.constantFrom(...steps), { maxLength: 100, size: 'max' }),
      fc.boolean(),
      async (first, steps, retire) => {
        const trial = await QueueTrial.begin()
        for (const step of [...first, ...steps]) await take(trial, step)
        await trial.end(retire)
      },
    )
    await fc.assert(life, cases(LIVES))
  }, 60_000)
})
