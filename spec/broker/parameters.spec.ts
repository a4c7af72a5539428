// Parameters: what RabbitMQ lists as such, and what may be set.

import {
  checkComponent,
  inertComponents,
  objectOf,
  Parameters,
  parametersOf,
  policyRequest,
} from '../../src/broker/parameters.ts'
import { Policies } from '../../src/broker/policy.ts'

describe('the parameters of a vhost', () => {
  it('are kept by component and name', () => {
    const parameters = new Parameters()
    parameters.put('shovel', 'a', { x: 1 })
    parameters.put('shovel', 'b', null)
    parameters.put('shovel', 'a', [2])
    parameters.put('federation', 'a', 'text')
    parameters.remove('shovel', 'b')
    parameters.remove('shovel', 'never')
    parameters.remove('nothing', 'a')
    expect([...parameters]).toEqual([
      { component: 'shovel', name: 'a', value: [2] },
      { component: 'federation', name: 'a', value: 'text' },
    ])
    expect([parameters.get('shovel', 'a'), parameters.get('shovel', 'b'), parameters.get('x', 'a')]).toEqual([
      [2],
      undefined,
      undefined,
    ])
  })

  it('are listed with its limits and operator policies', () => {
    const [parameters, operatorPolicies] = [new Parameters(), new Policies()]
    const policy = { pattern: '^q', definition: { 'max-length': 500 }, priority: 1 }
    expect(parametersOf({ parameters, operatorPolicies, limits: {} })).toEqual([])
    parameters.put('shovel', 's', {})
    operatorPolicies.put({ name: 'op1', applyTo: 'queues', ...policy })
    expect(parametersOf({ parameters, operatorPolicies, limits: { 'max-connections': 10 } })).toEqual([
      { component: 'vhost-limits', name: 'limits', value: { 'max-connections': 10 } },
      { component: 'operator_policy', name: 'op1', value: { ...policy, 'apply-to': 'queues' } },
      { component: 'shovel', name: 's', value: {} },
    ])
  })
})

it('a policy is asked for by a value, whatever is wrong with it', () => {
  const value = { pattern: '^q', definition: { 'max-length': 1 }, priority: 2, 'apply-to': 'queues' }
  expect(policyRequest(value)).toEqual({
    pattern: '^q',
    definition: { 'max-length': 1 },
    priority: 2,
    applyTo: 'queues',
  })
  expect(policyRequest({})).toEqual({ pattern: null, definition: null })
  expect(() => policyRequest([1])).toThrow('a policy has to be an object, not [1]')
  expect(() => objectOf('x', 'limits')).toThrow('limits has to be an object, not "x"')
})

it('components are those of RabbitMQ’s plug-ins', () => {
  for (const component of inertComponents) expect(() => checkComponent(component)).not.toThrow()
  expect(() => checkComponent('policy')).toThrow('policies may not be set using this method')
  expect(() => checkComponent('bogus')).toThrow('component bogus not found')
})
