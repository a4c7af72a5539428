// A disk that is soon full: a tmpfs of a few megabytes where mounting is allowed, else an ordinary folder and a limit on
// the size of each file that the broker may write, which makes its writes fail as well.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEBIBYTE = 2 ** 20

/**
 * @typedef {object} SmallDisk
 * @property {string} what
 * @property {boolean} real whether it has a size of its own
 * @property {string} folder
 * @property {() => readonly string[]} through a command to start the broker with
 * @property {() => number} freeBytes
 * @property {() => void} grow from now on there is plenty of room; without a real disk only for what is started later
 * @property {() => void} remove
 */

/** @returns {SmallDisk} */
export const makeSmallDisk = (mebibytes) => {
  const folder = mkdtempSync(join(tmpdir(), 'leveret-disk-'))
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  }
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    if (process.env.LEVERET_NO_MOUNT) throw new Error('mounting is not wanted')
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'leveret', folder], { stdio: 'ignore' })
  } catch {
    return limited(folder, { freeBytes, remove })
  }
  return {
    what: `tmpfs of ${mebibytes} MiB`,
    real: true,
    folder,
    through: () => [],
    freeBytes,
    grow: () => execFileSync('mount', ['-o', `remount,size=${mebibytes * 8}m`, folder]),
    remove: () => {
      execFileSync('umount', [folder])
      remove()
    },
  }
}

/** In units of 1024 octets, as the shell counts; less than the store's log grows to. */
const FILE_LIMIT = (12 * MEBIBYTE) / 1024

const limited = (folder, common) => {
  let grown = false
  return {
    what: `no right to mount: files of at most ${FILE_LIMIT} KiB (RLIMIT_FSIZE)`,
    real: false,
    folder,
    through: () => (grown ? [] : ['bash', '-c', `ulimit -f ${FILE_LIMIT}; exec "$@"`, 'limited']),
    grow: () => {
      grown = true
    },
    ...common,
  }
}
