// The memory of messages: when it is too much, and that pages are used again and never by two.

import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'

describe('the memory of all segments', () => {
  it('is short when more is used than it has', () => {
    const memory = new SegmentMemory(1000)
    expect([memory.used, memory.budget, memory.short]).toEqual([0, 1000, false])
    memory.count(1000)
    expect(memory.short).toBe(false)
    memory.count(1)
    expect(memory.short).toBe(true)
    memory.count(-1)
    expect(memory.short).toBe(false)
  })

  it('is pressed when more is used than is left to what need not be stored', () => {
    const memory = new SegmentMemory(1000, 2000)
    memory.count(2000)
    expect([memory.short, memory.pressed]).toEqual([true, false])
    memory.count(1)
    expect(memory.pressed).toBe(true)
  })
})

describe('pages', () => {
  it('are used again in their own size', () => {
    const memory = new SegmentMemory(0)
    const page = memory.take(65536)
    expect(page).toHaveLength(65536)
    memory.give(page)
    expect(memory.take(32768)).not.toBe(page)
    const again = memory.take(65536)
    expect(again).toBe(page)
    expect(memory.take(65536)).not.toBe(page)
  })

  it('of odd sizes, very small or large, and those that are a part of something are not kept', () => {
    const memory = new SegmentMemory(0)
    const part = Buffer.allocUnsafeSlow(131072).subarray(0, 65536)
    for (const page of [part, ...[1024, 8192, 65535, 524288].map((bytes) => Buffer.allocUnsafeSlow(bytes))]) {
      memory.give(page)
      expect(memory.take(page.length)).not.toBe(page)
    }
  })

  it('are kept up to 8 MiB', () => {
    const memory = new SegmentMemory(0)
    const pages = new Set(Array.from({ length: 40 }, () => memory.take(262144)))
    for (const page of pages) memory.give(page)
    const again = Array.from({ length: 40 }, () => memory.take(262144))
    expect(again.filter((page) => pages.has(page))).toHaveLength(32)
  })
})
