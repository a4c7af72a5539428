// The audit log: a line for each change and each refusal, with who it was, also across waits, and a file that may move.

import { readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '../../src/broker/access/logins.ts'
import { Audit } from '../../src/server/audit.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'
import { LogBook } from '../support/world.ts'

let folder: string
let path: string
let log: LogBook
let audit: Audit

beforeEach(async () => {
  folder = await createTemporaryDirectory()
  path = join(folder, 'audit.log')
  log = new LogBook()
  audit = new Audit(path, new ManualClock(), log)
})
afterEach(async () => {
  audit.close()
  await removeTemporaryDirectory(folder)
})

const lines = (from = path) =>
  readFileSync(from, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

const me = { user: 'me', address: '192.0.2.1' }
const change = { what: 'user', names: ['u'], before: null, after: { tags: [] } }

it('has a line of JSON for each change, with who and from where', () => {
  audit.changed(me, change)
  audit.changed(null, { ...change, before: { tags: [] }, after: { tags: ['a'] } })
  audit.changed(me, { ...change, before: { tags: ['a'] }, after: null })
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
  expect(lines()).toEqual([
    { at, event: 'user created', ...me, names: ['u'], before: null, after: { tags: [] } },
    {
      at,
      event: 'user changed',
      user: null,
      address: null,
      names: ['u'],
      before: { tags: [] },
      after: { tags: ['a'] },
    },
    { at, event: 'user deleted', ...me, names: ['u'], before: { tags: ['a'] }, after: null },
  ])
})

it('has a line for each login that was refused', () => {
  audit.refused(me, new Refusal('password', "wrong password or unknown user 'me'"))
  expect(lines()).toMatchObject([{ event: 'login refused', ...me, why: "wrong password or unknown user 'me'" }])
})

it('knows whose work it is, across waits, and beside the work of others', async () => {
  const work = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return audit.actor
  }
  const other = { user: 'other', address: '192.0.2.2' }
  expect(await Promise.all([audit.run(me, work), audit.run(other, work), work()])).toEqual([me, other, null])
})

it('goes on in a new file once the old one has been moved away', () => {
  audit.changed(me, change)
  renameSync(path, `${path}.1`)
  audit.changed(me, change)
  audit.reopen()
  audit.changed(me, change)
  expect([lines(`${path}.1`).length, lines().length]).toEqual([2, 1])
})

it('is nobody else’s to read', () => {
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('goes on with the old file where there can be no new one', async () => {
  await removeTemporaryDirectory(folder)
  audit.reopen()
  audit.changed(me, change)
  expect(log.defects).toMatchObject([{ message: 'the audit log could not be opened again; the old file goes on' }])
})

it('tells once that it cannot be written to', () => {
  const full = new Audit('/dev/full', new ManualClock(), log)
  for (let i = 0; i < 3; i++) full.changed(me, change)
  full.close()
  expect(log.defects).toMatchObject([{ message: 'the audit log cannot be written to' }])
})
