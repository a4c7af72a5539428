// The disk of a test broker. What a store has to do in general is in store/contract.ts; here is what this one adds.

import type { MessageBatch } from '../../src/broker/store.ts'
import { TestStore } from '../../src/testing/test-store.ts'

const batch = (): MessageBatch => ({
  chunks: [{ queueId: 1, firstSeq: 1, bytes: Buffer.from('chunk') }],
  summaries: [{ queueId: 1, firstSeq: 1, bytes: Buffer.from('summary') }],
  dropped: [],
  marks: [],
})

async function stored(disk: TestStore): Promise<string | undefined> {
  const { store } = disk.begin()
  await store.open()
  const bytes = await store.messages.read({ queueId: 1, firstSeq: 1 })
  await store.close()
  return bytes?.toString()
}

describe('the disk of a test broker', () => {
  it('keeps what one life stored for the next', async () => {
    const disk = new TestStore()
    const { store } = disk.begin()
    await store.messages.commit(await store.open(), batch())
    await store.close()
    await expect(stored(disk)).resolves.toBe('chunk')
    disk.erase()
    await expect(stored(disk)).resolves.toBeUndefined()
  })

  it('takes nothing any more from a life that was cut', async () => {
    const disk = new TestStore()
    const { store, cut } = disk.begin()
    const lease = await store.open()
    await cut()
    await expect(store.messages.commit(lease, batch())).rejects.toThrow('the store is not open')
    const next = disk.begin()
    await next.store.open()
    await expect(store.messages.commit(lease, batch())).rejects.toThrow('the lease of epoch 1 ended')
    // Its late close is not the next one's.
    await store.close()
    await expect(next.store.messages.queueIds()).resolves.toEqual([])
  })

  it('is slow, or fails, when it is told to', async () => {
    const disk = new TestStore()
    const { store } = disk.begin()
    const lease = await store.open()
    disk.friction = { delayMs: 5, fails: true }
    await expect(store.messages.commit(lease, batch())).rejects.toThrow('a test has the disk fail')
    disk.friction = { delayMs: 5, fails: false }
    const begun = Date.now()
    const slow = batch()
    const [chunk] = slow.chunks
    const commit = store.messages.commit(lease, slow)
    // The octets that it was given are the caller's again once the call has returned.
    chunk?.bytes.fill(0)
    await commit
    expect(Date.now() - begun).toBeGreaterThanOrEqual(4)
    await store.close()
    await expect(stored(disk)).resolves.toBe('chunk')
  })
})
