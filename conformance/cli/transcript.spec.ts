// docs/cli-transcript.md is what the command line says: run again, the same commands end in the same ways.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram } from '../support/program.ts'

jest.setTimeout(120_000)

const root = join(__dirname, '..', '..')

/** The command lines of a transcript, and the exit code of each. */
function shapeOf(text: string): readonly string[] {
  const shape: string[] = []
  for (const line of text.split('\n')) {
    const failed = /^\[exit code (\d+)\]$/.exec(line)
    if (line.startsWith('$ ')) shape.push(`${line} -> 0`)
    else if (failed) shape.push(`${shape.pop()?.replace(/0$/, '')}${failed[1]}`)
  }
  return shape
}

it('is what running it again gives', async () => {
  const args = [join(root, 'scripts', 'cli-transcript.js'), '--print']
  const { code, stdout, stderr } = await startProgram({ command: process.execPath, args, limitMs: 100_000 }).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const shape = shapeOf(stdout)
  expect(shape).toEqual(shapeOf(readFileSync(join(root, 'docs', 'cli-transcript.md'), 'utf8')))
  expect(shape.length).toBeGreaterThanOrEqual(40)
})
