// Verbs as tables, and commander's commands that are made of them.

import { Command } from 'commander'
import { attachNoun, attachVerb, camelCase, Given, type Noun, type Verb } from '../../src/cli/command.ts'

const verb = (given: Partial<Verb> = {}): Verb => ({
  name: 'show',
  operands: '<thing> [more...]',
  summary: 'Show it.',
  flags: [
    { flags: '--limit <number>', help: 'how many' },
    { flags: '--no-durable', help: 'not kept' },
    { flags: '--tag <word>', help: 'a word', repeats: true },
  ],
  reach: 'any broker',
  run: async () => {},
  ...given,
})

async function ran(
  words: readonly string[],
  noun: Noun | Verb = verb(),
): Promise<{ verb: string; given: Given; values: object }> {
  let result: { verb: string; given: Given; values: object } | undefined
  const root = new Command('x')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .option('--vhost <name>')
  const command = root.command(noun.name)
  const run = async (verb: Verb, given: Given, values: object) => {
    result = { verb: verb.name, given, values }
  }
  if ('verbs' in noun) attachNoun(command, noun, run)
  else attachVerb(command, noun, run)
  await root.parseAsync(words, { from: 'user' })
  if (!result) throw new Error('nothing ran')
  return result
}

describe('a verb', () => {
  it('is given its operands and flags, and all flags apart', async () => {
    const words = ['show', 'a', 'b', 'c', '--limit', '5', '--tag', 'x', '--tag', 'y', '--vhost', 'v', '--no-durable']
    const { given, values } = await ran(words)
    expect(given.operands).toEqual(['a', 'b', 'c'])
    expect([given.operand(0), given.operand(9)]).toEqual(['a', ''])
    expect(given.number('limit')).toBe(5)
    expect(given.texts('tag')).toEqual(['x', 'y'])
    expect(given.flag('durable')).toBe(false)
    expect(values).toMatchObject({ vhost: 'v', limit: '5' })
  })

  it('is told nothing that was not given', async () => {
    const { given } = await ran(['show', 'a'])
    expect([given.number('limit'), given.text('limit'), given.flag('nope')]).toEqual([undefined, undefined, undefined])
    expect(given.texts('tag')).toEqual([])
  })

  it.each([
    [() => new Given([], { limit: 'x' }).number('limit'), '--limit: got "x", expected a whole number'],
    [() => new Given([], { type: 'x' }).oneOf('type', ['a', 'b']), '--type: got "x", expected one of a, b'],
  ])('refuses what a flag does not take', (read, message) => {
    expect(read).toThrow(message)
  })

  it('says in its help which brokers it works with', async () => {
    const pieces: string[] = []
    const command = new Command('show').exitOverride().configureOutput({ writeOut: (piece) => pieces.push(piece) })
    attachVerb(command, verb({ reach: 'leveret', notes: 'A note.' }), async () => {})
    await expect(command.parseAsync(['--help'], { from: 'user' })).rejects.toThrow()
    expect(pieces.join('')).toMatch(/A note\.\n\nWorks with Leveret only\./)
  })
})

describe('a noun', () => {
  const noun: Noun = {
    name: 'things',
    summary: 'Things.',
    verbs: [verb({ name: 'list', operands: '', flags: [] }), verb()],
  }

  it('has verbs, and is listed without one', async () => {
    expect((await ran(['things', 'show', 'a'], noun)).verb).toBe('show')
    expect(await ran(['things', '--vhost', 'v'], noun)).toMatchObject({ verb: 'list', values: { vhost: 'v' } })
  })

  it('names the verb that was meant', async () => {
    await expect(ran(['things', 'shw'], noun)).rejects.toThrow('things: unknown command "shw" (did you mean show?)')
    await expect(ran(['things', 'zzzzz'], noun)).rejects.toThrow('unknown command "zzzzz", expected one of list, show')
    await expect(ran(['things'], { ...noun, verbs: [verb()] })).rejects.toThrow('things: say what to do: show')
  })
})

it('names flags as commander does', () => {
  expect(camelCase('detailed-exit-codes')).toBe('detailedExitCodes')
})
