// The count of what messages occupy: when it is too much.

import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'

describe('the memory of all segments', () => {
  it('is short when more is used than it has', () => {
    const memory = new SegmentMemory(1000)
    expect([memory.used, memory.budget, memory.short]).toEqual([0, 1000, false])
    memory.used += 1000
    expect(memory.short).toBe(false)
    memory.used += 1
    expect(memory.short).toBe(true)
    memory.used -= 1
    expect(memory.short).toBe(false)
  })
})
