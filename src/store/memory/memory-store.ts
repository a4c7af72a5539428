// A store whose disk is the memory of this process: for ephemeral brokers and for tests. Closing it ends the lease and
// forgets what is ephemeral; opening the same object again finds the rest, as a restart on a data directory would.

import { type Lease, type MetaEntry, type Store, StoreError } from '../../broker/store.ts'
import { MetaCommits } from '../meta-commits.ts'
import type { DurableWrite } from '../meta-table.ts'
import { Tenure } from '../tenure.ts'
import { MemoryLog } from './memory-log.ts'

/** Creates a store that holds everything in memory and loses it with the object. */
export function createMemoryStore(): Store {
  return new MemoryStore()
}

class MemoryStore implements Store {
  readonly meta: MetaCommits
  readonly messages: MemoryLog
  readonly #tenure = new Tenure()
  readonly #entries = new Map<string, MetaEntry>()
  #rev = 0
  #epoch = 0

  constructor() {
    this.meta = new MetaCommits(this.#tenure, { write: (writes, rev) => this.#write(writes, rev) })
    this.messages = new MemoryLog(this.#tenure)
  }

  async open(): Promise<Lease> {
    if (this.#tenure.open) throw new StoreError('locked', 'the store is open already')
    const entries = [...this.#entries.values()].sort(byKey)
    this.meta.reset({ entries, rev: this.#rev })
    this.#epoch += 1
    return this.#tenure.begin(this.#epoch)
  }

  async close(): Promise<void> {
    await this.#tenure.end()
    this.meta.end()
  }

  async #write(writes: readonly DurableWrite[], rev: number): Promise<void> {
    for (const { key, value, rev } of writes) {
      if (value === null) this.#entries.delete(key)
      else this.#entries.set(key, { key, value, rev })
    }
    this.#rev = rev
  }
}

/** The order of the keys' UTF-8 bytes, as every engine has it. */
function byKey(a: MetaEntry, b: MetaEntry): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))
}
