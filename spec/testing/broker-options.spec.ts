// How a test broker is to be.

import { checkOptions, settingsOf } from '../../src/testing/broker-options.ts'

describe('options', () => {
  it.each([
    [{ clok: 'virtual' }, "startBroker has 'clok'"],
    [{ clock: 'virtul' }, "clock is 'virtul', expected real or virtual"],
    [{ compat: 'rabbitmq-2' }, "compat is 'rabbitmq-2', expected"],
    [{ keepEvents: 0 }, 'keepEvents is 0'],
    [{ settings: { heartbeat: 1 } }, "settings has 'heartbeat'"],
  ])('are refused where they are none, or cannot be: %j', (options, complaint) => {
    expect(() => checkOptions(options as never)).toThrow(complaint)
  })

  it('become settings: a port of its own, on this machine', () => {
    expect(settingsOf({})).toMatchObject({ host: '127.0.0.1', port: 0, httpPort: 'off', ephemeral: true })
    expect(settingsOf({ http: true })).toMatchObject({ httpPort: 0 })
    // Whoever can come from elsewhere knows the password of guest.
    expect(settingsOf({ host: '::' })).toMatchObject({ loopbackUsers: ['guest'] })
    expect(settingsOf({})).toMatchObject({ loopbackUsers: [] })
  })
})
