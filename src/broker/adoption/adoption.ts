// Making definitions true: all of what is to change is planned first, and then committed as one, so that a broker is what
// they say or what it was. Where somebody else was faster the plan is made anew. Knows plans and how they are committed;
// not how definitions are written down.

import type { BindingSpec } from '../binding.ts'
import { bindingEntry, keyNames } from '../entries.ts'
import type { MetaTransaction } from '../store.ts'
import type { Topology } from '../topology.ts'
import type { Vhost } from '../vhost.ts'
import type { DefinedUser, Definitions } from './definitions.ts'
import { type Change, type Difference, Plan } from './plan.ts'
import { type Present, type Secret, SettingsPlan } from './settings.ts'
import { TopologyPlan } from './topology.ts'

/** What adopting needs of the broker. */
export interface AdoptionHost extends Present {
  /** A number for a queue, and as many after it as make `count` numbers. */
  nextQueueId(count: number): number
  /** Commits all of it, or nothing; false when something was not as expected. */
  commit(transaction: MetaTransaction): Promise<boolean>
  /** The changes that others make in a vhost. */
  topology(vhost: Vhost): Pick<Topology, 'onTheirWay'>
  /** Runs `task` when the change before it is through, and the next one when it is. */
  inTurn<Result>(task: () => Promise<Result>): Promise<Result>
  /** Whether a user has that password already. */
  opens(name: string, password: string): Promise<boolean>
  /** The hash of a password, for a user who is to have it. */
  secret(password: string): Promise<Secret> | Secret
}

/** Makes definitions true. */
export class Adoption {
  readonly #host: AdoptionHost

  constructor(host: AdoptionHost) {
    this.#host = host
  }

  /**
   * Makes `definitions` true, or, where `dryRun` says so, only finds out what that would change. Rejects with
   * `AdministrationError` when any of them cannot be, with all that is wrong, or with `StoreError`.
   */
  adopt(definitions: Definitions, dryRun = false): Promise<Difference> {
    return this.#host.inTurn(async () => {
      const secrets = await this.#secrets(definitions.users)
      for (;;) {
        const { plan, expected } = this.#planned(definitions, secrets)
        if (plan.refusal) throw plan.refusal
        const { changes, ignored, unchanged } = plan
        const difference = { changes, ignored, unchanged }
        if (dryRun || changes.length === 0) return difference
        if (await this.#commit(changes, expected)) return difference
      }
    })
  }

  #planned(definitions: Definitions, secrets: ReadonlyMap<string, Secret>) {
    const plan = new Plan()
    const { vhosts, limits, dialect } = this.#host
    const settings = new SettingsPlan(plan, this.#host, secrets)
    const topology = new TopologyPlan(plan, {
      vhosts,
      limits,
      dialect,
      hasVhost: (place, name) => settings.hasVhost(place, name),
      nextQueueId: (count) => this.#host.nextQueueId(count),
    })
    settings.add(definitions)
    topology.add(definitions)
    return { plan, expected: topology.expected }
  }

  /** Who deletes an end of a new binding meanwhile has to see that it is on its way. */
  async #commit(changes: readonly Change[], expected: ReadonlyMap<string, number>): Promise<boolean> {
    const announced: [Map<string, BindingSpec>, string][] = []
    for (const { kind, key, names } of changes) {
      const vhost = kind === 'binding' ? this.#host.vhosts.get(names[0] ?? '') : undefined
      if (vhost) announced.push([this.#host.topology(vhost).onTheirWay, key])
    }
    for (const [onTheirWay, key] of announced) onTheirWay.set(key, bindingEntry.read(keyNames(key).names))
    try {
      return await this.#host.commit(transactionOf(changes, expected))
    } finally {
      for (const [onTheirWay, key] of announced) onTheirWay.delete(key)
    }
  }

  /** Hashes for users whose passwords are given, and are not those that they have. */
  async #secrets(defined: readonly DefinedUser[]): Promise<ReadonlyMap<string, Secret>> {
    const secrets = new Map<string, Secret>()
    for (const { name, password, passwordHash } of defined) {
      if (password === null || password === '' || passwordHash !== null) continue
      if (!(await this.#host.opens(name, password))) secrets.set(name, await this.#host.secret(password))
    }
    return secrets
  }
}

/** What is new is not there yet, and what it hangs on is as it was. */
function transactionOf(changes: readonly Change[], expected: ReadonlyMap<string, number>): MetaTransaction {
  const absent = changes.filter(({ before }) => before === null).map(({ key }) => [key, 0] as const)
  const writes = changes.map(({ key, value, ephemeral }) => ({ key, value, ephemeral }))
  // In the order of the plan, in which each finds what it hangs on when the changes are told.
  return { expect: [...absent, ...expected], writes }
}
