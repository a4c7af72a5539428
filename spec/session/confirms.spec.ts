// Publisher confirms (behaviour.md §8.2): what is said, how seldom, and never too early. The property at the end settles
// publishes in any order, over several turns, against a model that keeps a list.

import fc from 'fast-check'
import type { Outcome } from '../../src/broker/queue/publisher.ts'
import { Confirms } from '../../src/session/confirms.ts'
import { cases } from '../support/arbitraries.ts'

/** Confirms whose words are noted: `ack 3`, `ack ..5` (multiple), `nack 4`. */
function listened(): { readonly confirms: Confirms; readonly said: string[]; readonly calls: { waits: number } } {
  const said: string[] = []
  const calls = { waits: 0 }
  const confirms = new Confirms({
    confirmsWait: () => void calls.waits++,
    confirm: (tag, multiple) => said.push(multiple ? `ack ..${tag}` : `ack ${tag}`),
    refuse: (tag) => said.push(`nack ${tag}`),
  })
  return { confirms, said, calls }
}

function begun(count: number) {
  const listening = listened()
  for (let i = 0; i < count; i++) listening.confirms.begin()
  return listening
}

describe('confirms', () => {
  it('count publishes from 1', () => {
    const { confirms } = listened()
    expect([confirms.begin(), confirms.begin(), confirms.begin()]).toEqual([1, 2, 3])
  })

  it('say nothing before a publish is settled', () => {
    const { confirms, said, calls } = begun(2)
    confirms.flush()
    expect([said, calls.waits]).toEqual([[], 0])
  })

  it('answer one publish without `multiple`', () => {
    const { confirms, said } = begun(1)
    confirms.settle(1, 'stored')
    confirms.flush()
    expect(said).toEqual(['ack 1'])
  })

  it('answer all that a turn settled in order with one ack', () => {
    const { confirms, said, calls } = begun(1000)
    for (let tag = 1; tag <= 1000; tag++) confirms.settle(tag, 'stored')
    confirms.flush()
    expect(said).toEqual(['ack ..1000'])
    expect(calls.waits).toBe(1)
  })

  it('ask for the end of the turn once per turn', () => {
    const { confirms, calls } = begun(4)
    confirms.settle(1, 'stored')
    confirms.settle(2, 'stored')
    confirms.flush()
    confirms.settle(3, 'stored')
    confirms.settle(4, 'stored')
    expect(calls.waits).toBe(2)
  })

  it('answer a publish that is settled ahead of an older one by itself', () => {
    const { confirms, said } = begun(3)
    confirms.settle(3, 'stored')
    confirms.flush()
    expect(said).toEqual(['ack 3'])
    confirms.settle(1, 'stored')
    confirms.flush()
    expect(said).toEqual(['ack 3', 'ack 1'])
  })

  it('do not answer again what was answered early', () => {
    const { confirms, said } = begun(3)
    confirms.settle(2, 'stored')
    confirms.flush()
    confirms.settle(1, 'stored')
    confirms.flush()
    confirms.settle(3, 'stored')
    confirms.flush()
    expect(said).toEqual(['ack 2', 'ack 1', 'ack 3'])
  })

  it('span no publish with `multiple` that was refused early: clients would take it for acked', () => {
    const { confirms, said } = begun(4)
    confirms.settle(2, 'rejected')
    confirms.flush()
    for (const tag of [1, 3, 4]) confirms.settle(tag, 'stored')
    confirms.flush()
    expect(said).toEqual(['nack 2', 'ack 1', 'ack ..4'])
  })

  it('refuse each refused publish by itself, with acks around it', () => {
    const { confirms, said } = begun(5)
    for (const tag of [1, 2, 4, 5]) confirms.settle(tag, 'stored')
    confirms.settle(3, 'rejected')
    confirms.flush()
    expect(said).toEqual(['ack ..2', 'nack 3', 'ack ..5'])
  })

  it.each<Outcome>(['rejected', 'unknown'])('refuse a publish that one of its queues answers with %s', (outcome) => {
    const { confirms, said } = begun(1)
    confirms.expect(1)
    confirms.expect(1)
    confirms.settle(1, 'stored')
    confirms.settle(1, outcome)
    confirms.flush()
    expect(said).toEqual([])
    confirms.settle(1, 'stored')
    confirms.flush()
    expect(said).toEqual(['nack 1'])
  })

  it('wait for every queue', () => {
    const { confirms, said } = begun(2)
    confirms.expect(1)
    confirms.settle(1, 'stored')
    confirms.settle(2, 'stored')
    confirms.flush()
    expect(said).toEqual(['ack 2'])
    confirms.settle(1, 'stored')
    confirms.flush()
    expect(said).toEqual(['ack 2', 'ack 1'])
  })
})

/** How a run of publishes goes: what each is told, in which order, and after which settlements a turn ends. */
interface Run {
  /** One list of outcomes per publish: one more than it has queues. */
  readonly outcomes: readonly (readonly Outcome[])[]
  /** Priority of each settlement; lower goes first. Publish n has its settlements in the order given. */
  readonly order: readonly number[]
  readonly turns: readonly boolean[]
}

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Outcome>('stored') },
  { weight: 1, arbitrary: fc.constantFrom<Outcome>('rejected', 'unknown') },
)
const run: fc.Arbitrary<Run> = fc
  .array(fc.array(outcome, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 150, size: 'max' })
  .chain((outcomes) => {
    const size = { minLength: outcomes.length * 3, maxLength: outcomes.length * 3 }
    return fc.record({
      outcomes: fc.constant(outcomes),
      // Mostly near the order of publishing, as a broker settles; sometimes anything.
      order: fc.oneof(fc.array(fc.nat(20), size), fc.array(fc.nat(1000), size)),
      turns: fc.array(fc.boolean(), size),
    })
  })

/** Hears what is said and notes whatever was said wrongly: `complaints` has to stay empty. */
class Model {
  readonly confirms: Confirms
  readonly complaints: string[] = []
  readonly #left = new Map<number, number>()
  readonly #refused = new Set<number>()
  /** In order of publishing. */
  readonly #unsaid = new Set<number>()
  /** Refused publishes that a client in order cannot hand out yet, because an older one is not answered. */
  readonly #held = new Set<number>()

  constructor() {
    this.confirms = new Confirms({
      confirmsWait: () => {},
      confirm: (tag, multiple) => (multiple ? this.#hearMultiple(tag) : this.#hear(tag, false)),
      refuse: (tag) => this.#hear(tag, true),
    })
  }

  publish(queues: number): number {
    const tag = this.confirms.begin()
    for (let i = 0; i < queues; i++) this.confirms.expect(tag)
    this.#left.set(tag, queues + 1)
    this.#unsaid.add(tag)
    return tag
  }

  settle(tag: number, outcome: Outcome): void {
    this.#left.set(tag, (this.#left.get(tag) as number) - 1)
    if (outcome !== 'stored') this.#refused.add(tag)
    this.confirms.settle(tag, outcome)
  }

  /** At the end of a turn nothing may be settled and unsaid. */
  endTurn(): void {
    this.confirms.flush()
    for (const tag of this.#unsaid) if (this.#left.get(tag) === 0) this.complaints.push(`${tag} is settled and unsaid`)
  }

  get unsaid(): number {
    return this.#unsaid.size
  }

  #hear(tag: number, refused: boolean): void {
    if (!this.#unsaid.delete(tag)) this.complaints.push(`${tag} was said before`)
    if (this.#left.get(tag) !== 0) this.complaints.push(`${tag} is said too early`)
    if (this.#refused.has(tag) !== refused) this.complaints.push(`${tag} is ${refused ? 'refused' : 'acked'} wrongly`)
    this.#forget(tag)
  }

  #hearMultiple(last: number): void {
    const covered = [...this.#unsaid].filter((tag) => tag <= last)
    if (covered.length < 2 || covered.at(-1) !== last) this.complaints.push(`..${last} says no more than one ack would`)
    for (const tag of covered) this.#hear(tag, false)
    // Clients hand out confirms in order and take a multiple ack for all that they still hold back: a refusal too.
    for (const tag of this.#held) if (tag <= last) this.complaints.push(`..${last} covers ${tag}, which was refused`)
  }

  #forget(tag: number): void {
    if (this.#refused.has(tag)) this.#held.add(tag)
    const [oldest = Number.POSITIVE_INFINITY] = this.#unsaid
    for (const held of this.#held) if (held < oldest) this.#held.delete(held)
  }
}

describe('confirms and a list', () => {
  it('say every publish once, never before it is settled, and refuse only what was refused', () => {
    fc.assert(
      fc.property(run, ({ outcomes, order, turns }) => {
        const model = new Model()
        const settlements: { readonly at: number; readonly tag: number; readonly outcome: Outcome }[] = []
        for (const [index, each] of outcomes.entries()) {
          const tag = model.publish(each.length - 1)
          for (const outcome of each) settlements.push({ at: index + (order[settlements.length] ?? 0), tag, outcome })
        }
        settlements.sort((a, b) => a.at - b.at)
        for (const [index, { tag, outcome }] of settlements.entries()) {
          model.settle(tag, outcome)
          if (turns[index]) model.endTurn()
        }
        model.endTurn()
        expect([model.complaints, model.unsaid]).toEqual([[], 0])
      }),
      cases(500),
    )
  })

  it('agree while publishes go on between settlements and the ring grows and wraps', () => {
    const model = new Model()
    const open: number[] = []
    for (let round = 0; round < 2000; round++) {
      open.push(model.publish(0))
      const ahead = (round * 7) % Math.min(open.length, 90)
      if (round % 3 !== 0) model.settle(open.splice(ahead, 1)[0] as number, round % 11 === 0 ? 'rejected' : 'stored')
      if (round % 5 === 0) model.endTurn()
    }
    for (const tag of open) model.settle(tag, 'stored')
    model.endTurn()
    expect([model.complaints, model.unsaid]).toEqual([[], 0])
  })
})
