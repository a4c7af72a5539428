// A store that is verified offline: what is found in a clean one, each kind of damage that is put into it by hand, and
// that nothing of it is changed.

import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { entryKey, queueEntry } from '../src/broker/entries.ts'
import { encodeRouting, type Message } from '../src/broker/message.ts'
import { Segment } from '../src/broker/queue/segment.ts'
import { SegmentMemory } from '../src/broker/queue/segment-memory.ts'
import { summarise, writeStreamSummary } from '../src/broker/queue/stream-summary.ts'
import { checkStore, type Finding, type Tally } from '../src/check.ts'
import { table } from '../src/protocol/field-table.ts'
import {
  chunkKey,
  encodeMark,
  encodeMeta,
  metaKey,
  namespace,
  queueKey,
  versionKey,
} from '../src/store/level/layout.ts'
import { createLevelStore } from '../src/store/level/level-store.ts'
import { messageFrom } from './support/message.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from './support/temporary-directory.ts'

const ORDERS = 2 ** 32 + 1
const BILLS = 2 ** 32 + 2
const COUNT = 10
const orders = { queueId: ORDERS, queue: 'orders', vhost: '/' }

let directory: string
let octets: number

/** The message of a body of `bodyBytes`, whose header announces `announced`. */
function messageOf(bodyBytes: number, announced = bodyBytes): Message {
  const header = Buffer.from([0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(announced, 8)
  return messageFrom(encodeRouting('ex', 'some.key'), header, Buffer.alloc(bodyBytes, 'm'))
}

/** Ten records from `firstSeq` on, of which the first two are settled. */
function segmentOf(firstSeq: number, message = messageOf(100)): Segment {
  const segment = new Segment(firstSeq, 0, new SegmentMemory(Number.POSITIVE_INFINITY))
  for (let i = 0; i < COUNT; i++) segment.append(message, true)
  segment.settle(0)
  segment.settle(1)
  return segment
}

/** Two queues; of `orders` two chunks, of `bills` one. */
async function fill(): Promise<void> {
  const store = createLevelStore(directory, { sync: false })
  const lease = await store.open()
  const queue = (id: number): string =>
    queueEntry.write({ id, durable: true, autoDelete: false, owner: 0, arguments: new Map() })
  const put = (key: string, value: string) => ({ key, value, ephemeral: false })
  await store.meta.commit(lease, {
    expect: [],
    writes: [
      put(entryKey('vhost', '/'), '{}'),
      put(entryKey('queue', '/', 'orders'), queue(ORDERS)),
      put(entryKey('queue', '/', 'bills'), queue(BILLS)),
      put('stopped', '{}'),
    ],
  })
  const segments = [segmentOf(1), segmentOf(11), segmentOf(5)]
  const address = (at: number) => ({ queueId: at === 2 ? BILLS : ORDERS, firstSeq: segments[at]!.firstSeq })
  await store.messages.commit(lease, {
    chunks: segments.map((segment, at) => ({ ...address(at), bytes: segment.chunk() })),
    summaries: segments.map((segment, at) => ({ ...address(at), bytes: segment.summary() })),
    dropped: [],
    marks: [
      { queueId: ORDERS, nextSeq: 21, headSeq: 3 },
      { queueId: BILLS, nextSeq: 15, headSeq: 15 },
    ],
  })
  octets = segments.reduce((sum, segment) => sum + segment.used, 0)
  await store.close()
}

/** Changes the database behind the store's back. */
async function tamper(change: (engine: Level<Buffer, Buffer>) => Promise<void>): Promise<void> {
  const engine = new Level<Buffer, Buffer>(directory, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await engine.open()
  await change(engine)
  await engine.close()
}

/** Flips one bit of the value's octet `at`, counted from the end where it is negative. */
function flip(key: Buffer, at: number): Promise<void> {
  return tamper(async (engine) => {
    const value = (await engine.get(key)) as Buffer
    const index = at < 0 ? value.length + at : at
    value[index] = value[index]! ^ 0x10
    await engine.put(key, value)
  })
}

function put(key: Buffer, value: Uint8Array): Promise<void> {
  return tamper((engine) => engine.put(key, Buffer.from(value)))
}

function cut(key: Buffer, length: number): Promise<void> {
  return tamper(async (engine) => engine.put(key, ((await engine.get(key)) as Buffer).subarray(0, length)))
}

async function findings(): Promise<{ readonly found: readonly Finding[]; readonly tally: Tally }> {
  const found: Finding[] = []
  const tally = await checkStore(directory, (finding) => found.push(finding))
  expect(tally.findings).toBe(found.length)
  return { found, tally }
}

const chunk = (firstSeq: number, queueId = ORDERS): Buffer => chunkKey(namespace.chunk, { queueId, firstSeq })
const summary = (firstSeq: number, queueId = ORDERS): Buffer => chunkKey(namespace.summary, { queueId, firstSeq })
const mark = (queueId = ORDERS): Buffer => queueKey(namespace.mark, queueId)
const entry = metaKey(entryKey('queue', '/', 'orders'))

beforeEach(async () => {
  directory = await createTemporaryDirectory()
  await fill()
})

afterEach(() => removeTemporaryDirectory(directory))

describe('a store that is checked', () => {
  it('is counted, and nothing is said of it, when it is whole', async () => {
    expect(await findings()).toEqual({
      found: [],
      tally: { queues: 2, chunks: 3, messages: 24, octets, findings: 0 },
    })
  })

  it('is left as it is, to the octet', async () => {
    const state = async () =>
      Promise.all(
        (await readdir(directory)).map(async (name) => {
          const path = join(directory, name)
          const hash = createHash('sha256').update(await readFile(path))
          return [name, hash.digest('hex'), (await stat(path)).mtimeMs]
        }),
      )
    const before = await state()
    await findings()
    expect(await state()).toEqual(before)
    const store = createLevelStore(directory, { sync: false })
    expect(await store.open()).toEqual({ epoch: 2 })
    await store.close()
  })

  it('has every octet of a chunk under a checksum', async () => {
    const length = segmentOf(1).used
    for (const at of [0, 4, 8, 15, 16, 20, 40, length - 1]) {
      await flip(chunk(1), at)
      const { found } = await findings()
      const cause = at === 0 ? expect.stringMatching(/^it has version/) : 'its checksum is wrong'
      expect(found).toEqual([{ ...orders, firstSeq: 1, lastSeq: 10, cause }])
      await flip(chunk(1), at)
    }
  })

  it.each([0, 15, 16, 200])('misses what was cut off a chunk after %i octets', async (length) => {
    await cut(chunk(11), length)
    const { found } = await findings()
    expect(found).toEqual([{ ...orders, firstSeq: 11, lastSeq: 20, cause: expect.stringMatching(/checksum|octets/) }])
  })

  it.each([0, 4, 7, 8, 9])('finds a bit that flipped in octet %i of a summary, and counts by the chunk', async (at) => {
    await flip(summary(1), at)
    const { found, tally } = await findings()
    expect(found).toEqual([{ ...orders, firstSeq: 1, lastSeq: null, cause: 'the checksum of its summary is wrong' }])
    expect(tally.messages).toBe(26)
  })

  it('finds a summary that is cut short', async () => {
    await cut(summary(1), 5)
    expect((await findings()).found).toEqual([
      { ...orders, firstSeq: 1, lastSeq: null, cause: 'its summary has 5 octets' },
    ])
  })

  it('finds a chunk and its summary both damaged', async () => {
    await flip(summary(1), 4)
    await flip(chunk(1), 30)
    expect((await findings()).found.map(({ cause }) => cause)).toEqual([
      'the checksum of its summary is wrong',
      'its checksum is wrong',
    ])
  })

  it('finds a summary of another chunk', async () => {
    const other = new Segment(1, 0, new SegmentMemory(0))
    other.append(messageOf(1), true)
    await put(summary(1), other.summary())
    const cause = 'it has 10 records, its summary says 1'
    expect((await findings()).found).toEqual([{ ...orders, firstSeq: 1, lastSeq: 1, cause }])
  })

  it.each([
    ['summary', () => summary(11), null],
    ['chunk', () => chunk(11), 20],
  ] as const)('misses a %s', async (what, key, lastSeq) => {
    await tamper((engine) => engine.del(key()))
    const { found, tally } = await findings()
    expect(found).toEqual([{ ...orders, firstSeq: 11, lastSeq, cause: expect.stringContaining('missing') }])
    expect(found[0]?.cause).toContain(what)
    expect(tally.chunks).toBe(3)
  })

  it('finds records whose parts do not fit, under a checksum that does', async () => {
    const segment = segmentOf(1, messageOf(100, 101))
    await put(chunk(1), segment.chunk())
    const cause = 'the parts of record 0 do not fit together'
    expect((await findings()).found).toEqual([{ ...orders, firstSeq: 1, lastSeq: 10, cause }])
  })

  it('finds chunks that overlap', async () => {
    const segment = segmentOf(8)
    await put(chunk(8), segment.chunk())
    await put(summary(8), segment.summary())
    const { found } = await findings()
    expect(found.map(({ firstSeq }) => firstSeq)).toEqual([8, 11])
    for (const { cause } of found) expect(cause).toMatch(/overlaps/)
  })

  it.each([0, 4, 11, 19])('finds a bit that flipped in octet %i of a mark', async (at) => {
    await flip(mark(), at)
    const cause = expect.stringMatching(/is damaged$/)
    expect((await findings()).found).toEqual([{ ...orders, firstSeq: null, lastSeq: null, cause }])
  })

  it('finds a mark that is missing, and one that is behind its chunks', async () => {
    await tamper((engine) => engine.del(mark()))
    await put(mark(BILLS), encodeMark({ queueId: BILLS, nextSeq: 14, headSeq: 1 }))
    expect((await findings()).found).toEqual([
      { queueId: BILLS, queue: 'bills', vhost: '/', firstSeq: null, lastSeq: null, cause: expect.any(String) },
      { ...orders, firstSeq: null, lastSeq: null, cause: 'its mark is missing' },
    ])
  })

  it('finds what is left of a queue that is not declared, once', async () => {
    await tamper((engine) => engine.del(entry))
    const { found, tally } = await findings()
    const cause = expect.stringMatching(/^no such queue/)
    expect(found).toEqual([{ queueId: ORDERS, queue: null, vhost: null, firstSeq: 1, lastSeq: 20, cause }])
    expect(tally).toMatchObject({ queues: 1, chunks: 3, messages: 8 })
  })

  it.each([0, 4, 12, -1])('finds a bit that flipped in octet %i of a declared thing', async (at) => {
    await flip(entry, at)
    const { found } = await findings()
    expect(found[0]).toMatchObject({ queueId: null, cause: expect.stringMatching(/mqueue.*orders.* is damaged$/) })
  })

  it.each([
    [entryKey('queue', '/', 'x'), 'no json'],
    [entryKey('user', 'x'), '{'],
    [entryKey('permission', 'x', '/'), ''],
    [entryKey('exchange', '/', 'x'), '?'],
    ['nonsense/x', '{}'],
    ['queue/%', '{}'],
  ])('finds that the entry %s with the value %j makes no sense', async (key, value) => {
    await put(metaKey(key), encodeMeta(9, value))
    const { found } = await findings()
    expect(found).toEqual([expect.objectContaining({ queueId: null, cause: expect.stringContaining(key) })])
  })

  it('finds a queue without its vhost', async () => {
    await tamper((engine) => engine.del(metaKey(entryKey('vhost', '/'))))
    const { found } = await findings()
    expect(found.map(({ queue, cause }) => [queue, cause])).toEqual([
      ['bills', 'its vhost is not there'],
      ['orders', 'its vhost is not there'],
    ])
  })

  it.each(Object.keys(versionKey) as (keyof typeof versionKey)[])('finds a damaged %s', async (name) => {
    await flip(versionKey[name], 11)
    const { found } = await findings()
    expect(found).toEqual([
      expect.objectContaining({ queueId: null, cause: `the record under the key "v${name}" is damaged` }),
    ])
  })

  it('finds keys that the layout does not know', async () => {
    const keys = ['b', 'd', 'vother', 'z', 'c12', 's12', 'q12']
    for (const key of keys) await put(Buffer.from(key), Buffer.from('x'))
    const { found } = await findings()
    expect(found.map(({ cause }) => /like "(.*)"/.exec(cause)?.[1]).sort()).toEqual(keys.sort())
  })
})

describe('a stream that is checked', () => {
  const LOG = 2 ** 32 + 3
  const log = { queueId: LOG, queue: 'log', vhost: '/', firstSeq: 1 }

  beforeEach(async () => {
    const args = table({ 'x-queue-type': 'stream' })
    const value = queueEntry.write({ id: LOG, durable: true, autoDelete: false, owner: 0, arguments: args })
    await put(metaKey(entryKey('queue', '/', 'log')), encodeMeta(9, value))
    const bytes = Buffer.from(segmentOf(1).chunk())
    await put(chunk(1, LOG), bytes)
    await put(summary(1, LOG), writeStreamSummary(summarise(1, bytes, 1), 1))
    await put(mark(LOG), encodeMark({ queueId: LOG, nextSeq: 11, headSeq: 11 }))
  })

  it('is counted, all of it', async () => {
    const { found, tally } = await findings()
    expect([found, tally.queues, tally.messages]).toEqual([[], 3, 34])
  })

  it('has every octet of its summaries under a checksum', async () => {
    for (let at = 0; at < 52; at += 3) {
      await flip(summary(1, LOG), at)
      const cause = 'the checksum of its summary is wrong'
      expect((await findings()).found).toEqual([{ ...log, lastSeq: null, cause }])
      await flip(summary(1, LOG), at)
    }
  })

  it('has no use for the summary of another kind of queue', async () => {
    await put(summary(1, LOG), segmentOf(1).summary())
    const cause = "its summary has 18 octets, that of a stream's chunk has 52"
    expect((await findings()).found).toEqual([{ ...log, lastSeq: null, cause }])
  })

  it('misses what was cut off a chunk', async () => {
    await cut(chunk(1, LOG), 200)
    expect((await findings()).found).toEqual([{ ...log, lastSeq: 10, cause: 'its checksum is wrong' }])
  })
})
