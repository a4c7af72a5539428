// The part of the store contract on declared things.

import type { MetaTransaction } from '../../../src/broker/store.ts'
import { del, kindOf, listen, put, putEphemeral, type Trial, textOf, transaction } from './trial.ts'

/** Adds the cases to the suite that is being described. */
export function metaContract(at: Trial): void {
  describe('meta', () => {
    it('keeps durable entries over a restart and forgets ephemeral ones', async () => {
      await at.store.meta.commit(at.lease, transaction([put('b', '2'), put('a', '1'), putEphemeral('e', '9')]))
      await at.store.meta.commit(at.lease, transaction([put('c', '3')]))
      await at.store.meta.commit(at.lease, transaction([del('b')]))
      await at.restart()
      expect(await at.entries()).toEqual(['a=1', 'c=3'])
    })

    it('loads in the order of the keys, whatever characters they are made of', async () => {
      const keys = ['z', 'a', 'a/b', 'é', '\u{10348}', '\uffee', '', 'a\u0000b', 'Z']
      await at.store.meta.commit(at.lease, transaction(keys.map((key) => put(key, `"${key}"`))))
      await at.restart()
      const loaded = await at.store.meta.load()
      const ordered = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(loaded.map(({ key }) => key)).toEqual(ordered)
      expect(loaded.map(({ value }) => value)).toEqual(ordered.map((key) => `"${key}"`))
    })

    it('forgets its watchers when it is closed', async () => {
      const told = listen(at.store)
      await at.restart()
      await at.store.meta.commit(at.lease, transaction([put('a', '1')]))
      expect(told).toEqual([])
    })

    it('hands what was declared over once', async () => {
      await at.store.meta.load()
      expect(await kindOf(at.store.meta.load())).toBe('failed')
    })

    it('tells the watchers of every commit, in commit order, before its promise resolves', async () => {
      const told = listen(at.store)
      const other = listen(at.store)
      const lengths: number[] = []
      const commits = ['1', '2', '3'].map((value) =>
        at.store.meta.commit(at.lease, transaction([put('a', value), del('b')])).then((kept) => {
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
      const watch = () => at.store.meta.watch((changes) => revs.push(...changes.map(({ rev }) => rev)))
      watch()
      await at.store.meta.commit(at.lease, transaction([put('a', '1')]))
      await at.store.meta.commit(at.lease, transaction([del('a')]))
      await at.restart()
      watch()
      await at.store.meta.commit(at.lease, transaction([put('a', '2')]))
      expect(revs).toHaveLength(3)
      expect(revs[0]).toBeGreaterThan(0)
      expect(revs[1]).toBeGreaterThan(revs[0] as number)
      expect(revs[2]).toBeGreaterThan(revs[1] as number)
      await at.restart()
      expect(await at.revsByKey()).toEqual(new Map([['a', revs[2]]]))
    })

    it('commits when every expected revision is met', async () => {
      await at.store.meta.commit(at.lease, transaction([put('a', '1')]))
      await at.restart()
      const rev = (await at.revsByKey()).get('a') as number
      const told = listen(at.store)
      const met: MetaTransaction['expect'] = [
        ['a', rev],
        ['b', 0],
      ]
      expect(await at.store.meta.commit(at.lease, transaction([put('b', '1')], met))).toBe(true)
      expect(await at.store.meta.commit(at.lease, transaction([put('c', '1')], met))).toBe(false)
      expect(await at.store.meta.commit(at.lease, transaction([put('c', '1')], [['a', rev + 1]]))).toBe(false)
      expect(await at.store.meta.commit(at.lease, transaction([put('c', '1')], [['missing', 1]]))).toBe(false)
      expect(told).toEqual(['b=1'])
      await at.restart()
      expect(await at.entries()).toEqual(['a=1', 'b=1'])
    })

    it('checks expectations against commits that are not durable yet', async () => {
      const told = listen(at.store)
      const first = at.store.meta.commit(at.lease, transaction([put('a', '1')], [['a', 0]]))
      const second = at.store.meta
        .commit(at.lease, transaction([put('a', '2')], [['a', 0]]))
        .then((kept) => [kept, ...told])
      expect(await first).toBe(true)
      expect(await second).toEqual([false, 'a=1'])
      await at.restart()
      expect(await at.entries()).toEqual(['a=1'])
    })

    it('tells of an ephemeral transaction before commit returns, though a durable one is on its way', async () => {
      const told = listen(at.store)
      const durable = at.store.meta.commit(at.lease, transaction([put('a', '1')]))
      const ephemeral = at.store.meta.commit(at.lease, transaction([putEphemeral('b', '1')], [['b', 0]]))
      expect(told).toEqual(['b=1'])
      const gone = at.store.meta.commit(at.lease, transaction([del('b', true)]))
      expect(told).toEqual(['b=1', 'b gone'])
      expect(await Promise.all([durable, ephemeral, gone])).toEqual([true, true, true])
      expect(told).toEqual(['b=1', 'b gone', 'a=1'])
    })

    it('tells of an ephemeral change after the pending durable one of the same key', async () => {
      const told = listen(at.store)
      const durable = at.store.meta.commit(at.lease, transaction([put('a', '1')]))
      const ephemeral = at.store.meta.commit(at.lease, transaction([putEphemeral('a', '2')]))
      expect(await Promise.all([durable, ephemeral])).toEqual([true, true])
      expect(told).toEqual(['a=1', 'a=2'])
      await at.restart()
      expect(await at.entries()).toEqual([])
    })

    it('tells of a transaction that mixes both once all of it is durable', async () => {
      const told = listen(at.store)
      const mixed = at.store.meta.commit(at.lease, transaction([putEphemeral('e', '1'), put('a', '1')]))
      expect(told).toEqual([])
      expect(await mixed).toBe(true)
      expect(told).toEqual(['e=1 a=1'])
      await at.restart()
      expect(await at.entries()).toEqual(['a=1'])
    })

    it('deletes a durable entry for good, though the deletion says it is ephemeral', async () => {
      await at.store.meta.commit(at.lease, transaction([put('a', '1')]))
      await at.store.meta.commit(at.lease, transaction([del('a', true)]))
      await at.restart()
      expect(await at.entries()).toEqual([])
    })

    it('lets a listener commit, and tells of that after what it is telling', async () => {
      const told: string[] = []
      let cascade: Promise<boolean> | undefined
      at.store.meta.watch((changes) => {
        if (changes[0]?.key === 'a') cascade = at.store.meta.commit(at.lease, transaction([putEphemeral('b', '1')]))
      })
      at.store.meta.watch((changes) => told.push(changes.map(textOf).join(' ')))
      await at.store.meta.commit(at.lease, transaction([put('a', '1')]))
      expect(await cascade).toBe(true)
      expect(told).toEqual(['a=1', 'b=1'])
    })

    it('calls a commit unknown when a watcher throws, and goes on', async () => {
      let broken = true
      at.store.meta.watch(() => {
        if (broken) throw new Error('a mistake in a watcher')
      })
      expect(await kindOf(at.store.meta.commit(at.lease, transaction([put('a', '1')])))).toBe('unknown')
      broken = false
      expect(await at.store.meta.commit(at.lease, transaction([put('b', '1')]))).toBe(true)
    })
  })
}
