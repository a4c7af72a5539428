// Administration against everybody else: vhosts, users and policies come and go while queues, exchanges and bindings are
// declared in them, in any order and all at once. Nothing hangs, and what a restart finds is what was there.

import fc from 'fast-check'
import { Broker } from '../../src/broker/broker.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { cases } from '../support/arbitraries.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { bindingSpec, defaults, NO_ARGUMENTS, seededRandom } from '../support/site.ts'
import { LogBook } from '../support/world.ts'

const vhosts = ['/', 'v'] as const
const names = ['a', 'b'] as const
const acts = [
  'putVhost',
  'deleteVhost',
  'changeVhost',
  'putUser',
  'deleteUser',
  'permit',
  'forbid',
  'putPolicy',
  'deletePolicy',
  'declareQueue',
  'declareShortQueue',
  'deleteQueue',
  'declareExchange',
  'deleteExchange',
  'bind',
  'unbind',
  'wait',
] as const

interface Step {
  readonly act: (typeof acts)[number]
  readonly vhost: (typeof vhosts)[number]
  readonly name: (typeof names)[number]
  readonly other: (typeof names)[number]
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom(...acts),
  vhost: fc.constantFrom(...vhosts),
  name: fc.constantFrom(...names),
  other: fc.constantFrom(...names),
})

/** Does it, and says what it is to be waited for. What is refused is nobody's concern here. */
function carryOut(broker: Broker, { act, vhost: vhostName, name, other }: Step): Promise<unknown> {
  const { administration } = broker
  const vhost = broker.vhost(vhostName)
  const topology = vhost ? broker.topology(vhost) : null
  const owner = broker.registerOwner()
  const flags = { durable: act !== 'declareShortQueue', exclusive: false, autoDelete: false, arguments: NO_ARGUMENTS }
  const everything = { configure: '.*', write: '.*', read: '.*' }
  switch (act) {
    case 'putVhost':
      return administration.putVhost(vhostName)
    case 'deleteVhost':
      return administration.deleteVhost(vhostName)
    case 'changeVhost':
      return administration.putVhost(vhostName, { description: name })
    case 'putUser':
      return administration.putUser(name, {})
    case 'deleteUser':
      return administration.deleteUser(name)
    case 'permit':
      return administration.setPermission(name, vhostName, everything)
    case 'forbid':
      return administration.clearPermission(name, vhostName)
    case 'putPolicy':
      return administration.putPolicy(vhostName, name, { pattern: other, definition: { 'max-length': 5 } })
    case 'deletePolicy':
      return administration.deletePolicy(vhostName, name)
    case 'declareQueue':
    case 'declareShortQueue':
      return Promise.resolve(topology?.declareQueue({ name, ...flags }, owner))
    case 'deleteQueue':
      return Promise.resolve(topology?.deleteQueue(name, owner, false, false))
    case 'declareExchange':
      return Promise.resolve(topology?.declareExchange({ name, type: 'topic', internal: false, ...flags }))
    case 'deleteExchange':
      return Promise.resolve(topology?.deleteExchange(name, false))
    case 'bind':
      return Promise.resolve(topology?.bind(bindingSpec(name, other), owner))
    case 'unbind':
      return Promise.resolve(topology?.unbind(bindingSpec(name, other)))
    case 'wait':
      return new Promise((resolve) => setImmediate(resolve))
    default:
      return act satisfies never
  }
}

/** All that is to be found again after a restart. */
function stateOf(broker: Broker) {
  const vhostState = (name: string) => {
    const vhost = broker.vhost(name)
    if (!vhost) return null
    const durable = <Thing extends { readonly durable: boolean; readonly name: string }>(things: Iterable<Thing>) =>
      [...things].flatMap(({ durable, name }) => (durable ? [name] : [])).sort()
    const bindings = [...vhost.bindings.values()].filter(({ from, to }) => from.durable && to.durable)
    return {
      settings: vhost.settings,
      policies: [...vhost.policies].map(({ name }) => name).sort(),
      queues: durable(vhost.queues.values()),
      exchanges: durable(vhost.exchanges.values()),
      bindings: bindings.map(({ key }) => key).sort(),
      limits: [...vhost.queues.values()]
        .flatMap(({ durable, name, settings }) => (durable ? [`${name} ${settings.maxLength}`] : []))
        .sort(),
    }
  }
  const users = [...broker.users].map(({ name }) => [
    name,
    vhosts.map((vhost) => broker.users.permission(name, vhost) ?? null),
  ])
  return { vhosts: vhosts.map(vhostState), users: users.sort() }
}

it('whatever is changed at the same time, a restart finds what was there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = createMemoryStore()
      const log = new LogBook()
      const surroundings = { clock: new ManualClock(), logger: log, random: seededRandom() }
      const start = () => Broker.start(store, defaults, surroundings)
      let broker = await start()
      const pending: Promise<unknown>[] = []
      for (const each of steps) {
        const done = carryOut(broker, each)
        pending.push(done)
        if (each.act === 'wait') await done
      }
      await Promise.allSettled(pending)
      const before = stateOf(broker)
      await broker.stop()
      if (before.vhosts.every((vhost) => vhost === null)) return
      broker = await start()
      expect(stateOf(broker)).toEqual(before)
      expect(log.defects).toEqual([])
      await broker.stop()
    }),
    cases(300),
  )
}, 60_000)
