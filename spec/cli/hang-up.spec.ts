// `leveret reload`: which process is signalled, and what is said when there is none.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hangUp } from '../../src/cli/hang-up.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'
import { fakeTerminal } from '../support/terminal.ts'

let folder: string
beforeEach(async () => {
  folder = await createTemporaryDirectory()
})
afterEach(() => removeTemporaryDirectory(folder))

async function signalled(pid: string | undefined, fault?: string) {
  const terminal = fakeTerminal({ cwd: folder })
  const sent: (readonly [number, string])[] = []
  const code = await hangUp({ flags: { dataDir: folder }, pid }, terminal, (to, signal) => {
    if (fault) throw Object.assign(new Error(fault), { code: fault })
    sent.push([to, signal])
  })
  return { code, sent, line: terminal.err() }
}

describe('reload', () => {
  it('signals the process that holds the data directory, or the one that is named', async () => {
    writeFileSync(join(folder, 'leveret.pid'), '4711\n')
    expect(await signalled(undefined)).toMatchObject({ code: 0, sent: [[4711, 'SIGHUP']] })
    expect(await signalled('12')).toMatchObject({ code: 0, sent: [[12, 'SIGHUP']] })
    // In a container, the broker is the first process.
    expect(await signalled('1')).toMatchObject({ code: 0, sent: [[1, 'SIGHUP']] })
  })

  it('says that nobody holds the directory', async () => {
    expect(await signalled(undefined)).toMatchObject({
      code: 69,
      sent: [],
      line: expect.stringMatching(/^leveret: no broker holds /),
    })
    writeFileSync(join(folder, 'leveret.pid'), '0\n')
    expect(await signalled(undefined)).toMatchObject({ code: 64, sent: [] })
  })

  it.each([
    ['5', 'ESRCH', 69, /the broker is not running/],
    ['5', 'EPERM', 77, /runs as another user/],
    ['x', undefined, 64, /--pid: got "x", expected the number of a process/],
    ['-1', undefined, 64, /--pid: got "-1"/],
  ])('of %s, which is %s, exits with %i', async (pid, fault, code, line) => {
    expect(await signalled(pid, fault)).toMatchObject({ code, sent: [], line: expect.stringMatching(line) })
  })
})
