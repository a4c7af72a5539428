// What every store has to do, as a suite to run against any of them. The factory gives a fresh, empty store that is not
// open yet; `reopen` gives the store that a restarted broker would find on the same data.

import {
  type ChunkWrite,
  type Lease,
  type MessageBatch,
  type MetaChange,
  type MetaTransaction,
  type MetaWrite,
  type Store,
  type StoredChunk,
  StoreError,
  type StoreErrorKind,
} from '../../src/broker/store.ts'

/** A store under test and its surroundings. */
export interface Subject {
  readonly store: Store
  /** The store as the next process would create it, not yet open. The former one is closed. */
  reopen(): Store
  /** Removes what the store left behind, once it is closed. */
  clean(): Promise<void>
}

export const LARGEST = Number.MAX_SAFE_INTEGER

export function put(key: string, value: string): MetaWrite {
  return { key, value, ephemeral: false }
}

export function putEphemeral(key: string, value: string): MetaWrite {
  return { key, value, ephemeral: true }
}

export function del(key: string, ephemeral = false): MetaWrite {
  return { key, value: null, ephemeral }
}

export function transaction(writes: readonly MetaWrite[], expect: MetaTransaction['expect'] = []): MetaTransaction {
  return { expect, writes }
}

export function bytes(queueId: number, firstSeq: number, ...texts: string[]): ChunkWrite {
  return { queueId, firstSeq, bytes: texts.map((text) => Buffer.from(text)) }
}

export function batch(parts: Partial<MessageBatch>): MessageBatch {
  return { chunks: [], settled: [], dropped: [], marks: [], ...parts }
}

/** The kind of the `StoreError` that the promise rejects with; fails when it does anything else. */
export async function kindOf(promise: Promise<unknown>): Promise<StoreErrorKind> {
  const outcome = await promise.then(
    () => 'resolved',
    (error) => error,
  )
  expect(outcome).toBeInstanceOf(StoreError)
  return outcome.kind
}

/** The changes that a store tells, as short texts like `a=1` or `a gone`. */
export function listen(store: Store): string[] {
  const told: string[] = []
  store.meta.watch((changes) => {
    told.push(changes.map(textOf).join(' '))
  })
  return told
}

function textOf({ key, value }: MetaChange): string {
  return value === null ? `${key} gone` : `${key}=${value}`
}

async function chunksOf(store: Store, queueId: number): Promise<string[]> {
  const chunks: string[] = []
  for await (const chunk of store.messages.recover(queueId)) chunks.push(chunkText(chunk))
  return chunks
}

function chunkText({ firstSeq, bytes, settled }: StoredChunk): string {
  return settled === null ? `${firstSeq}:${bytes}` : `${firstSeq}:${bytes}/${settled}`
}

/** Runs the contract. `name` says which store it is. */
export function storeContract(name: string, create: () => Promise<Subject>): void {
  describe(`${name} as a store`, () => {
    let subject: Subject
    let store: Store
    let lease: Lease

    beforeEach(async () => {
      subject = await create()
      store = subject.store
      lease = await store.open()
    })

    afterEach(async () => {
      await store.close()
      await subject.clean()
    })

    async function restart(): Promise<void> {
      await store.close()
      store = subject.reopen()
      lease = await store.open()
    }

    async function entries(): Promise<string[]> {
      return (await store.meta.load()).map(({ key, value }) => `${key}=${value}`)
    }

    async function revsByKey(): Promise<Map<string, number>> {
      return new Map((await store.meta.load()).map(({ key, rev }) => [key, rev]))
    }

    describe('lease', () => {
      it('grows by one with every opening', async () => {
        const first = lease.epoch
        await restart()
        expect(lease.epoch).toBe(first + 1)
        await restart()
        expect(lease.epoch).toBe(first + 2)
      })

      it('fences every write under an older lease and writes nothing', async () => {
        const old = lease
        await store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'kept')] }))
        await restart()
        const told = listen(store)
        expect(await kindOf(store.meta.commit(old, transaction([put('a', '1')])))).toBe('fenced')
        expect(await kindOf(store.meta.commit(old, transaction([putEphemeral('a', '1')])))).toBe('fenced')
        expect(await kindOf(store.messages.commit(old, batch({ chunks: [bytes(1, 2, 'late')] })))).toBe('fenced')
        expect(await kindOf(store.messages.dropQueue(old, 1))).toBe('fenced')
        expect(told).toEqual([])
        expect(await entries()).toEqual([])
        expect(await chunksOf(store, 1)).toEqual(['1:kept'])
      })

      it('is not granted twice at a time', async () => {
        expect(await kindOf(store.open())).toBe('locked')
        await store.messages.commit(lease, batch({ marks: [{ queueId: 1, nextSeq: 2, headSeq: 1 }] }))
      })

      it('ends with close: every call afterwards is refused', async () => {
        await store.close()
        expect(await kindOf(store.meta.load())).toBe('failed')
        expect(await kindOf(store.meta.commit(lease, transaction([put('a', '1')])))).toBe('failed')
        expect(await kindOf(store.messages.commit(lease, batch({})))).toBe('failed')
        expect(await kindOf(store.messages.read({ queueId: 1, firstSeq: 1 }))).toBe('failed')
        expect(await kindOf(store.messages.mark(1))).toBe('failed')
        expect(await kindOf(store.messages.queueIds())).toBe('failed')
        expect(await kindOf(store.messages.dropQueue(lease, 1))).toBe('failed')
        expect(await kindOf(chunksOf(store, 1))).toBe('failed')
      })

      it('closes twice without complaint, and closes when it was never opened', async () => {
        await store.close()
        await store.close()
        await subject.reopen().close()
      })

      it('lets what is in flight finish before close resolves', async () => {
        const settled: string[] = []
        const note = (what: string) => () => settled.push(what)
        const meta = store.meta.commit(lease, transaction([put('a', '1')])).then(note('meta'))
        const messages = store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'x')] })).then(note('messages'))
        await store.close()
        await Promise.all([meta, messages])
        expect(settled.sort()).toEqual(['messages', 'meta'])
        store = subject.reopen()
        lease = await store.open()
        expect(await entries()).toEqual(['a=1'])
        expect(await chunksOf(store, 1)).toEqual(['1:x'])
      })
    })

    describe('meta', () => {
      it('keeps durable entries over a restart and forgets ephemeral ones', async () => {
        await store.meta.commit(lease, transaction([put('b', '2'), put('a', '1'), putEphemeral('e', '9')]))
        await store.meta.commit(lease, transaction([put('c', '3')]))
        await store.meta.commit(lease, transaction([del('b')]))
        await restart()
        expect(await entries()).toEqual(['a=1', 'c=3'])
      })

      it('loads in the order of the keys, whatever characters they are made of', async () => {
        const keys = ['z', 'a', 'a/b', 'é', '\u{10348}', '\uffee', '', 'a\u0000b', 'Z']
        await store.meta.commit(lease, transaction(keys.map((key) => put(key, `"${key}"`))))
        await restart()
        const loaded = await store.meta.load()
        const ordered = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(loaded.map(({ key }) => key)).toEqual(ordered)
        expect(loaded.map(({ value }) => value)).toEqual(ordered.map((key) => `"${key}"`))
      })

      it('forgets its watchers when it is closed', async () => {
        const told = listen(store)
        await restart()
        await store.meta.commit(lease, transaction([put('a', '1')]))
        expect(told).toEqual([])
      })

      it('hands what was declared over once', async () => {
        await store.meta.load()
        expect(await kindOf(store.meta.load())).toBe('failed')
      })

      it('tells the watchers of every commit, in commit order, before its promise resolves', async () => {
        const told = listen(store)
        const other = listen(store)
        const lengths: number[] = []
        const commits = ['1', '2', '3'].map((value) =>
          store.meta.commit(lease, transaction([put('a', value), del('b')])).then((kept) => {
            lengths.push(told.length)
            return kept
          }),
        )
        expect(await Promise.all(commits)).toEqual([true, true, true])
        expect(told).toEqual(['a=1 b gone', 'a=2 b gone', 'a=3 b gone'])
        expect(other).toEqual(told)
        for (const [index, length] of lengths.entries()) expect(length).toBeGreaterThan(index)
      })

      it('gives each change of a key a higher revision, also after its deletion and over a restart', async () => {
        const revs: number[] = []
        const watch = () => store.meta.watch((changes) => revs.push(...changes.map(({ rev }) => rev)))
        watch()
        await store.meta.commit(lease, transaction([put('a', '1')]))
        await store.meta.commit(lease, transaction([del('a')]))
        await restart()
        watch()
        await store.meta.commit(lease, transaction([put('a', '2')]))
        expect(revs).toHaveLength(3)
        expect(revs[0]).toBeGreaterThan(0)
        expect(revs[1]).toBeGreaterThan(revs[0] as number)
        expect(revs[2]).toBeGreaterThan(revs[1] as number)
        await restart()
        expect(await revsByKey()).toEqual(new Map([['a', revs[2]]]))
      })

      it('commits when every expected revision is met', async () => {
        await store.meta.commit(lease, transaction([put('a', '1')]))
        await restart()
        const rev = (await revsByKey()).get('a') as number
        const told = listen(store)
        const met: MetaTransaction['expect'] = [
          ['a', rev],
          ['b', 0],
        ]
        expect(await store.meta.commit(lease, transaction([put('b', '1')], met))).toBe(true)
        expect(await store.meta.commit(lease, transaction([put('c', '1')], met))).toBe(false)
        expect(await store.meta.commit(lease, transaction([put('c', '1')], [['a', rev + 1]]))).toBe(false)
        expect(await store.meta.commit(lease, transaction([put('c', '1')], [['missing', 1]]))).toBe(false)
        expect(told).toEqual(['b=1'])
        await restart()
        expect(await entries()).toEqual(['a=1', 'b=1'])
      })

      it('checks expectations against commits that are not durable yet', async () => {
        const told = listen(store)
        const first = store.meta.commit(lease, transaction([put('a', '1')], [['a', 0]]))
        const second = store.meta
          .commit(lease, transaction([put('a', '2')], [['a', 0]]))
          .then((kept) => [kept, ...told])
        expect(await first).toBe(true)
        expect(await second).toEqual([false, 'a=1'])
        await restart()
        expect(await entries()).toEqual(['a=1'])
      })

      it('tells of an ephemeral transaction before commit returns, though a durable one is on its way', async () => {
        const told = listen(store)
        const durable = store.meta.commit(lease, transaction([put('a', '1')]))
        const ephemeral = store.meta.commit(lease, transaction([putEphemeral('b', '1')], [['b', 0]]))
        expect(told).toEqual(['b=1'])
        const gone = store.meta.commit(lease, transaction([del('b', true)]))
        expect(told).toEqual(['b=1', 'b gone'])
        expect(await Promise.all([durable, ephemeral, gone])).toEqual([true, true, true])
        expect(told).toEqual(['b=1', 'b gone', 'a=1'])
      })

      it('tells of an ephemeral change after the pending durable one of the same key', async () => {
        const told = listen(store)
        const durable = store.meta.commit(lease, transaction([put('a', '1')]))
        const ephemeral = store.meta.commit(lease, transaction([putEphemeral('a', '2')]))
        expect(await Promise.all([durable, ephemeral])).toEqual([true, true])
        expect(told).toEqual(['a=1', 'a=2'])
        await restart()
        expect(await entries()).toEqual([])
      })

      it('tells of a transaction that mixes both once all of it is durable', async () => {
        const told = listen(store)
        const mixed = store.meta.commit(lease, transaction([putEphemeral('e', '1'), put('a', '1')]))
        expect(told).toEqual([])
        expect(await mixed).toBe(true)
        expect(told).toEqual(['e=1 a=1'])
        await restart()
        expect(await entries()).toEqual(['a=1'])
      })

      it('deletes a durable entry for good, though the deletion says it is ephemeral', async () => {
        await store.meta.commit(lease, transaction([put('a', '1')]))
        await store.meta.commit(lease, transaction([del('a', true)]))
        await restart()
        expect(await entries()).toEqual([])
      })

      it('lets a listener commit, and tells of that after what it is telling', async () => {
        const told: string[] = []
        let cascade: Promise<boolean> | undefined
        store.meta.watch((changes) => {
          if (changes[0]?.key === 'a') cascade = store.meta.commit(lease, transaction([putEphemeral('b', '1')]))
        })
        store.meta.watch((changes) => told.push(changes.map(textOf).join(' ')))
        await store.meta.commit(lease, transaction([put('a', '1')]))
        expect(await cascade).toBe(true)
        expect(told).toEqual(['a=1', 'b=1'])
      })

      it('calls a commit unknown when a watcher throws, and goes on', async () => {
        let broken = true
        store.meta.watch(() => {
          if (broken) throw new Error('a mistake in a watcher')
        })
        expect(await kindOf(store.meta.commit(lease, transaction([put('a', '1')])))).toBe('unknown')
        broken = false
        expect(await store.meta.commit(lease, transaction([put('b', '1')]))).toBe(true)
      })
    })

    describe('messages', () => {
      it('recovers the chunks of a queue in order, with the settled sets that belong to them', async () => {
        await store.messages.commit(
          lease,
          batch({
            chunks: [bytes(7, 300, 'third'), bytes(7, 1, 'first'), bytes(8, 1, 'other'), bytes(6, 1, 'before')],
          }),
        )
        await store.messages.commit(lease, batch({ chunks: [bytes(7, 20, 'second')], settled: [bytes(7, 300, 'x')] }))
        await store.messages.commit(lease, batch({ settled: [bytes(8, 1, 'y'), bytes(7, 300, 'z')] }))
        await restart()
        expect(await chunksOf(store, 7)).toEqual(['1:first', '20:second', '300:third/z'])
        expect(await chunksOf(store, 8)).toEqual(['1:other/y'])
        expect(await chunksOf(store, 9)).toEqual([])
      })

      it('pairs settled sets with chunks also where sets without a chunk lie between', async () => {
        const settled = [bytes(1, 1, 'a'), bytes(1, 2, 'b'), bytes(1, 3, 'c'), bytes(1, 9, 'd')]
        await store.messages.commit(lease, batch({ chunks: [bytes(1, 3, 'three'), bytes(1, 5, 'five')], settled }))
        expect(await chunksOf(store, 1)).toEqual(['3:three/c', '5:five'])
      })

      it('replaces a chunk that is written again', async () => {
        await store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'one')] }))
        await store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'one', '+two')] }))
        expect(await chunksOf(store, 1)).toEqual(['1:one+two'])
        await restart()
        expect(await chunksOf(store, 1)).toEqual(['1:one+two'])
      })

      it('drops chunks with their settled sets', async () => {
        const chunks = [bytes(1, 1, 'one'), bytes(1, 2, 'two')]
        await store.messages.commit(lease, batch({ chunks, settled: [bytes(1, 1, 's'), bytes(1, 2, 's')] }))
        await store.messages.commit(lease, batch({ dropped: [{ queueId: 1, firstSeq: 1 }] }))
        await store.messages.commit(lease, batch({ dropped: [{ queueId: 5, firstSeq: 5 }] }))
        await store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'again')] }))
        await restart()
        expect(await chunksOf(store, 1)).toEqual(['1:again', '2:two/s'])
      })

      it('forgets a chunk that one batch both writes and drops', async () => {
        const key = { queueId: 1, firstSeq: 1 }
        await store.messages.commit(
          lease,
          batch({ chunks: [bytes(1, 1, 'x')], settled: [bytes(1, 1, 's')], dropped: [key] }),
        )
        expect(await store.messages.read(key)).toBeNull()
        expect(await store.messages.queueIds()).toEqual([])
      })

      it('reads a chunk back by its key', async () => {
        await store.messages.commit(lease, batch({ chunks: [bytes(1, 4, 'ab', '', 'cd'), bytes(1, 5)] }))
        expect(await store.messages.read({ queueId: 1, firstSeq: 4 })).toEqual(Buffer.from('abcd'))
        expect(await store.messages.read({ queueId: 1, firstSeq: 5 })).toEqual(Buffer.alloc(0))
        expect(await store.messages.read({ queueId: 1, firstSeq: 6 })).toBeNull()
        expect(await store.messages.read({ queueId: 2, firstSeq: 4 })).toBeNull()
      })

      it('takes the bytes as they are when commit is called, and gives out bytes of the caller’s own', async () => {
        const whole = new Uint8Array(Buffer.from('..one..'))
        const chunk = whole.subarray(2, 5)
        const settled = Buffer.from('s')
        const commit = store.messages.commit(lease, {
          ...batch({ settled: [{ queueId: 1, firstSeq: 1, bytes: [settled] }] }),
          chunks: [
            { queueId: 1, firstSeq: 1, bytes: [chunk] },
            { queueId: 1, firstSeq: 2, bytes: [chunk, chunk] },
          ],
        })
        whole.fill(0x21)
        settled.fill(0x21)
        await commit
        expect(await chunksOf(store, 1)).toEqual(['1:one/s', '2:oneone'])
        const read = await store.messages.read({ queueId: 1, firstSeq: 1 })
        read?.fill(0x21)
        for await (const { bytes } of store.messages.recover(1)) bytes.fill(0x21)
        expect(await chunksOf(store, 1)).toEqual(['1:one/s', '2:oneone'])
      })

      it('recovers a queue as it was when the first chunk was asked for', async () => {
        const seqs = [1, 2, 3]
        await store.messages.commit(lease, batch({ chunks: seqs.map((seq) => bytes(1, seq, `old${seq}`)) }))
        const chunks: string[] = []
        for await (const chunk of store.messages.recover(1)) {
          chunks.push(chunkText(chunk))
          const changes = { chunks: [bytes(1, 2, 'new'), bytes(1, 4, 'new')], dropped: [{ queueId: 1, firstSeq: 3 }] }
          if (chunk.firstSeq === 1) await store.messages.commit(lease, batch(changes))
        }
        expect(chunks).toEqual(['1:old1', '2:old2', '3:old3'])
        expect(await chunksOf(store, 1)).toEqual(['1:old1', '2:new', '4:new'])
      })

      it('breaks a recovery off when the store is closed meanwhile', async () => {
        const seqs = [1, 2, 3]
        await store.messages.commit(lease, batch({ chunks: seqs.map((seq) => bytes(1, seq, 'x')) }))
        const seen: number[] = []
        const recovery = async () => {
          for await (const { firstSeq } of store.messages.recover(1)) {
            seen.push(firstSeq)
            await store.close()
          }
        }
        expect(await kindOf(recovery())).toBe('failed')
        expect(seen).toEqual([1])
      })

      it('keeps the newest mark of a queue', async () => {
        expect(await store.messages.mark(3)).toBeNull()
        await store.messages.commit(lease, batch({ marks: [{ queueId: 3, nextSeq: 5, headSeq: 2 }] }))
        const largest = { queueId: LARGEST, nextSeq: LARGEST, headSeq: LARGEST - 1 }
        await store.messages.commit(lease, batch({ marks: [{ queueId: 3, nextSeq: 6, headSeq: 4 }, largest] }))
        await restart()
        expect(await store.messages.mark(3)).toEqual({ queueId: 3, nextSeq: 6, headSeq: 4 })
        expect(await store.messages.mark(LARGEST)).toEqual(largest)
        expect(await store.messages.mark(4)).toBeNull()
      })

      it('orders and tells apart numbers up to 2^53-1', async () => {
        const seqs = [0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40, LARGEST - 1, LARGEST]
        for (const queueId of [2 ** 32, LARGEST - 1, LARGEST]) {
          const chunks = seqs.toReversed().map((seq) => bytes(queueId, seq, `${queueId}`))
          await store.messages.commit(lease, batch({ chunks, settled: [bytes(queueId, LARGEST, 's')] }))
        }
        await restart()
        for (const queueId of [2 ** 32, LARGEST - 1, LARGEST]) {
          const expected = seqs.map((seq) => `${seq}:${queueId}${seq === LARGEST ? '/s' : ''}`)
          expect(await chunksOf(store, queueId)).toEqual(expected)
        }
        expect(await store.messages.queueIds()).toEqual([2 ** 32, LARGEST - 1, LARGEST])
        await store.messages.dropQueue(lease, LARGEST)
        await store.messages.dropQueue(lease, LARGEST - 1)
        expect(await store.messages.queueIds()).toEqual([2 ** 32])
      })

      it('lists the queues that have a chunk or a mark, each once and in order', async () => {
        expect(await store.messages.queueIds()).toEqual([])
        const chunks = [bytes(9, 1, 'x'), bytes(9, 2, 'x'), bytes(9, 3, 'x'), bytes(300, 1, 'x')]
        const marks = [2, 9, 70_000].map((queueId) => ({ queueId, nextSeq: 1, headSeq: 1 }))
        await store.messages.commit(lease, batch({ chunks, marks }))
        expect(await store.messages.queueIds()).toEqual([2, 9, 300, 70_000])
      })

      it('drops a queue whole, and only that queue', async () => {
        const ids = [1, 2, 3]
        const chunks = ids.flatMap((id) => [bytes(id, 1, 'x'), bytes(id, LARGEST, 'x')])
        const settled = ids.map((id) => bytes(id, 1, 's'))
        const marks = ids.map((queueId) => ({ queueId, nextSeq: 3, headSeq: 2 }))
        await store.messages.commit(lease, batch({ chunks, settled, marks }))
        await store.messages.dropQueue(lease, 2)
        await store.messages.dropQueue(lease, 77)
        await restart()
        expect(await chunksOf(store, 2)).toEqual([])
        expect(await store.messages.mark(2)).toBeNull()
        expect(await store.messages.queueIds()).toEqual([1, 3])
        for (const id of [1, 3]) expect(await chunksOf(store, id)).toEqual(['1:x/s', `${LARGEST}:x`])
        await store.messages.commit(lease, batch({ chunks: [bytes(2, 1, 'new')] }))
        expect(await chunksOf(store, 2)).toEqual(['1:new'])
      })

      it('drops what a commit in flight was just writing', async () => {
        const commit = store.messages.commit(lease, batch({ chunks: [bytes(1, 1, 'x'.repeat(1_000_000))] }))
        await Promise.all([commit, store.messages.dropQueue(lease, 1)])
        expect(await store.messages.queueIds()).toEqual([])
      })

      it('commits over many queues at once', async () => {
        const ids = Array.from({ length: 200 }, (_, index) => index + 1)
        await store.messages.commit(lease, batch({ chunks: ids.map((id) => bytes(id, id, `q${id}`)) }))
        await restart()
        expect(await store.messages.queueIds()).toEqual(ids)
        for (const id of ids) expect(await chunksOf(store, id)).toEqual([`${id}:q${id}`])
      })

      it('recovers a queue that is larger than what is read ahead, and stops when told to', async () => {
        const seqs = Array.from({ length: 40 }, (_, index) => index + 1)
        for (const seq of seqs) {
          const content = Buffer.alloc(100_000, seq)
          const chunk = { queueId: 1, firstSeq: seq, bytes: [content] }
          await store.messages.commit(
            lease,
            batch({ chunks: [chunk], settled: seq % 2 ? [] : [bytes(1, seq, `s${seq}`)] }),
          )
        }
        const seen: number[] = []
        for await (const { firstSeq, bytes, settled } of store.messages.recover(1)) {
          expect(bytes.length).toBe(100_000)
          expect(bytes.every((byte) => byte === firstSeq)).toBe(true)
          expect(settled?.toString() ?? null).toBe(firstSeq % 2 ? null : `s${firstSeq}`)
          seen.push(firstSeq)
        }
        expect(seen).toEqual(seqs)
        for await (const { firstSeq } of store.messages.recover(1)) if (firstSeq === 3) break
      })
    })
  })
}
