// The part of the store contract on opening, closing and fencing.

import { batch, bytes, chunksOf, kindOf, listen, put, putEphemeral, type Trial, transaction } from './trial.ts'

/** Adds the cases to the suite that is being described. */
export function leaseContract(at: Trial): void {
  describe('lease', () => {
    it('grows by one with every opening', async () => {
      const first = at.lease.epoch
      await at.restart()
      expect(at.lease.epoch).toBe(first + 1)
      await at.restart()
      expect(at.lease.epoch).toBe(first + 2)
    })

    it('fences every write under an older lease and writes nothing', async () => {
      const old = at.lease
      await at.store.messages.commit(at.lease, batch({ chunks: [bytes(1, 1, 'kept')] }))
      await at.restart()
      const told = listen(at.store)
      expect(await kindOf(at.store.meta.commit(old, transaction([put('a', '1')])))).toBe('fenced')
      expect(await kindOf(at.store.meta.commit(old, transaction([putEphemeral('a', '1')])))).toBe('fenced')
      expect(await kindOf(at.store.messages.commit(old, batch({ chunks: [bytes(1, 2, 'late')] })))).toBe('fenced')
      expect(await kindOf(at.store.messages.dropQueue(old, 1))).toBe('fenced')
      expect(told).toEqual([])
      expect(await at.entries()).toEqual([])
      expect(await chunksOf(at.store, 1)).toEqual(['1:kept'])
    })

    it('is not granted twice at a time', async () => {
      expect(await kindOf(at.store.open())).toBe('locked')
      await at.store.messages.commit(at.lease, batch({ marks: [{ queueId: 1, nextSeq: 2, headSeq: 1 }] }))
    })

    it('ends with close: every call afterwards is refused', async () => {
      await at.store.close()
      expect(await kindOf(at.store.meta.load())).toBe('failed')
      expect(await kindOf(at.store.meta.commit(at.lease, transaction([put('a', '1')])))).toBe('failed')
      expect(await kindOf(at.store.messages.commit(at.lease, batch({})))).toBe('failed')
      expect(await kindOf(at.store.messages.read({ queueId: 1, firstSeq: 1 }))).toBe('failed')
      expect(await kindOf(at.store.messages.mark(1))).toBe('failed')
      expect(await kindOf(at.store.messages.queueIds())).toBe('failed')
      expect(await kindOf(at.store.messages.dropQueue(at.lease, 1))).toBe('failed')
      expect(await kindOf(chunksOf(at.store, 1))).toBe('failed')
    })

    it('closes twice without complaint, and closes when it was never opened', async () => {
      await at.store.close()
      await at.store.close()
      await at.reopen().close()
    })

    it('lets what is in flight finish before close resolves', async () => {
      const settled: string[] = []
      const note = (what: string) => () => settled.push(what)
      void at.store.meta.commit(at.lease, transaction([put('a', '1')])).then(note('meta'))
      void at.store.messages.commit(at.lease, batch({ chunks: [bytes(1, 1, 'x')] })).then(note('messages'))
      await at.store.close()
      // The callbacks of promises that are settled by now have run when the loop turns.
      await new Promise(setImmediate)
      expect(settled.sort()).toEqual(['messages', 'meta'])
      await at.restart()
      expect(await at.entries()).toEqual(['a=1'])
      expect(await chunksOf(at.store, 1)).toEqual(['1:x'])
    })
  })
}
