// What a plan says of vhosts, users and settings, and what it complains of.

import { FULL_PERMISSION, Users } from '../../../src/broker/access/users.ts'
import type { Definitions } from '../../../src/broker/adoption/definitions.ts'
import { Plan } from '../../../src/broker/adoption/plan.ts'
import { type Present, SettingsPlan } from '../../../src/broker/adoption/settings.ts'
import { NO_NODE_LIMITS } from '../../../src/broker/limits.ts'
import { Vhost } from '../../../src/broker/vhost.ts'
import { NO_DEFINITIONS } from '../../support/definitions.ts'

let present: Present

beforeEach(() => {
  present = {
    users: new Users(),
    vhosts: new Map([['/', new Vhost('/', () => 0, 1)]]),
    globals: new Map(),
    limits: NO_NODE_LIMITS,
  }
})

function planned(definitions: Partial<Definitions>): Plan {
  const plan = new Plan()
  new SettingsPlan(plan, present, new Map()).add({ ...NO_DEFINITIONS, ...definitions })
  return plan
}

function complaints(definitions: Partial<Definitions>): readonly string[] {
  return planned(definitions).refusal?.message.split('\n') ?? []
}

it('a permission needs its user and its vhost, there or defined, and patterns', () => {
  const permission = { place: 'permissions[0]', user: 'u', vhost: 'v', ...FULL_PERMISSION }
  expect(complaints({ permissions: [permission] })).toEqual([
    "permissions[0].user: there is no user 'u', neither here nor in the definitions",
  ])
  const users = [
    { place: 'u', name: 'u', tags: [], password: null, passwordHash: '', hashing: 'md5' as const, limits: null },
  ]
  expect(complaints({ users, permissions: [permission] })).toEqual([
    "permissions[0].vhost: there is no vhost 'v', neither here nor in the definitions",
  ])
  const vhosts = [{ place: 'v', name: 'v', settings: {}, limits: null }]
  expect(planned({ users, vhosts, permissions: [permission] }).changes).toHaveLength(3)
  expect(complaints({ users, vhosts, permissions: [{ ...permission, write: '(' }] })).toEqual([
    'permissions[0].write: ( is not a regular expression: {"missing )",1}',
  ])
  const topic = { place: 'topic_permissions[0]', user: 'x', vhost: 'v', exchange: 'amq.topic', write: '', read: '[' }
  expect(complaints({ topicPermissions: [topic] })).toEqual([
    expect.stringMatching(/^topic_permissions\[0\].read: \[ is/),
  ])
})

it('parameters become limits, operator policies, or are kept', () => {
  const parameter = (component: string, value: unknown) => ({
    place: `parameters[${component}]`,
    vhost: '/',
    component,
    name: 'n',
    value: value as never,
  })
  const policy = { pattern: '^q', definition: { 'max-length': 1 }, 'apply-to': 'queues' }
  const parameters = [
    parameter('vhost-limits', { 'max-queues': 1 }),
    parameter('operator_policy', policy),
    parameter('shovel', { a: 1 }),
  ]
  expect(planned({ parameters }).changes.map(({ key }) => key)).toEqual([
    'vhost-limits/%2F',
    'operator-policy/%2F/n',
    'parameter/%2F/shovel/n',
  ])
  const wrong = [parameter('vhost-limits', { x: 1 }), parameter('operator_policy', {}), parameter('bogus', 1)]
  expect(complaints({ parameters: wrong })).toEqual([
    'parameters[vhost-limits].value: Unrecognised terms [{<<"x">>,1}] in limits',
    'parameters[operator_policy].value: definition must be a dictionary: null',
    'parameters[operator_policy].value: pattern should be a binary but was null',
    'parameters[bogus].component: component bogus not found',
  ])
})

it('vhosts and users have names, types and limits that can be', () => {
  present = { ...present, limits: { ...NO_NODE_LIMITS, vhostMax: 2 } }
  const vhost = (name: string, rest = {}) => ({ place: `vhosts[${name}]`, name, settings: {}, limits: null, ...rest })
  const account = { tags: [], password: null, passwordHash: null, hashing: 'sha256' as const }
  const found = complaints({
    vhosts: [
      vhost(''),
      vhost('a'),
      vhost('b'),
      vhost('/', { settings: { defaultQueueType: 'bogus' } }),
      vhost('/', { limits: { 'max-queues': 'x' } }),
    ],
    users: [
      { place: 'users[0]', name: '', limits: null, ...account },
      { place: 'users[1]', name: 'u', limits: { bogus: 1 } as never, ...account },
    ],
  })
  expect(found).toEqual([
    'vhosts[].name: a vhost has to have a name',
    "vhosts[b]: cannot create vhost 'b': vhost limit of 2 is reached",
    'vhosts[/].default_queue_type: <<"bogus">> is not a valid queue type',
    'vhosts[/].limits: max-queues should be a number, actually was <<"x">>',
    'users[0].name: a user has to have a name',
    'users[1].limits: Unrecognised terms [{<<"bogus">>,1}] in u',
  ])
})

it('what is set to the same already is no change', () => {
  const vhost = present.vhosts.get('/') as Vhost
  vhost.parameters.put('shovel', 's', { a: 1, b: 2 })
  vhost.limits = { 'max-queues': 1 }
  vhost.policies.put({ name: 'p', pattern: 'q', applyTo: 'all', priority: 0, definition: { expires: 1 } })
  present = { ...present, globals: new Map([['g', 1]]) }
  const plan = planned({
    vhosts: [{ place: 'vhosts[0]', name: '/', settings: {}, limits: { 'max-queues': 1 } }],
    parameters: [{ place: 'a', vhost: '/', component: 'shovel', name: 's', value: { b: 2, a: 1 } }],
    globalParameters: [{ place: 'b', name: 'g', value: 1 }],
    policies: [{ place: 'c', vhost: '/', name: 'p', pattern: 'q', definition: { expires: 1 } }],
  })
  expect([plan.changes, plan.unchanged, plan.refusal]).toEqual([[], 5, null])
})
