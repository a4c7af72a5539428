// Giving the disk back: when a compaction begins, over which keys, and that one runs at a time.

import type { ChunkKey } from '../../../src/broker/store.ts'
import { chunkKey, namespace } from '../../../src/store/level/layout.ts'
import { Reclaim } from '../../../src/store/level/reclaim.ts'

const MIB = 2 ** 20
/** What 64 MiB are in chunks of the usual 64 KiB. */
const WORTH = 1024

const keys = (queueId: number, count: number): ChunkKey[] =>
  Array.from({ length: count }, (_, i) => ({ queueId, firstSeq: i + 1 }))

const key = (queueId: number, firstSeq: number) => chunkKey(namespace.chunk, { queueId, firstSeq })

/** A reclaim whose compactions end when they are told to. */
const make = () => {
  const ranges: [Buffer, Buffer][] = []
  const ends: ((error?: Error) => void)[] = []
  const failures: unknown[] = []
  const compact = (start: Buffer, end: Buffer): Promise<void> => {
    ranges.push([start, end])
    return new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())))
  }
  const reclaim = new Reclaim(compact, (error) => failures.push(error))
  return { reclaim, ranges, ends, failures }
}

describe('reclaiming', () => {
  it('begins when 64 MiB of chunks were dropped, and not before', () => {
    const { reclaim, ranges } = make()
    reclaim.dropped(keys(7, WORTH - 1))
    expect(ranges).toEqual([])
    reclaim.dropped([{ queueId: 7, firstSeq: WORTH }])
    expect(ranges).toEqual([[key(7, 0), key(7, WORTH)]])
  })

  it('takes dropped chunks to be as large as those that are stored', () => {
    const { reclaim, ranges } = make()
    for (let i = 0; i < 200; i++) reclaim.stored([{ queueId: 7, firstSeq: i, bytes: Buffer.alloc(MIB) }])
    reclaim.dropped(keys(7, 60))
    expect(ranges).toEqual([])
    reclaim.dropped(keys(7, 10))
    expect(ranges).toHaveLength(1)
  })

  it('compacts the dead part of each queue, one after the other', async () => {
    const { reclaim, ranges, ends } = make()
    reclaim.dropped([...keys(7, WORTH / 2), ...keys(8, WORTH / 2)])
    expect(ranges).toEqual([[key(7, 0), key(7, WORTH / 2)]])
    ends[0]?.()
    await Promise.resolve()
    await Promise.resolve()
    expect(ranges[1]).toEqual([key(8, 0), key(8, WORTH / 2)])
    ends[1]?.()
    await reclaim.idle()
  })

  it('runs one compaction at a time', async () => {
    const { reclaim, ranges, ends } = make()
    reclaim.dropped(keys(7, WORTH))
    reclaim.dropped(keys(7, WORTH))
    expect(ranges).toHaveLength(1)
    ends[0]?.()
    await reclaim.idle()
    reclaim.dropped([{ queueId: 7, firstSeq: 1 }])
    expect(ranges).toHaveLength(2)
  })

  it('reports a compaction that failed and goes on', async () => {
    const { reclaim, ranges, ends, failures } = make()
    reclaim.dropped(keys(7, WORTH))
    ends[0]?.(new Error('no room'))
    await reclaim.idle()
    expect(failures).toEqual([new Error('no room')])
    reclaim.dropped(keys(7, WORTH))
    expect(ranges).toHaveLength(2)
  })
})
