// The store in memory, held to the contract of all stores.

import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { storeContract } from '../contract.ts'

storeContract('the memory store', async () => {
  const store = createMemoryStore()
  return { store, reopen: () => store, clean: async () => {} }
})
