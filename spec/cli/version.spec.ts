// The version that the command line prints.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../../src/cli/version.ts'

describe('the version', () => {
  it('is the one of the package', () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }
    expect(version()).toBe(manifest.version)
  })
})
