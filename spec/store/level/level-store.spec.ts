// The store on disk, held to the contract of all stores.

import { createLevelStore } from '../../../src/store/level/level-store.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { storeContract } from '../contract.ts'

for (const sync of [true, false]) {
  storeContract(`LevelDB ${sync ? 'with' : 'without'} sync`, async () => {
    const directory = await createTemporaryDirectory()
    const reopen = () => createLevelStore(directory, { sync })
    return { store: reopen(), reopen, clean: () => removeTemporaryDirectory(directory) }
  })
}
