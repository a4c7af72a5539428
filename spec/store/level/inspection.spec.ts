// What a visitor of a store is shown, and in which order; what is refused as not ours. The kinds of damage are in
// spec/check.spec.ts, where they are told as a person hears them.

import { Level } from 'level'
import { inspectLevelStore } from '../../../src/store/level/inspection.ts'
import {
  chunkKey,
  encodeMark,
  encodeMeta,
  encodeNumber,
  FORMAT,
  metaKey,
  namespace,
  queueKey,
  versionKey,
} from '../../../src/store/level/layout.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../../support/temporary-directory.ts'

type Record = readonly [key: Buffer, value: Buffer]

describe('the inspection of a store', () => {
  let directory: string

  beforeEach(async () => {
    directory = await createTemporaryDirectory()
  })

  afterEach(() => removeTemporaryDirectory(directory))

  async function inspect(...records: readonly Record[]): Promise<readonly unknown[]> {
    const engine = new Level<Buffer, Buffer>(directory, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
    await engine.open()
    for (const [key, value] of records) await engine.put(key, value)
    await engine.close()
    const seen: unknown[] = []
    await inspectLevelStore(directory, {
      entry: ({ key, value, rev }) => seen.push(['entry', key, value, rev]),
      mark: ({ queueId, nextSeq, headSeq }) => seen.push(['mark', queueId, nextSeq, headSeq]),
      chunk: ({ queueId, firstSeq }, chunk, summary) =>
        seen.push([queueId, firstSeq, chunk?.toString() ?? null, summary?.toString() ?? null]),
      damaged: ({ queueId, cause }) => seen.push(['damaged', queueId, cause]),
    })
    return seen
  }

  const format = (number: number): Record => [versionKey.format, encodeNumber(number)]
  const at = (prefix: 0x63 | 0x73, queueId: number, firstSeq: number): Record => [
    chunkKey(prefix, { queueId, firstSeq }),
    Buffer.from(`${String.fromCharCode(prefix)}${queueId}-${firstSeq}`),
  ]

  it('shows what is declared, then marks, then chunks beside their summaries', async () => {
    const { chunk, summary } = namespace
    const seen = await inspect(
      format(FORMAT),
      [metaKey('queue/x'), encodeMeta(3, '{}')],
      [queueKey(namespace.mark, 2 ** 32), encodeMark({ queueId: 2 ** 32, nextSeq: 9, headSeq: 5 })],
      at(chunk, 7, 1),
      at(chunk, 7, 256),
      at(chunk, 2 ** 32, 1),
      at(summary, 6, 9),
      at(summary, 7, 256),
      at(summary, 2 ** 32, 1),
      at(summary, 2 ** 32, 2),
    )
    expect(seen).toEqual([
      ['entry', 'queue/x', '{}', 3],
      ['mark', 2 ** 32, 9, 5],
      [6, 9, null, 's6-9'],
      [7, 1, 'c7-1', null],
      [7, 256, 'c7-256', 's7-256'],
      [2 ** 32, 1, 'c4294967296-1', 's4294967296-1'],
      [2 ** 32, 2, null, 's4294967296-2'],
    ])
  })

  it('goes on behind a damaged record', async () => {
    const broken = encodeMeta(1, '{}')
    broken[13] = 0
    expect(await inspect(format(FORMAT), [metaKey('a'), broken], [metaKey('b'), encodeMeta(1, '{}')])).toEqual([
      ['damaged', null, 'the record under the key "ma" is damaged'],
      ['entry', 'b', '{}', 1],
    ])
  })

  it('refuses a newer layout and the database of another program', async () => {
    await expect(inspect([Buffer.from('theirs'), Buffer.from('x')])).rejects.toMatchObject({ kind: 'damaged' })
    await expect(inspect(format(FORMAT + 1))).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining(`format ${FORMAT + 1}`),
    })
  })
})
