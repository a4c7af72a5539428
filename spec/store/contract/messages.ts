// The part of the store contract on queues' logs.

import { batch, bytes, chunksOf, kindOf, LARGEST, type Trial } from './trial.ts'

/** Adds the cases to the suite that is being described. */
export function messagesContract(at: Trial): void {
  describe('messages', () => {
    it('recovers the chunks of a queue in order, with the summaries that belong to them', async () => {
      await at.store.messages.commit(
        at.lease,
        batch({
          chunks: [bytes(7, 300, 'third'), bytes(7, 1, 'first'), bytes(8, 1, 'other'), bytes(6, 1, 'before')],
        }),
      )
      await at.store.messages.commit(
        at.lease,
        batch({ chunks: [bytes(7, 20, 'second')], summaries: [bytes(7, 300, 'x')] }),
      )
      await at.store.messages.commit(at.lease, batch({ summaries: [bytes(8, 1, 'y'), bytes(7, 300, 'z')] }))
      await at.restart()
      expect(await chunksOf(at.store, 7)).toEqual(['1:first', '20:second', '300:third/z'])
      expect(await chunksOf(at.store, 8)).toEqual(['1:other/y'])
      expect(await chunksOf(at.store, 9)).toEqual([])
    })

    it('replaces a chunk that is written again', async () => {
      await at.store.messages.commit(at.lease, batch({ chunks: [bytes(1, 1, 'one')] }))
      await at.store.messages.commit(at.lease, batch({ chunks: [bytes(1, 1, 'one+two')] }))
      expect(await chunksOf(at.store, 1)).toEqual(['1:one+two'])
      await at.restart()
      expect(await chunksOf(at.store, 1)).toEqual(['1:one+two'])
    })

    it('replaces a summary, with its chunk or alone', async () => {
      const one = bytes(1, 1, 'one')
      await at.store.messages.commit(at.lease, batch({ chunks: [one], summaries: [bytes(1, 1, 'a')] }))
      await at.store.messages.commit(at.lease, batch({ summaries: [bytes(1, 1, 'ab')] }))
      expect(await chunksOf(at.store, 1)).toEqual(['1:one/ab'])
      await at.store.messages.commit(at.lease, batch({ chunks: [bytes(1, 1, 'two')], summaries: [bytes(1, 1, 'c')] }))
      await at.restart()
      expect(await chunksOf(at.store, 1)).toEqual(['1:two/c'])
    })

    it('drops chunks with their summaries', async () => {
      const chunks = [bytes(1, 1, 'one'), bytes(1, 2, 'two')]
      await at.store.messages.commit(at.lease, batch({ chunks, summaries: [bytes(1, 1, 's'), bytes(1, 2, 's')] }))
      await at.store.messages.commit(at.lease, batch({ dropped: [{ queueId: 1, firstSeq: 1 }] }))
      await at.store.messages.commit(at.lease, batch({ dropped: [{ queueId: 5, firstSeq: 5 }] }))
      await at.store.messages.commit(at.lease, batch({ chunks: [bytes(1, 1, 'again')] }))
      await at.restart()
      expect(await chunksOf(at.store, 1)).toEqual(['1:again', '2:two/s'])
    })

    it('forgets a chunk that one batch both writes and drops', async () => {
      const key = { queueId: 1, firstSeq: 1 }
      await at.store.messages.commit(
        at.lease,
        batch({ chunks: [bytes(1, 1, 'x')], summaries: [bytes(1, 1, 's')], dropped: [key] }),
      )
      expect(await at.store.messages.read(key)).toBeNull()
      expect(await at.store.messages.queueIds()).toEqual([])
    })

    it('reads a chunk back by its key', async () => {
      await at.store.messages.commit(at.lease, batch({ chunks: [bytes(1, 4, 'abcd'), bytes(1, 5)] }))
      expect(await at.store.messages.read({ queueId: 1, firstSeq: 4 })).toEqual(Buffer.from('abcd'))
      expect(await at.store.messages.read({ queueId: 1, firstSeq: 5 })).toEqual(Buffer.alloc(0))
      expect(await at.store.messages.read({ queueId: 1, firstSeq: 6 })).toBeNull()
      expect(await at.store.messages.read({ queueId: 2, firstSeq: 4 })).toBeNull()
    })

    it('takes the bytes as they are when commit is called, and gives out bytes of the caller’s own', async () => {
      const whole = Buffer.from('..oneone..')
      const chunk = whole.subarray(2, 5)
      const summary = Buffer.from('s')
      const commit = at.store.messages.commit(at.lease, {
        ...batch({ summaries: [{ queueId: 1, firstSeq: 1, bytes: summary }, bytes(1, 2)] }),
        chunks: [
          { queueId: 1, firstSeq: 1, bytes: chunk },
          { queueId: 1, firstSeq: 2, bytes: whole.subarray(2, 8) },
        ],
      })
      whole.fill(0x21)
      summary.fill(0x21)
      await commit
      expect(await chunksOf(at.store, 1)).toEqual(['1:one/s', '2:oneone'])
      const read = await at.store.messages.read({ queueId: 1, firstSeq: 1 })
      read?.fill(0x21)
      for await (const { summary } of at.store.messages.recover(1)) summary.fill(0x21)
      expect(await chunksOf(at.store, 1)).toEqual(['1:one/s', '2:oneone'])
    })

    it('recovers a queue as it was when the first chunk was asked for', async () => {
      const seqs = [1, 2, 3]
      const all = (text: string, ...of: number[]) => ({
        chunks: of.map((seq) => bytes(1, seq, text)),
        summaries: of.map((seq) => bytes(1, seq, `${text}${seq}`)),
      })
      await at.store.messages.commit(at.lease, batch(all('old', ...seqs)))
      const found: string[] = []
      for await (const { firstSeq, summary } of at.store.messages.recover(1)) {
        found.push(`${firstSeq}/${summary}`)
        const changes = { ...all('new', 2, 4), dropped: [{ queueId: 1, firstSeq: 3 }] }
        if (firstSeq === 1) await at.store.messages.commit(at.lease, batch(changes))
      }
      expect(found).toEqual(['1/old1', '2/old2', '3/old3'])
      expect(await chunksOf(at.store, 1)).toEqual(['1:old/old1', '2:new/new2', '4:new/new4'])
    })

    it('breaks a recovery off when the store is closed meanwhile', async () => {
      const seqs = [1, 2, 3]
      await at.store.messages.commit(at.lease, batch({ chunks: seqs.map((seq) => bytes(1, seq, 'x')) }))
      const seen: number[] = []
      const recovery = async () => {
        for await (const { firstSeq } of at.store.messages.recover(1)) {
          seen.push(firstSeq)
          await at.store.close()
        }
      }
      expect(await kindOf(recovery())).toBe('failed')
      expect(seen).toEqual([1])
    })

    it('keeps the newest mark of a queue', async () => {
      expect(await at.store.messages.mark(3)).toBeNull()
      await at.store.messages.commit(at.lease, batch({ marks: [{ queueId: 3, nextSeq: 5, headSeq: 2 }] }))
      const largest = { queueId: LARGEST, nextSeq: LARGEST, headSeq: LARGEST - 1 }
      await at.store.messages.commit(at.lease, batch({ marks: [{ queueId: 3, nextSeq: 6, headSeq: 4 }, largest] }))
      await at.restart()
      expect(await at.store.messages.mark(3)).toEqual({ queueId: 3, nextSeq: 6, headSeq: 4 })
      expect(await at.store.messages.mark(LARGEST)).toEqual(largest)
      expect(await at.store.messages.mark(4)).toBeNull()
    })

    it('orders and tells apart numbers up to 2^53-1', async () => {
      const seqs = [0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40, LARGEST - 1, LARGEST]
      for (const queueId of [2 ** 32, LARGEST - 1, LARGEST]) {
        const chunks = seqs.toReversed().map((seq) => bytes(queueId, seq, `${queueId}`))
        await at.store.messages.commit(at.lease, batch({ chunks, summaries: [bytes(queueId, LARGEST, 's')] }))
      }
      await at.restart()
      for (const queueId of [2 ** 32, LARGEST - 1, LARGEST]) {
        const expected = seqs.map((seq) => `${seq}:${queueId}${seq === LARGEST ? '/s' : ''}`)
        expect(await chunksOf(at.store, queueId)).toEqual(expected)
      }
      expect(await at.store.messages.queueIds()).toEqual([2 ** 32, LARGEST - 1, LARGEST])
      await at.store.messages.dropQueue(at.lease, LARGEST)
      await at.store.messages.dropQueue(at.lease, LARGEST - 1)
      expect(await at.store.messages.queueIds()).toEqual([2 ** 32])
    })

    it('lists the queues that have a chunk or a mark, each once and in order', async () => {
      expect(await at.store.messages.queueIds()).toEqual([])
      const chunks = [bytes(9, 1, 'x'), bytes(9, 2, 'x'), bytes(9, 3, 'x'), bytes(300, 1, 'x')]
      const marks = [2, 9, 70_000].map((queueId) => ({ queueId, nextSeq: 1, headSeq: 1 }))
      await at.store.messages.commit(at.lease, batch({ chunks, marks }))
      expect(await at.store.messages.queueIds()).toEqual([2, 9, 300, 70_000])
    })

    it('drops a queue whole, and only that queue', async () => {
      const ids = [1, 2, 3]
      const chunks = ids.flatMap((id) => [bytes(id, 1, 'x'), bytes(id, LARGEST, 'x')])
      const summaries = ids.map((id) => bytes(id, 1, 's'))
      const marks = ids.map((queueId) => ({ queueId, nextSeq: 3, headSeq: 2 }))
      await at.store.messages.commit(at.lease, batch({ chunks, summaries, marks }))
      await at.store.messages.dropQueue(at.lease, 2)
      await at.store.messages.dropQueue(at.lease, 77)
      await at.restart()
      expect(await chunksOf(at.store, 2)).toEqual([])
      expect(await at.store.messages.mark(2)).toBeNull()
      expect(await at.store.messages.queueIds()).toEqual([1, 3])
      for (const id of [1, 3]) expect(await chunksOf(at.store, id)).toEqual(['1:x/s', `${LARGEST}:x`])
      await at.store.messages.commit(at.lease, batch({ chunks: [bytes(2, 1, 'new')] }))
      expect(await chunksOf(at.store, 2)).toEqual(['1:new'])
    })

    it('drops what a commit in flight was just writing', async () => {
      const commit = at.store.messages.commit(at.lease, batch({ chunks: [bytes(1, 1, 'x'.repeat(1_000_000))] }))
      await Promise.all([commit, at.store.messages.dropQueue(at.lease, 1)])
      expect(await at.store.messages.queueIds()).toEqual([])
    })

    it('commits over many queues at once', async () => {
      const ids = Array.from({ length: 200 }, (_, index) => index + 1)
      await at.store.messages.commit(at.lease, batch({ chunks: ids.map((id) => bytes(id, id, `q${id}`)) }))
      await at.restart()
      expect(await at.store.messages.queueIds()).toEqual(ids)
      for (const id of ids) expect(await chunksOf(at.store, id)).toEqual([`${id}:q${id}`])
    })

    it('recovers a queue with summaries larger than what is read ahead, and stops when told to', async () => {
      const seqs = Array.from({ length: 40 }, (_, index) => index + 1)
      for (const seq of seqs) {
        const [chunk, summary] = [seq, seq + 100].map((octet) => Buffer.alloc(100_000, octet)) as [Buffer, Buffer]
        const key = { queueId: 1, firstSeq: seq }
        await at.store.messages.commit(
          at.lease,
          batch({ chunks: [{ ...key, bytes: chunk }], summaries: [{ ...key, bytes: summary }] }),
        )
      }
      const seen: number[] = []
      for await (const { firstSeq, summary } of at.store.messages.recover(1)) {
        expect(summary.equals(Buffer.alloc(100_000, firstSeq + 100))).toBe(true)
        seen.push(firstSeq)
      }
      expect(seen).toEqual(seqs)
      expect((await at.store.messages.read({ queueId: 1, firstSeq: 40 }))?.equals(Buffer.alloc(100_000, 40))).toBe(true)
      for await (const { firstSeq } of at.store.messages.recover(1)) if (firstSeq === 3) break
    })
  })
}
