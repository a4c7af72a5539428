// Frames held back: they come out as they went in, and somebody may wait for that.

import { HeldFrames } from '../../src/session/held-frames.ts'

describe('held frames', () => {
  it('come out in order, as they were when they came', () => {
    const held = new HeldFrames()
    const chunk = Buffer.from('0123456789')
    held.add(1, chunk, 0, 4)
    held.add(3, chunk, 4, 10)
    expect(held.size).toBe(2)
    chunk.fill(0)
    const heard: unknown[] = []
    held.release((type, bytes, start, end) => heard.push([type, bytes.toString('latin1', start, end)]))
    expect(heard).toEqual([
      [1, '0123'],
      [3, '456789'],
    ])
    expect(held.size).toBe(0)
  })

  it('are not copied again when they are held again', () => {
    const [first, second] = [new HeldFrames(), new HeldFrames()]
    first.add(1, Buffer.from('.frame.'), 1, 6)
    const seen: Buffer[] = []
    first.release((type, bytes, start, end) => {
      seen.push(bytes)
      second.add(type, bytes, start, end)
    })
    second.release((_type, bytes, start, end) => seen.push(bytes.subarray(start, end)))
    expect(seen[1]?.toString()).toBe('frame')
    expect([seen[1]?.buffer, seen[1]?.byteOffset]).toEqual([seen[0]?.buffer, seen[0]?.byteOffset])
  })

  it('tell who waits when they are out, not before', async () => {
    const held = new HeldFrames()
    const order: string[] = []
    const waiting = held.released.then(() => order.push('told'))
    held.add(1, Buffer.alloc(1), 0, 1)
    await Promise.resolve()
    held.release(() => order.push('out'))
    await waiting
    expect(order).toEqual(['out', 'told'])
  })

  it('tell who waits also when there were none', async () => {
    const held = new HeldFrames()
    held.release(() => {})
    await expect(held.released).resolves.toBeUndefined()
  })
})
