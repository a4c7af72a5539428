// Files that are loaded with what was compiled of them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCompiled } from '../src/compiled.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from './support/temporary-directory.ts'

const text = `
const { basename } = require('node:path')
exports.name = basename(__filename)
exports.stack = () => new Error('here').stack
exports.twice = (number) => 2 * number
`

let folder: string
let path: string

beforeEach(async () => {
  folder = await createTemporaryDirectory()
  path = join(folder, 'some.cjs')
  writeFileSync(path, text)
})
afterEach(() => removeTemporaryDirectory(folder))

const twice = () => (loadCompiled(path).exports as { readonly twice: (number: number) => number }).twice(21)

describe('a file that is loaded with what was compiled of it', () => {
  it('is loaded where nothing was', () => {
    expect(loadCompiled(path).exports).toMatchObject({ name: 'some.cjs' })
    expect(twice()).toBe(42)
  })

  it('is the same with it', () => {
    writeFileSync(`${path}.cache`, loadCompiled(path).compiled())
    expect(twice()).toBe(42)
  })

  it('shows nobody the paths of the machine that compiled it', () => {
    writeFileSync(`${path}.cache`, loadCompiled(path).compiled())
    const { stack } = loadCompiled(path).exports as { readonly stack: () => string }
    expect(stack()).toContain('(leveret/dist/some.cjs:')
    expect(stack()).not.toContain(folder)
  })

  it('is compiled anew where that is of something else, or damaged', () => {
    writeFileSync(`${path}.cache`, loadCompiled(path).compiled())
    writeFileSync(path, `${text}exports.twice = () => 'other'\n`)
    expect(twice()).toBe('other')
    writeFileSync(`${path}.cache`, 'nonsense')
    expect(twice()).toBe('other')
  })

  it('throws what it throws', () => {
    writeFileSync(path, 'throw new Error("not today")')
    expect(() => loadCompiled(path)).toThrow('not today')
  })
})
