// Queues' logs in LevelDB: under which keys, and what damage and full disks do.

import { Level } from 'level'
import type { Lease, Store } from '../../../src/broker/store.ts'
import { createLevelStore } from '../../../src/store/level/level-store.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { batch, bytes, kindOf } from '../contract/trial.ts'

describe('LevelLog', () => {
  let directory: string
  let store: Store
  let lease: Lease

  beforeEach(async () => {
    directory = await createTemporaryDirectory()
    store = createLevelStore(directory, { sync: false })
    lease = await store.open()
  })

  afterEach(async () => {
    await store.close()
    await removeTemporaryDirectory(directory)
  })

  /** The keys of chunks, summaries and marks in the database, in hexadecimal. Closes the store. */
  async function keys(): Promise<string[]> {
    await store.close()
    const engine = new Level<Buffer, Buffer>(directory, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
    const all = await engine.keys().all()
    await engine.close()
    return all.map((key) => key.toString('hex')).filter((key) => /^(63|73|71)/.test(key))
  }

  it('writes chunks, summaries and marks under the keys of the layout', async () => {
    await store.messages.commit(
      lease,
      batch({
        chunks: [bytes(1, 2, 'x')],
        summaries: [bytes(1, 2, 's')],
        marks: [{ queueId: 1, nextSeq: 3, headSeq: 2 }],
      }),
    )
    const address = '00000000000000010000000000000002'
    expect(await keys()).toEqual([`63${address}`, '710000000000000001', `73${address}`])
  })

  it('leaves no key of a queue that was dropped', async () => {
    const chunks = Array.from({ length: 3000 }, (_, seq) => bytes(5, seq, 'x'))
    await store.messages.commit(
      lease,
      batch({ chunks, summaries: chunks, marks: [{ queueId: 5, nextSeq: 1, headSeq: 1 }] }),
    )
    await store.messages.dropQueue(lease, 5)
    expect(await keys()).toEqual([])
  })

  it('leaves no summary of a chunk that was dropped', async () => {
    await store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'x')], summaries: [bytes(1, 1, 's')] }))
    await store.messages.commit(lease, batch({ dropped: [{ queueId: 1, firstSeq: 1 }] }))
    expect(await keys()).toEqual([])
  })

  it('refuses a batch with numbers that make no key, writes none of it, and goes on', async () => {
    expect(await kindOf(store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'x'), bytes(1, -1, 'x')] })))).toBe(
      'failed',
    )
    expect(await store.messages.queueIds()).toEqual([])
    await store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'x')] }))
    expect(await store.messages.queueIds()).toEqual([1])
  })
})
