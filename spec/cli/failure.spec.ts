// What a person is told when a broker does not start, and the exit code that goes with it.

import { StoreError } from '../../src/broker/store.ts'
import { configFailure, startFailure } from '../../src/cli/failure.ts'
import { configWith } from '../../src/config/config.ts'
import { ConfigError } from '../../src/config/config-error.ts'

const config = configWith({ dataDir: '/var/lib/leveret', httpPort: 15672 }, {})

function systemError(code: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: something\nover two lines`), { code, ...more })
}

describe('a start that fails', () => {
  it.each([
    ['a port in use', systemError('EADDRINUSE', { syscall: 'listen' }), 69, /^port 5672 is in use, .*--port/],
    [
      'a port of the HTTP API in use',
      systemError('EADDRINUSE', { syscall: 'listen', port: 15672 }),
      69,
      /^port 15672 is in use, .*--http-port/,
    ],
    [
      'a port of the mighty',
      systemError('EACCES', { syscall: 'listen' }),
      77,
      /listen on port 5672.*above 1023.*--port/,
    ],
    [
      'an address of others',
      systemError('EADDRNOTAVAIL', { syscall: 'listen' }),
      78,
      /^this machine has no address.*--host/,
    ],
    ['an unknown host', systemError('ENOTFOUND', { syscall: 'getaddrinfo' }), 78, /is not a known host name.*--host/],
    [
      'a lock',
      new StoreError('locked', '/var is in use.'),
      69,
      /^\/var is in use\. \(--data-dir chooses another folder\)$/,
    ],
    ['damage', new StoreError('damaged', '/var is damaged.'), 65, /^\/var is damaged\. \(--data-dir/],
    ['a store that fails', new StoreError('failed', 'no\nuse'), 74, /^no use \(--data-dir names the folder\)$/],
    [
      'a folder of others',
      systemError('EACCES', { syscall: 'mkdir', path: '/var/lib' }),
      77,
      /to use \/var\/lib .*--data-dir/,
    ],
    ['a file for a folder', systemError('ENOTDIR', { syscall: 'mkdir' }), 78, /^\/var\/lib\/leveret is not a folder/],
    ['a full disk', systemError('ENOSPC', { syscall: 'write' }), 74, /ENOSPC.*make room/],
  ])('on %s says so and what to do', (_, error, exitCode, line) => {
    const failure = startFailure(error, config)
    expect(failure).toEqual({ exitCode, line: expect.stringMatching(line) })
    expect(failure.line).not.toContain('\n')
    expect(failure.line).not.toContain('    at ')
  })

  it('names the address when it is not every address', () => {
    const error = systemError('EADDRINUSE', { syscall: 'listen' })
    expect(startFailure(error, configWith({ host: '127.0.0.1' }, {})).line).toMatch(
      /^port 5672 of 127\.0\.0\.1 is in use/,
    )
  })

  it('names the door that was not opened', () => {
    const error = systemError('EADDRINUSE', { syscall: 'listen', port: 5671 })
    expect(startFailure(error, config).line).toMatch(/^port 5671 is in use, .*--tls-port/)
  })

  it('names the place among many', () => {
    const error = systemError('EADDRINUSE', { syscall: 'listen', port: 5680 })
    const many = configWith({ listen: ['127.0.0.1:5680'] }, {})
    expect(startFailure(error, many).line).toMatch(/^port 5680 of 127\.0\.0\.1 is in use, .*--listen/)
  })

  it('tells of a certificate in its own words', () => {
    const error = Object.assign(new Error('/x.pem: cannot be read (ENOENT)'), { name: 'CertificateError' })
    expect(startFailure(error, config)).toEqual({ line: '/x.pem: cannot be read (ENOENT)', exitCode: 78 })
  })

  it('tells of definitions in their own words, whatever file they are in', () => {
    const cause = Object.assign(new Error('EACCES'), { code: 'EACCES' })
    const error = Object.assign(new Error('the definitions in d.json cannot be used: no', { cause }), {
      name: 'DefinitionsError',
    })
    expect(startFailure(error, config)).toEqual({ line: error.message, exitCode: 65 })
  })

  it('finds the cause beneath what was thrown', () => {
    const error = new Error('not started', {
      cause: new StoreError('failed', 'no use', { cause: systemError('EROFS') }),
    })
    expect(startFailure(error, config)).toMatchObject({ exitCode: 77, line: expect.stringContaining('(EROFS)') })
  })

  it('is not led round in circles by an error that causes itself', () => {
    const error = new Error('odd')
    error.cause = error
    expect(startFailure(error, config)).toMatchObject({ exitCode: 70 })
  })

  it.each([
    ['an error', systemError('EODD'), 'EODD: something over two lines'],
    ['text', 'just words', 'just words'],
    ['nothing', undefined, 'undefined'],
  ])('on anything else repeats %s on one line', (_, error, said) => {
    expect(startFailure(error, config)).toEqual({
      exitCode: 70,
      line: `the broker did not start: ${said} (--log-level debug shows where)`,
    })
  })
})

describe('a bad setting', () => {
  it.each([
    ['flag', 64],
    ['environment', 78],
    ['file', 78],
  ] as const)('from a %s is exit code %i', (origin, exitCode) => {
    const error = new ConfigError(origin, 'here', 'is wrong')
    expect(configFailure(error)).toEqual({ line: 'here: is wrong', exitCode })
    expect(startFailure(error, config)).toEqual({ line: 'here: is wrong', exitCode })
  })
})
