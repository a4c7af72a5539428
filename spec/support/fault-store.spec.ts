// The store that fails on demand, itself under test: specs rely on it.

import type { Lease, Store } from '../../src/broker/store.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { batch, bytes, kindOf, listen, put, putEphemeral, transaction } from '../store/contract/trial.ts'
import { storeContract } from '../store/contract.ts'
import { type FaultyStore, faultyStore } from './fault-store.ts'

storeContract('the store of faults, left in peace,', async () => {
  const inner = createMemoryStore()
  return { store: faultyStore(inner), reopen: () => faultyStore(inner), clean: async () => {} }
})

describe('the store of faults', () => {
  let inner: Store
  let store: FaultyStore
  let lease: Lease

  beforeEach(async () => {
    inner = createMemoryStore()
    store = faultyStore(inner)
    lease = await store.open()
  })

  afterEach(() => store.close())

  const read = async () => (await store.messages.read({ queueId: 1, firstSeq: 1 }))?.toString() ?? null
  const commitMessage = (text: string) => store.messages.commit(lease, batch({ chunks: [bytes(1, 1, text)] }))

  async function entries(): Promise<string[]> {
    await store.close()
    store = faultyStore(inner)
    lease = await store.open()
    return (await store.meta.load()).map(({ key, value }) => `${key}=${value}`)
  }

  it('holds a commit of messages until it is released', async () => {
    const hold = store.messages.holdNextCommit()
    const content = Buffer.from('held')
    const commit = store.messages.commit(lease, batch({ chunks: [{ queueId: 1, firstSeq: 1, bytes: content }] }))
    content.fill(0)
    await hold.reached
    expect(await read()).toBeNull()
    hold.release()
    await commit
    expect(await read()).toBe('held')
  })

  it('fails a held commit when told to', async () => {
    const hold = store.messages.holdNextCommit()
    const commit = commitMessage('x')
    await hold.reached
    hold.fail('failed', { applied: false })
    expect(await kindOf(commit)).toBe('failed')
    expect(await read()).toBeNull()
  })

  it('leaves in doubt whether a commit of messages was written, either way', async () => {
    store.messages.failNextCommit('unknown', { applied: false })
    store.messages.failNextCommit('unknown', { applied: true })
    expect(await kindOf(commitMessage('first'))).toBe('unknown')
    expect(await read()).toBeNull()
    expect(await kindOf(commitMessage('second'))).toBe('unknown')
    expect(await read()).toBe('second')
    await commitMessage('third')
    expect(await read()).toBe('third')
  })

  it('holds a group of meta commits, which lets ephemeral ones pass', async () => {
    const told = listen(store)
    const hold = store.meta.holdNextCommit()
    const held = [put('a', '1'), put('b', '1')].map((write) => store.meta.commit(lease, transaction([write])))
    await hold.reached
    const late = store.meta.commit(lease, transaction([put('c', '1')]))
    await store.meta.commit(lease, transaction([putEphemeral('e', '1')]))
    expect(told).toEqual(['e=1'])
    hold.release()
    expect(await Promise.all([...held, late])).toEqual([true, true, true])
    expect(told).toEqual(['e=1', 'a=1', 'b=1', 'c=1'])
  })

  it('tells nobody of meta commits that failed, written or not', async () => {
    const told = listen(store)
    store.meta.failNextCommit('failed', { applied: false })
    expect(await kindOf(store.meta.commit(lease, transaction([put('k', '1')])))).toBe('failed')
    store.meta.failNextCommit('unknown', { applied: true })
    expect(await kindOf(store.meta.commit(lease, transaction([put('l', '1')])))).toBe('unknown')
    expect(told).toEqual([])
    expect(await entries()).toEqual(['l=1'])
  })

  it('fences every write after one that was fenced, and after another node took over', async () => {
    store.messages.failNextCommit('fenced', { applied: false })
    expect(await kindOf(commitMessage('x'))).toBe('fenced')
    expect(await kindOf(store.meta.commit(lease, transaction([put('z', '1')])))).toBe('fenced')
    expect(await entries()).toEqual([])
    store.fence()
    expect(await kindOf(commitMessage('x'))).toBe('fenced')
    expect(await kindOf(store.messages.dropQueue(lease, 1))).toBe('fenced')
  })
})
