// Definitions that a broker starts with: a file of them, or a folder of such files, read before the broker is there and
// made true before its doors open. Knows files; what is in them is for read.ts and the broker to say.

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Definitions } from '../../broker/adoption/definitions.ts'
import type { Difference } from '../../broker/adoption/plan.ts'
import type { Logger } from '../../broker/logger.ts'
import { readDefinitions } from './read.ts'

/** Definitions that cannot be used; `message` names the file, and the place in it. */
export class DefinitionsError extends Error {
  override readonly name = 'DefinitionsError'

  constructor(path: string, cause: unknown) {
    super(`the definitions in ${path} cannot be used: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/** What adopts them. */
export interface Adopting {
  adopt(definitions: Definitions): Promise<Difference>
}

/** Definitions that were read, and nothing more yet. */
export class BootDefinitions {
  readonly #files: readonly (readonly [path: string, definitions: Definitions])[]

  private constructor(files: readonly (readonly [string, Definitions])[]) {
    this.#files = files
  }

  /** Reads the file `path`, or every `.json` in the folder of that name, by name. Rejects with `DefinitionsError`. */
  static async read(path: string): Promise<BootDefinitions> {
    const files = await attempt(path, async () => {
      if (!(await stat(path)).isDirectory()) return [path]
      const names = (await readdir(path)).filter((name) => name.endsWith('.json')).sort()
      return names.map((name) => join(path, name))
    })
    const all = files.map(async (file) => {
      const read = async () => readDefinitions(JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/, '')))
      return [file, await attempt(file, read)] as const
    })
    return new BootDefinitions(await Promise.all(all))
  }

  /** They say who may come in: a new broker needs no user of its own making, like in RabbitMQ. */
  get haveUsers(): boolean {
    return this.#files.some(([, { users }]) => users.length > 0)
  }

  /** They say what vhosts there are. */
  get haveVhosts(): boolean {
    return this.#files.some(([, { vhosts }]) => vhosts.length > 0)
  }

  /** Makes them true, each file as one change. Rejects with `DefinitionsError`, or with `StoreError`. */
  async adopt(adopting: Adopting, logger: Logger): Promise<void> {
    for (const [file, definitions] of this.#files) {
      const { changes, ignored, unchanged } = await attempt(file, () => adopting.adopt(definitions))
      for (const { place, why } of ignored) logger.warn({ file, place }, `a definition is not followed: ${why}`)
      logger.info({ file, changes: changes.length, unchanged }, 'definitions were loaded')
    }
  }
}

/** What is wrong with a file is told with its name; what is wrong with the store is not the file's. */
async function attempt<Result>(path: string, task: () => Promise<Result>): Promise<Result> {
  try {
    return await task()
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreError') throw error
    throw new DefinitionsError(path, error)
  }
}
