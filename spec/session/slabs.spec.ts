// The pool of output buffers: it lends what came back, and keeps no more than a few.

import { SLAB_BYTES, Slabs } from '../../src/session/slabs.ts'

describe('slabs', () => {
  it('are all of one size, each with memory of its own', () => {
    const slabs = new Slabs()
    const [one, two] = [slabs.take(), slabs.take()]
    expect([one.length, two.length, one.byteOffset]).toEqual([SLAB_BYTES, SLAB_BYTES, 0])
    expect(one.buffer).not.toBe(two.buffer)
  })

  it('are lent again once they came back', () => {
    const slabs = new Slabs()
    const slab = slabs.take()
    slabs.give(slab)
    expect(slabs.take()).toBe(slab)
    expect(slabs.take()).not.toBe(slab)
  })

  it('are let go when more came back than a busy moment needs', () => {
    const slabs = new Slabs()
    const lent = Array.from({ length: 1000 }, () => slabs.take())
    for (const slab of lent) slabs.give(slab)
    const known = new Set(lent)
    let kept = 0
    while (known.has(slabs.take())) kept++
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThanOrEqual(64)
  })
})
