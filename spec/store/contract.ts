// What every store has to do, as a suite to run against any of them. The factory gives a fresh, empty store that is not
// open yet; `reopen` gives the store that a restarted broker would find on the same data.

import { leaseContract } from './contract/lease.ts'
import { messagesContract } from './contract/messages.ts'
import { metaContract } from './contract/meta.ts'
import { type Subject, Trial } from './contract/trial.ts'

/** Runs the contract. `name` says which store it is. */
export function storeContract(name: string, create: () => Promise<Subject>): void {
  describe(`${name} as a store`, () => {
    const trial = new Trial(create)

    beforeEach(() => trial.begin())

    afterEach(() => trial.end())

    leaseContract(trial)
    metaContract(trial)
    messagesContract(trial)
  })
}
