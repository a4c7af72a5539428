// Reasons not to read from a peer: the transport is paused by the first and resumed by the last.

import { Pauses } from '../../src/session/pauses.ts'
import type { Transport } from '../../src/session/transport.ts'

function pausesOf(): { readonly pauses: Pauses; readonly calls: string[] } {
  const calls: string[] = []
  const transport = { pause: () => calls.push('pause'), resume: () => calls.push('resume') }
  return { pauses: new Pauses(transport as unknown as Transport), calls }
}

describe('pauses', () => {
  it('stop reading once, however many reasons there are', () => {
    const { pauses, calls } = pausesOf()
    pauses.add('pressed')
    pauses.add('congested')
    pauses.add('pressed')
    expect(pauses.any).toBe(true)
    expect(calls).toEqual(['pause'])
  })

  it('read again when the last reason has gone', () => {
    const { pauses, calls } = pausesOf()
    pauses.add('pressed')
    pauses.add('held')
    pauses.remove('pressed')
    expect([pauses.any, calls]).toEqual([true, ['pause']])
    pauses.remove('held')
    expect([pauses.any, calls]).toEqual([false, ['pause', 'resume']])
  })

  it('do not care for the end of a reason that was not there', () => {
    const { pauses, calls } = pausesOf()
    pauses.remove('held')
    pauses.add('congested')
    pauses.remove('held')
    expect([pauses.any, calls]).toEqual([true, ['pause']])
  })
})
