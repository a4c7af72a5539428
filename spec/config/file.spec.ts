// Settings from a file in TOML, and what is said about a file that is no good.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyPlace, readSettings } from '../../src/config/file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-file-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(contents: string): string {
  const path = join(folder, 'leveret.toml')
  writeFileSync(path, contents)
  return path
}

describe('a configuration file', () => {
  it('gives its values as TOML has them', async () => {
    const path = file('port = 5673\nephemeral = true\nloopback_users = ["guest", "admin"]\n# a comment\nhost = "::1"')
    const { values, lines } = await readSettings(path)
    expect([...lines]).toEqual([
      ['port', 1],
      ['ephemeral', 2],
      ['loopback_users', 3],
      ['host', 5],
    ])
    expect({ ...values }).toEqual({
      port: 5673,
      ephemeral: true,
      loopback_users: ['guest', 'admin'],
      host: '::1',
    })
  })

  it.each([
    ['prot = 1', 'unknown key "prot"; did you mean port?'],
    ['data-dir = "x"', 'unknown key "data-dir"; did you mean data_dir?'],
    ['[data_dri]\nx = 1', 'unknown key "data_dri"; did you mean data_dir?'],
    ['port = 1\ncluster_formation = "x"', 'unknown key "cluster_formation"; the keys are host, port, '],
    ['__proto__ = 1', 'unknown key "__proto__"; the keys are '],
  ])('with %j is refused: %s', async (contents, problem) => {
    const path = file(contents)
    await expect(readSettings(path)).rejects.toThrow(
      new RegExp(`^${path}, line \\d: ${problem.replaceAll('?', '\\?')}`),
    )
  })

  it('that is not TOML is refused with the place, and never with its contents', async () => {
    const path = file('port = 5672\ndefault_pass = s3cret\n')
    const error = await readSettings(path).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'ConfigError', origin: 'file' })
    expect((error as Error).message).toMatch(/leveret\.toml: is not valid TOML at line 2, column \d+/)
    expect((error as Error).message).not.toContain('s3cret')
  })

  it('that cannot be read is named with the reason', async () => {
    await expect(readSettings(join(folder, 'none.toml'))).rejects.toThrow(/none\.toml: cannot be read \(ENOENT\)$/)
    await expect(readSettings(folder)).rejects.toThrow(/cannot be read \(EISDIR\)$/)
  })

  it('and its key are both named as the place of a value', () => {
    expect(keyPlace('/etc/leveret.toml', 'port', 3)).toBe('/etc/leveret.toml, line 3, key port')
    expect(keyPlace('/etc/leveret.toml', 'port')).toBe('/etc/leveret.toml, key port')
  })
})
