// All commands: each can be loaded, says with which brokers it works, and takes no flag that every command has.

import { catalogue, entryOf } from '../../src/cli/catalogue.ts'
import { globalFlags } from '../../src/cli/globals.ts'

const long = (flags: string): readonly string[] =>
  flags.match(/--?[a-z][a-z-]*/g)?.map((name) => name.replace('--no-', '--')) ?? []
const taken = new Set(globalFlags.flatMap(({ flags }) => long(flags)))

describe('the catalogue', () => {
  it.each(catalogue.map((entry) => [entry.name, entry] as const))('holds %s', async (name, entry) => {
    const loaded = await entry.load()
    expect(loaded.name).toBe(name)
    expect(entry.summary).not.toMatch(/\.$/)
    const verbs = 'verbs' in loaded ? loaded.verbs : [loaded]
    expect(verbs.length).toBeGreaterThan(0)
    for (const verb of verbs) {
      expect(verb.summary).toMatch(/^[A-Z].*\.$/)
      for (const { flags } of verb.flags ?? []) {
        for (const flag of long(flags)) expect(`${verb.name} ${taken.has(flag) ? flag : ''}`).toBe(`${verb.name} `)
      }
    }
  })

  it('has each name once', () => {
    const names = catalogue.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    expect(new Set(names).size).toBe(names.length)
    expect(entryOf('queue')?.name).toBe('queues')
    expect(entryOf('nope')).toBeUndefined()
  })
})
