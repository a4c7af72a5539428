// Runtime parameters: values that are set for a component of the broker in a vhost, or for all of it (global parameters),
// as RabbitMQ lists them. Limits of vhosts and operator policies appear among them; those of components that are not here
// are kept for who takes them back to RabbitMQ. Knows what may be set; not how.

import { type AdministrationError, invalid } from './administration-error.ts'
import type { VhostLimits } from './limits.ts'
import type { Policies, Policy } from './policy.ts'
import type { PolicyRequest } from './policy-rules.ts'
import type { Json } from './term.ts'

/** A value that is set for a component, in one vhost. */
export interface Parameter {
  readonly component: string
  readonly name: string
  readonly value: Json
}

/** The component that limits of vhosts belong to, and the only name that they have there. */
export const VHOST_LIMITS = 'vhost-limits'
/** Their name. */
export const LIMITS = 'limits'
/** The component of operator policies. */
export const OPERATOR_POLICY = 'operator_policy'

/** Components of RabbitMQ's plug-ins: what is set for them is kept, and does nothing. */
export const inertComponents = [
  'shovel',
  'federation',
  'federation-upstream',
  'federation-upstream-set',
  'sharding',
  'sharding-definition',
] as const

/** The parameters of one vhost that are kept as such. Changed only when the meta store reports a change. */
export class Parameters {
  readonly #byComponent = new Map<string, Map<string, Json>>()

  get(component: string, name: string): Json | undefined {
    return this.#byComponent.get(component)?.get(name)
  }

  /** All of them, in no order. */
  *[Symbol.iterator](): IterableIterator<Parameter> {
    for (const [component, values] of this.#byComponent) {
      for (const [name, value] of values) yield { component, name, value }
    }
  }

  put(component: string, name: string, value: Json): void {
    const values = this.#byComponent.get(component)
    if (values) values.set(name, value)
    else this.#byComponent.set(component, new Map([[name, value]]))
  }

  remove(component: string, name: string): void {
    const values = this.#byComponent.get(component)
    if (values?.delete(name) && values.size === 0) this.#byComponent.delete(component)
  }
}

/** What a vhost has of which parameters are made. */
export interface Parameterised {
  readonly parameters: Parameters
  readonly operatorPolicies: Policies
  readonly limits: VhostLimits
}

/** All that RabbitMQ lists as parameters of a vhost: policies are not among them, operator policies are. */
export function parametersOf(vhost: Parameterised): readonly Parameter[] {
  const limits = Object.keys(vhost.limits).length > 0
  return [
    ...(limits ? [{ component: VHOST_LIMITS, name: LIMITS, value: { ...vhost.limits } }] : []),
    ...[...vhost.operatorPolicies].map((policy) => ({
      component: OPERATOR_POLICY,
      name: policy.name,
      value: policyValue(policy),
    })),
    ...vhost.parameters,
  ]
}

/** A policy as the value of a parameter. */
export function policyValue({ pattern, definition, priority, applyTo }: Policy): Json {
  return { pattern, definition, priority, 'apply-to': applyTo }
}

/** The policy that such a value asks for; whether it can be is for policy-rules.ts. */
export function policyRequest(value: Json): PolicyRequest {
  const { pattern, definition, priority, 'apply-to': applyTo } = objectOf(value, 'a policy')
  return {
    pattern: (pattern ?? null) as string,
    definition: (definition ?? null) as PolicyRequest['definition'],
    ...(priority === undefined ? {} : { priority: priority as number }),
    ...(applyTo === undefined ? {} : { applyTo: applyTo as string }),
  }
}

/** `value` as an object. Throws `AdministrationError`. */
export function objectOf(value: Json, what: string): { readonly [name: string]: Json } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as { readonly [name: string]: Json }
  }
  throw invalid(`${what} has to be an object, not ${JSON.stringify(value) ?? 'nothing'}`)
}

/** Throws `AdministrationError` where nothing can be set for a component, in RabbitMQ's words. */
export function checkComponent(component: string): void {
  if (component === 'policy') throw invalid('policies may not be set using this method')
  if (!inertComponents.some((known) => known === component)) throw unknownComponent(component)
}

function unknownComponent(component: string): AdministrationError {
  return invalid(`component ${component} not found`)
}
