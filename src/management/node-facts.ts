// What the process and the machine it is on have: memory, room on the disk, file descriptors. Read when somebody asks; what
// cannot be measured here is 0. Knows the operating system; not what answers call it.

import { readdir, readFile, statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'

/** What there is, in octets and counts. */
export interface NodeFacts {
  readonly memoryUsed: number
  readonly memoryLimit: number
  readonly diskFree: number
  readonly diskFreeLimit: number
  readonly filesUsed: number
  readonly filesTotal: number
  readonly processors: number
  /** Where the data is; null: in memory only. */
  readonly folder: string | null
}

/** What the settings say of it. */
export interface NodeSettings {
  readonly memoryLimit: number
  readonly diskFreeLimit: number
  readonly dataDir: string
  readonly ephemeral: boolean
}

/** Takes a look. A broker that stores nothing is told of the disk that its process was started on. */
export async function nodeFacts(settings: NodeSettings): Promise<NodeFacts> {
  const { memoryLimit, diskFreeLimit, dataDir, ephemeral } = settings
  const [diskFree, filesUsed, filesTotal] = await Promise.all([
    freeBytes(ephemeral ? '.' : dataDir),
    openFiles(),
    mostFiles(),
  ])
  return {
    memoryUsed: process.memoryUsage.rss(),
    memoryLimit: finite(memoryLimit),
    diskFree,
    diskFreeLimit: finite(diskFreeLimit),
    filesUsed,
    filesTotal,
    processors: availableParallelism(),
    folder: ephemeral ? null : dataDir,
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return 0
  }
}

async function openFiles(): Promise<number> {
  try {
    return (await readdir('/proc/self/fd')).length
  } catch {
    return 0
  }
}

/** The soft limit of the process. */
async function mostFiles(): Promise<number> {
  try {
    const limits = await readFile('/proc/self/limits', 'utf8')
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0)
  } catch {
    return 0
  }
}
