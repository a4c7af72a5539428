// Folders by a pattern in which a star stands for part of a name; Node 20 has no glob of its own. Knows no broker.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The paths that fit an absolute pattern such as `/usr/lib/x-*`. */
export function globSync(pattern: string): readonly string[] {
  return pattern
    .split('/')
    .slice(1)
    .reduce<readonly string[]>(
      (folders, part) =>
        part.includes('*')
          ? folders.flatMap((folder) => fitting(folder, part))
          : folders.map((folder) => join(folder, part)),
      ['/'],
    )
}

function fitting(folder: string, part: string): readonly string[] {
  const [before = '', after = ''] = part.split('*')
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(before) && name.endsWith(after))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}
