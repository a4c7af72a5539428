// Changes to parameters over a whole broker: true at once, after a restart as well, refused where they cannot be.

import { parametersOf } from '../../src/broker/parameters.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { Site } from '../support/site.ts'

const store = createMemoryStore()
let site: Site

beforeEach(async () => {
  site = await Site.start(store)
})

afterEach(async () => {
  const { vhosts, administration } = site.broker
  for (const vhost of [...vhosts.keys()]) await administration.deleteVhost(vhost)
  await site.broker.stop()
})

const changes = () => site.broker.administration.parameters
const listed = () => parametersOf(site.vhost)

/** Holds what is expected of the broker now against it, then again after a restart. */
async function nowAndAfterRestart(expectation: () => void): Promise<void> {
  expectation()
  await site.broker.stop()
  site = await Site.start(store)
  expectation()
}

it('parameters are set and unset; those that nothing goes by with a notice', async () => {
  const value = { 'src-uri': 'amqp://', 'src-queue': 'a' }
  await changes().set('/', 'shovel', 's', value)
  expect(site.log.lines).toContainEqual({
    level: 'warn',
    fields: { vhost: '/', component: 'shovel', name: 's' },
    message: 'a parameter is kept, but nothing here goes by it',
  })
  await nowAndAfterRestart(() => expect(listed()).toEqual([{ component: 'shovel', name: 's', value }]))
  await changes().clear('/', 'shovel', 's')
  await nowAndAfterRestart(() => expect(listed()).toEqual([]))
})

it('limits and operator policies can be set as parameters', async () => {
  const policy = { pattern: '^q', definition: { 'max-length': 5 }, priority: 1, 'apply-to': 'queues' }
  await changes().set('/', 'operator_policy', 'op', policy)
  await changes().set('/', 'vhost-limits', 'limits', { 'max-queues': 3 })
  await nowAndAfterRestart(() => {
    expect(site.vhost.operatorPolicies.get('op')).toMatchObject({ pattern: '^q', applyTo: 'queues' })
    expect(site.vhost.limits).toEqual({ 'max-queues': 3 })
  })
  await changes().clear('/', 'operator_policy', 'op')
  await changes().clear('/', 'vhost-limits', 'limits')
  await nowAndAfterRestart(() => expect(listed()).toEqual([]))
})

it('global parameters are set and unset', async () => {
  await changes().setGlobal('g', { a: 1 })
  await nowAndAfterRestart(() => expect(site.broker.globalParameters.get('g')).toEqual({ a: 1 }))
  await changes().clearGlobal('g')
  await nowAndAfterRestart(() => expect(site.broker.globalParameters.has('g')).toBe(false))
})

it('what cannot be is refused', async () => {
  const refusal = (kind: string, message: string) =>
    expect.objectContaining({ name: 'AdministrationError', kind, message })
  await expect(changes().set('/', 'bogus', 'a', 1)).rejects.toEqual(refusal('invalid', 'component bogus not found'))
  await expect(changes().set('/', 'operator_policy', 'a', 1)).rejects.toEqual(
    refusal('invalid', 'a policy has to be an object, not 1'),
  )
  await expect(changes().set('/', 'vhost-limits', 'limits', { bogus: 1 })).rejects.toMatchObject({ kind: 'invalid' })
  await expect(changes().set('v', 'shovel', 'a', 1)).rejects.toEqual(refusal('missing', "vhost 'v' does not exist"))
  const unset = refusal('missing', 'Parameter does not exist')
  for (const component of ['shovel', 'operator_policy', 'vhost-limits']) {
    await expect(changes().clear('/', component, 'a')).rejects.toEqual(unset)
  }
  await expect(changes().clearGlobal('a')).rejects.toEqual(unset)
})

it('the parameters of a vhost go with it', async () => {
  await site.broker.administration.putVhost('v')
  await changes().set('v', 'shovel', 's', {})
  await site.broker.administration.deleteVhost('v')
  await site.broker.administration.putVhost('v')
  await nowAndAfterRestart(() => expect([...(site.broker.vhost('v')?.parameters ?? ['none'])]).toEqual([]))
})
