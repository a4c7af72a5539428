// The shape of what a person is told about a bad setting.

import { ConfigError, shown } from '../../src/config/config-error.ts'

describe('a configuration error', () => {
  it('is one line that names the place and the problem', () => {
    const error = new ConfigError('file', 'a.toml, key port', 'got\n"x",\n  expected a number')
    expect(error.message).toBe('a.toml, key port: got "x", expected a number')
    expect(error.origin).toBe('file')
  })

  it('shows a value as given, but never more than a line of it', () => {
    expect(shown('a\nb')).toBe('"a\\nb"')
    expect(shown(undefined)).toBe('undefined')
    expect(shown('x'.repeat(500))).toHaveLength(80)
  })
})
