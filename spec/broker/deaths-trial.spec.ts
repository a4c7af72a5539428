// Chance against dead letters: messages that are published, rejected, given back, expire and are driven out, over crashes
// at any moment. Whatever was confirmed and not acked is there exactly once, in one queue or another.

import fc from 'fast-check'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { table } from '../../src/protocol/field-table.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { published, Site } from '../support/site.ts'
import { cases } from './queue/trial/cases.ts'

/** DEATHS_CASES=1500 takes a minute. */
const CASES = Number(process.env['DEATHS_CASES'] ?? 40)
const names = ['work', 'retry', 'dead', 'sure', 'safe'] as const
type Name = (typeof names)[number]

const to = (key: Name) => ({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': key })
const declarations = {
  work: { ...to('retry'), 'x-max-length': 3 },
  retry: { ...to('dead'), 'x-message-ttl': 50 },
  dead: {},
  sure: {
    ...to('safe'),
    ...{ 'x-queue-type': 'quorum', 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' },
    ...{ 'x-delivery-limit': 1, 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 30 },
  },
  safe: { 'x-max-length': 2, 'x-overflow': 'reject-publish' },
} as const satisfies { readonly [name in Name]: Parameters<typeof table>[0] }

type How = 'reject' | 'requeue' | 'fail' | 'ack'
type Step =
  | { readonly step: 'publish'; readonly name: Name }
  | { readonly step: 'settle'; readonly name: Name; readonly how: How }
  | { readonly step: 'advance'; readonly ms: number }
  | { readonly step: 'turn' | 'crash' | 'stop' }

const name = fc.constantFrom(...names)
const how = fc.constantFrom<How[]>('reject', 'requeue', 'fail', 'ack')
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ step: fc.constant('publish' as const), name }) },
    {
      weight: 8,
      arbitrary: fc.record({ step: fc.constant('settle' as const), name, how }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ step: fc.constant('advance' as const), ms: fc.constantFrom(10, 30, 60, 6000) }),
    },
    { weight: 4, arbitrary: fc.constant({ step: 'turn' as const }) },
    { weight: 1, arbitrary: fc.record({ step: fc.constantFrom('crash' as const, 'stop') }) },
  ),
  { maxLength: 80, size: 'max' },
)

class Trial {
  readonly #store = createMemoryStore()
  #site: Site | null = null
  #published = 0
  readonly #confirmed = new Set<string>()
  readonly #acked = new Set<string>()
  /** At-least-once: stored there in one commit, settled here in a later one. */
  readonly #mayDouble = new Set<string>()

  get #running(): Site {
    if (this.#site === null) throw new Error('not started')
    return this.#site
  }

  #queue(name: Name): Queue {
    return this.#running.vhost.queues.get(name) as Queue
  }

  async begin(): Promise<void> {
    this.#site = await Site.start(this.#store)
    for (const each of names) await this.#running.declareQueue(each, { arguments: table(declarations[each]) })
  }

  async take(step: Step): Promise<void> {
    const { clock } = this.#running
    if (step.step === 'publish') this.#publish(step.name)
    else if (step.step === 'advance') clock.advance(step.ms)
    else if (step.step === 'turn') await clock.pass()
    else if (step.step === 'settle') await this.#settle(step.name, step.how)
    else await this.#restart(step.step)
  }

  #publish(name: Name): void {
    const body = `${this.#published++}`
    if (name === 'sure') this.#mayDouble.add(body)
    const confirm = (outcome: string): void => {
      if (outcome === 'stored') this.#confirmed.add(body)
    }
    const message = published('', name, body, { deliveryMode: 2 })
    confirm(this.#queue(name).publish(message, { settle: (_, outcome) => confirm(outcome) }, 1))
  }

  async #settle(name: Name, how: How): Promise<void> {
    const queue = this.#queue(name)
    const got = await queue.get()
    if (got === null) return
    // What is rejected where there is no dead-letter exchange is gone.
    const dies = how === 'reject' && name !== 'dead' && name !== 'safe'
    if (how !== 'ack') return queue.reject(got.seq, !dies, how === 'fail')
    this.#acked.add(got.message.copyBody().toString())
    queue.ack(got.seq)
  }

  async #restart(how: 'crash' | 'stop'): Promise<void> {
    const now = this.#running.clock.now()
    if (how === 'crash') await this.#running.crash()
    else await this.#running.broker.stop()
    this.#site = await Site.start(this.#store)
    this.#running.clock.advance(now - this.#running.clock.now())
  }

  /** All that is left, with what is waiting let out. */
  async #left(): Promise<readonly string[]> {
    const left: string[] = []
    // What rests is tried again within a round's time; what is on disk only is there a round later.
    for (let quiet = 0; quiet < 4; quiet++) {
      const before = left.length
      for (const each of names) {
        const queue = this.#queue(each)
        for (let got = await queue.get(); got !== null; got = await queue.get()) {
          left.push(got.message.copyBody().toString())
          queue.ack(got.seq)
        }
      }
      if (left.length > before) quiet = 0
      await this.#running.clock.pass()
      this.#running.clock.advance(6000)
      await this.#running.clock.pass()
    }
    return left
  }

  async end(): Promise<void> {
    const left = await this.#left()
    expect(left.filter((body, at) => left.indexOf(body) !== at && !this.#mayDouble.has(body))).toEqual([])
    const rest = new Set([...left, ...this.#acked])
    expect([...this.#confirmed].filter((body) => !rest.has(body))).toEqual([])
    await this.#running.broker.stop()
  }
}

describe('dead letters', () => {
  it('are neither lost nor doubled, whatever happens', async () => {
    const property = fc.asyncProperty(steps, async (steps) => {
      const trial = new Trial()
      await trial.begin()
      for (const step of steps) await trial.take(step)
      await trial.end()
    })
    await fc.assert(property, cases(CASES))
  }, 60_000)
})
