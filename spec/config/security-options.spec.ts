// The options of TLS and logins: part of the table, secret where they have to be, and off where nobody asks.

import { configWith } from '../../src/config/config.ts'
import { optionList } from '../../src/config/options.ts'
import { securityOptions } from '../../src/config/security-options.ts'

describe('the options of TLS and logins', () => {
  it('are rows of the table', () => {
    const fields = optionList.map(([field]) => field)
    expect(fields).toEqual(expect.arrayContaining(Object.keys(securityOptions)))
  })

  it('ask for no TLS and no certificates of clients where nobody does', () => {
    expect(configWith({}, {})).toMatchObject({ tlsCert: null, tlsKey: null, tlsCa: null, tlsVerify: 'none' })
  })

  it('take the paths of files from where they were written', () => {
    expect(securityOptions.tlsCert.kind.read('tls/server.pem', '/etc/leveret')).toBe('/etc/leveret/tls/server.pem')
  })

  it('never show the password of a key', () => {
    expect(securityOptions.tlsKeyPass).toMatchObject({ secret: true, fromFile: true })
  })
})
