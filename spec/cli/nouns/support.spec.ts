// What nouns share: numbers for people, and the same done to many.

import { CommandError } from '../../../src/cli/command-error.ts'
import { readGlobals } from '../../../src/cli/globals.ts'
import { count, isMissing, many, octets, rate, toEach } from '../../../src/cli/nouns/support.ts'
import { Task } from '../../../src/cli/task.ts'
import { fakeTerminal } from '../../support/terminal.ts'

describe('for people', () => {
  it('numbers are short', () => {
    expect([count(1500), count(undefined), rate(0.44), rate(0), rate(2e6), rate('x')]).toEqual([
      '1.5k',
      '',
      '0.4',
      '0',
      '2.0M',
      '',
    ])
    expect([octets(5), octets(1536), octets(3 * 2 ** 30), octets(200 * 1024), octets(null)]).toEqual([
      '5 B',
      '1.5 KiB',
      '3.0 GiB',
      '200 KiB',
      '',
    ])
    expect([many(1, 'queue'), many(2, 'queue')]).toEqual(['1 queue', '2 queues'])
  })
})

describe('the same to many', () => {
  const failing = new Set(['b'])
  const act = async (name: string) => {
    if (failing.has(name)) throw new CommandError(`${name} failed`, 65)
  }

  it.each([
    [['a', 'c'], false, 0],
    [['a', 'b'], false, 65],
    [['a', 'b'], true, 3],
    [['b', 'b'], true, 65],
  ])('%j (detailed: %s) exits with %i', async (names, detailed, code) => {
    const terminal = fakeTerminal()
    expect(await toEach(new Task(terminal, readGlobals({})), 'doing', names, act, detailed)).toBe(code)
    expect(terminal.err()).toBe(
      names
        .filter((name) => name === 'b')
        .map(() => 'leveret: b failed\n')
        .join(''),
    )
  })

  it('fails as one when it is one, and lets our own faults through', async () => {
    const task = new Task(fakeTerminal(), readGlobals({}))
    await expect(toEach(task, 'doing', ['b'], act, false)).rejects.toThrow('b failed')
    const broken = async () => {
      throw new Error('our bug')
    }
    await expect(toEach(task, 'doing', ['a'], broken, false)).rejects.toThrow('our bug')
  })
})

it('knows what is missing', () => {
  expect(isMissing(new CommandError('x', 65, 'not_found'))).toBe(true)
  expect(isMissing(new CommandError('x', 65))).toBe(false)
  expect(isMissing(new Error('x'))).toBe(false)
})
