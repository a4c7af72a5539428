// The flags of every command: what they take, and what they become.

import { flagsWithValue, globalFlags, readGlobals } from '../../src/cli/globals.ts'

describe('global flags', () => {
  it('have defaults', () => {
    expect(readGlobals({})).toMatchObject({
      insecure: false,
      timeoutMs: 60_000,
      headers: true,
      quiet: false,
      color: true,
      dryRun: false,
      yes: false,
      verbose: false,
      watchMs: undefined,
    })
  })

  it('become what they say', () => {
    const raw = { columns: 'a, b.c', watch: '0.5', timeout: '3s', output: 'csv', color: false, dryRun: true }
    const expected = { columns: ['a', 'b.c'], watchMs: 500, timeoutMs: 3000, output: 'csv', color: false, dryRun: true }
    expect(readGlobals(raw)).toMatchObject(expected)
    expect(readGlobals({ watch: true }).watchMs).toBe(2000)
  })

  it('are silent with -s: quiet and without headers', () => {
    expect(readGlobals({ silent: true })).toMatchObject({ quiet: true, headers: false })
    expect(readGlobals({ quiet: true })).toMatchObject({ quiet: true, headers: true })
  })

  it.each([
    [{ output: 'xml' }, '--output: got "xml", expected one of table, wide, json, ndjson, yaml, csv, tsv, name'],
    [{ timeout: '0' }, '--timeout: got "0", expected a number of seconds above 0'],
    [{ watch: 'queues' }, '--watch: got "queues", expected a number of seconds above 0'],
  ])('refuse %j', (raw, message) => {
    expect(() => readGlobals(raw)).toThrow(message)
  })

  it('know which of them a value follows', () => {
    const taking = flagsWithValue()
    expect([...taking]).toEqual(expect.arrayContaining(['-p', '--vhost', '-o', '--output', '--sort']))
    for (const flag of ['--watch', '-q', '--quiet', '--yes', '--no-color']) expect(taking).not.toContain(flag)
    expect(new Set(globalFlags.map(({ flags }) => flags)).size).toBe(globalFlags.length)
  })
})
