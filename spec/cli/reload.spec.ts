// SIGHUP: what is changed, what is named, and that nothing changes where the settings are no good.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { reload } from '../../src/cli/reload.ts'
import type { Config } from '../../src/config/config.ts'
import type { Changes } from '../../src/config/live.ts'

let folder: string
let lines: { readonly level: number; readonly msg: string; readonly [field: string]: unknown }[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leveret-reload-'))
  lines = []
})
afterEach(() => rmSync(folder, { recursive: true }))

async function reloaded(contents: string, changes: Changes) {
  const configFile = join(folder, 'leveret.toml')
  writeFileSync(configFile, contents)
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const taken: Config[] = []
  const broker = {
    reload(next: Config) {
      taken.push(next)
      return changes
    },
  }
  await reload({ flags: {}, env: {}, cwd: folder, configFile }, broker, log)
  return { taken, log }
}

it('gives the broker the new settings, and names what has changed and what has not', async () => {
  const { taken, log } = await reloaded('log_level = "debug"\nport = 1', { now: ['logLevel'], later: ['port'] })
  expect(taken).toMatchObject([{ logLevel: 'debug', port: 1 }])
  expect(log.level).toBe('debug')
  expect(lines).toMatchObject([
    { level: 40, msg: 'These settings need a restart, and stay as they were', settings: ['--port'] },
    { level: 30, msg: 'Configuration reloaded', changed: ['--log-level'] },
  ])
})

it('changes nothing where the settings are no good, and says why', async () => {
  const { taken, log } = await reloaded('log_level = "loud"', { now: [], later: [] })
  expect([taken, log.level]).toEqual([[], 'info'])
  expect(lines).toMatchObject([
    {
      level: 50,
      msg: 'The configuration cannot be used: nothing is changed',
      why: expect.stringMatching(/leveret\.toml, line 1, key log_level: got "loud", expected one of/),
    },
  ])
})
