// Watching memory and disk: alarms begin at their limits and end a little beyond them.

import { Alarms } from '../../src/broker/alarms.ts'
import type { Logger } from '../../src/broker/logger.ts'
import { type Reading, Resources } from '../../src/server/resources.ts'
import { ManualClock } from '../support/manual-clock.ts'

const SECOND_MS = 1000
const watermarks = { memoryLimit: 1000, diskFreeLimit: 100 }

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Lets promises that are settled already tell their listeners. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const watched = () => {
  const alarms = new Alarms()
  const clock = new ManualClock()
  const state = { memoryUsed: 0, diskFree: 1000, failing: false }
  const read = async (): Promise<Reading> => {
    if (state.failing) throw new Error('no such disk')
    return state
  }
  const resources = new Resources(alarms, clock, silent, watermarks, read)
  const look = async (change: Partial<typeof state>): Promise<string | null> => {
    Object.assign(state, change)
    clock.advance(SECOND_MS)
    await settled()
    return alarms.on ? alarms.reason : null
  }
  return { alarms, clock, resources, look }
}

describe('resources', () => {
  it('raise the memory alarm above its limit and clear it five percent below', async () => {
    const { resources, look } = watched()
    await resources.start()
    expect(await look({ memoryUsed: 1000 })).toBeNull()
    expect(await look({ memoryUsed: 1001 })).toBe('low on memory')
    expect(await look({ memoryUsed: 960 })).toBe('low on memory')
    expect(await look({ memoryUsed: 949 })).toBeNull()
  })

  it('raise the disk alarm below its limit and clear it five percent above', async () => {
    const { resources, look } = watched()
    await resources.start()
    expect(await look({ diskFree: 99 })).toBe('low on disk')
    expect(await look({ diskFree: 104 })).toBe('low on disk')
    expect(await look({ diskFree: 106 })).toBeNull()
  })

  it('look at once when they start', async () => {
    const { resources, look, alarms } = watched()
    await look({ diskFree: 1 })
    await resources.start()
    expect(alarms.on).toBe(true)
  })

  it('leave the alarms as they are while nothing can be measured', async () => {
    const { resources, look } = watched()
    await resources.start()
    expect(await look({ diskFree: 1 })).toBe('low on disk')
    expect(await look({ failing: true, diskFree: 1000 })).toBe('low on disk')
    expect(await look({ failing: false })).toBeNull()
  })

  it('leave no timer behind when they stop', async () => {
    const { resources, clock } = watched()
    await resources.start()
    resources.stop()
    expect(clock.timers).toBe(0)
  })
})
