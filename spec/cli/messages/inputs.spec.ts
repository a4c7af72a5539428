// Bodies from the command line, files and standard input.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bodies, type InputFlags, nameOf, readLines, readWhole } from '../../../src/cli/messages/inputs.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { fakeTerminal } from '../../support/terminal.ts'

let cwd: string
beforeEach(async () => {
  cwd = await createTemporaryDirectory()
})
afterEach(() => removeTemporaryDirectory(cwd))

async function read(flags: Partial<InputFlags>, typed = '') {
  const found: string[] = []
  const input = { body: undefined, file: undefined, lines: undefined, ...flags } as const
  for await (const body of bodies(input, fakeTerminal({ typed, cwd }))) found.push(body.toString())
  return found
}

describe('bodies', () => {
  it('are what is given, or all of the input', async () => {
    expect(await read({ body: 'hi' })).toEqual(['hi'])
    expect(await read({}, 'a\nb\n')).toEqual(['a\nb\n'])
    expect(await read({ file: '-' }, 'x')).toEqual(['x'])
  })

  it('are lines, without empty ones', async () => {
    expect(await read({ lines: 'text' }, 'a\r\n\nb\nc')).toEqual(['a', 'b', 'c'])
    expect(await read({ lines: 'json' }, '{"a":1}\n2\n')).toEqual(['{"a":1}', '2'])
  })

  it('name the line that is not JSON', async () => {
    await expect(read({ lines: 'json' }, '1\n{\n')).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringMatching(/^standard input, line 2: /),
    })
  })

  it('come from one place', async () => {
    await expect(read({ body: 'a', file: 'b' })).rejects.toThrow('not both')
  })

  it('come from a file, which has to be there', async () => {
    writeFileSync(join(cwd, 'a.txt'), 'é'.repeat(100_000))
    expect((await read({ file: 'a.txt' }))[0]).toBe('é'.repeat(100_000))
    await expect(read({ file: 'nosuch' })).rejects.toMatchObject({
      exitCode: 66,
      message: 'nosuch cannot be read: there is no such file',
    })
  })
})

describe('the rest', () => {
  it('reads lines that end in the middle of a character', async () => {
    writeFileSync(join(cwd, 'a.txt'), `x${'é'.repeat(70_000)}\nlast`)
    const found: string[] = []
    for await (const { line } of readLines('a.txt', fakeTerminal({ cwd }))) found.push(line)
    expect(found).toEqual([`x${'é'.repeat(70_000)}`, 'last'])
    expect((await readWhole('a.txt', fakeTerminal({ cwd }))).length).toBe(140_006)
  })

  it('says what it read', () => {
    expect([nameOf(undefined), nameOf('-'), nameOf('a')]).toEqual(['standard input', 'standard input', 'a'])
  })
})
