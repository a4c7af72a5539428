// Runs the built command line as a process of its own, as a person would. Knows its exit codes and its two streams, and
// nothing of what it does.

import { join } from 'node:path'
import { type Ending, startProgram } from '../support/program.ts'

/** The executable. */
export const mainPath = join(__dirname, '..', '..', 'dist', 'cli', 'main.js')

/** A command line and what has to come of it. */
export type Step = readonly [words: readonly string[], expected: Expected]

/** What has to come: exit code 0 unless said otherwise. */
export type Expected = { readonly code?: number; readonly stdout?: RegExp; readonly stderr?: RegExp }

/** Runs `leveret` with these words against this API. */
export function leveret(url: string, words: readonly string[]): Promise<Ending> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', LEVERET_URL: url }
  return startProgram({ command: process.execPath, args: [mainPath, ...words], env }).ended
}

/** Runs steps one after the other, and complains of the first that ends otherwise. */
export async function walk(url: string, steps: readonly Step[]): Promise<void> {
  for (const [words, { code = 0, stdout, stderr }] of steps) {
    const ending = await leveret(url, words)
    const where = `leveret ${words.join(' ')}`
    expect({ where, code: ending.code, stderr: ending.stderr }).toEqual({ where, code, stderr: ending.stderr })
    if (stdout) expect(`${where}\n${ending.stdout}`).toMatch(stdout)
    if (stderr) expect(`${where}\n${ending.stderr}`).toMatch(stderr)
  }
}
