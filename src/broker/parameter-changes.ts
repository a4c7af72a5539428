// The changes that people make to parameters. Limits of vhosts and operator policies can be set in this way as well, and
// go where they go otherwise. Knows what may be set; how a change is made is administration.ts'.

import type { EntryChange } from './administration.ts'
import { missing } from './administration-error.ts'
import { entryKey, parameterEntry } from './entries.ts'
import type { VhostLimits } from './limits.ts'
import type { Logger } from './logger.ts'
import {
  checkComponent,
  LIMITS,
  OPERATOR_POLICY,
  objectOf,
  type Parameterised,
  policyRequest,
  VHOST_LIMITS,
} from './parameters.ts'
import type { PolicyRequest } from './policy-rules.ts'
import type { Json } from './term.ts'

/** What it is given by the administration that it is a part of. */
export interface ParameterHost {
  readonly globals: ReadonlyMap<string, Json>
  readonly logger: Logger
  /** Throws `AdministrationError` where there is no such vhost. */
  vhost(name: string): Parameterised
  /** Makes a change when the one before it is through. */
  change(decide: () => readonly EntryChange[]): Promise<void>
  readonly administration: {
    putOperatorPolicy(vhost: string, name: string, request: PolicyRequest): Promise<void>
    setVhostLimits(name: string, limits: VhostLimits): Promise<void>
  }
}

/** Changes to parameters. All methods reject with `AdministrationError` where a change cannot be, or with `StoreError`. */
export class ParameterChanges {
  readonly #host: ParameterHost

  constructor(host: ParameterHost) {
    this.#host = host
  }

  /** Sets a value for a component in a vhost. What is for a component that is not here is kept, and does nothing. */
  async set(vhost: string, component: string, name: string, value: Json): Promise<void> {
    const { administration, logger } = this.#host
    if (component === OPERATOR_POLICY) return administration.putOperatorPolicy(vhost, name, policyRequest(value))
    if (component === VHOST_LIMITS) return administration.setVhostLimits(vhost, objectOf(value, LIMITS) as VhostLimits)
    await this.#host.change(() => {
      this.#host.vhost(vhost)
      checkComponent(component)
      return [[entryKey('parameter', vhost, component, name), parameterEntry.write(value)]]
    })
    logger.warn({ vhost, component, name }, 'a parameter is kept, but nothing here goes by it')
  }

  /** Unsets it. */
  clear(vhost: string, component: string, name: string): Promise<void> {
    return this.#host.change(() => {
      const { operatorPolicies, parameters, limits } = this.#host.vhost(vhost)
      if (component === OPERATOR_POLICY && operatorPolicies.get(name)) {
        return [[entryKey('operator-policy', vhost, name), null]]
      }
      if (component === VHOST_LIMITS && name === LIMITS && Object.keys(limits).length > 0) {
        return [[entryKey('vhost-limits', vhost), null]]
      }
      if (parameters.get(component, name) === undefined) throw missing('Parameter does not exist')
      return [[entryKey('parameter', vhost, component, name), null]]
    })
  }

  /** Sets a value for no vhost in particular. */
  setGlobal(name: string, value: Json): Promise<void> {
    return this.#host.change(() => [[entryKey('global-parameter', name), parameterEntry.write(value)]])
  }

  /** Unsets it. */
  clearGlobal(name: string): Promise<void> {
    return this.#host.change(() => {
      if (!this.#host.globals.has(name)) throw missing('Parameter does not exist')
      return [[entryKey('global-parameter', name), null]]
    })
  }
}
