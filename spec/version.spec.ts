// The version that programs are told is that of the package.

import { readFileSync } from 'node:fs'
import { VERSION } from '../src/version.ts'

describe('the version', () => {
  it('is the one in package.json', () => {
    const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(manifest).toMatchObject({ version: VERSION })
  })
})
