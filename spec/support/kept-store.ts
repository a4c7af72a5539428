// A store that outlives the brokers of a spec, of either kind: in memory, or in a folder of its own.

import type { Store } from '../../src/broker/store.ts'
import { createLevelStore } from '../../src/store/level/level-store.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from './temporary-directory.ts'

/** Both kinds. */
export const storeKinds = ['memory', 'level'] as const

/** A store and where it is. */
export class KeptStore {
  readonly store: Store
  readonly #directory: string

  private constructor(store: Store, directory: string) {
    this.store = store
    this.#directory = directory
  }

  /** An empty one. */
  static async create(kind: (typeof storeKinds)[number]): Promise<KeptStore> {
    const directory = await createTemporaryDirectory()
    const store = kind === 'memory' ? createMemoryStore() : createLevelStore(directory, { sync: false })
    return new KeptStore(store, directory)
  }

  /** Removes what is on disk; whoever has it open has closed it. */
  remove(): Promise<void> {
    return removeTemporaryDirectory(this.#directory)
  }
}
