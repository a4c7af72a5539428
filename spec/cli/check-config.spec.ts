// `leveret check-config`: the settings that serve would have, or the line that is wrong with them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { leveret } from '../support/cli.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'

let cwd: string
beforeEach(async () => {
  cwd = await createTemporaryDirectory()
})
afterEach(() => removeTemporaryDirectory(cwd))

it('prints the settings as a file would have them, without secrets', async () => {
  writeFileSync(join(cwd, 'leveret.toml'), 'port = 5999\ndefault_pass = "secret"\n')
  const { code, stdout, stderr } = await leveret(['check-config', '--config', 'leveret.toml', '--heartbeat', '5'], {
    cwd,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^port = 5999$/m)
  expect(stdout).toMatch(/^heartbeat = 5$/m)
  expect(stdout).not.toContain('secret')
})

it.each([
  ['prot = 1\n', [], 78, /leveret\.toml.*prot/],
  ['port = "x"\n', [], 78, /port: got "x", expected a port/],
  ['', ['--port', 'x'], 64, /--port: got "x"/],
])('says what is wrong with %j and %j', async (text, flags, code, line) => {
  writeFileSync(join(cwd, 'leveret.toml'), text)
  const ran = await leveret(['check-config', '--config', 'leveret.toml', ...flags], { cwd })
  expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(line) })
})
