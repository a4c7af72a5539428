// Whether something is still held on to by anybody.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Whether what `make` returns is garbage once `make` is done with it and a turn of the loop has passed. */
export async function isGarbage(make: () => Promise<object>): Promise<boolean> {
  const made = new WeakRef(await make())
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  return made.deref() === undefined
}
