// The classic queue and its store: what publishers hear and when, what is left of a deleted queue, and what comes back
// after a stop or a crash (behaviour.md §6.3, §7.6, §8.2, §15).

import { DamagedChunk } from '../../../src/broker/queue/page.ts'
import { type Kind, makeMessage } from './trial/messages.ts'
import { Scene } from './trial/scene.ts'

describe('a classic queue', () => {
  let scene: Scene

  beforeEach(async () => {
    scene = await Scene.begin()
  })

  afterEach(() => scene.store.close())

  describe('answers a publisher', () => {
    it('at once for what need not survive a restart', () => {
      const publisher = { settle: () => scene.told.push([0, 'stored']) }
      expect(scene.queue.publish(makeMessage(1, 'tiny', false), publisher, 1)).toBe('stored')
      scene.remake({ durable: false })
      expect(scene.publishConfirmed(2)).toBe('stored')
      expect(scene.told).toEqual([])
    })

    it('when a persistent message is on disk', async () => {
      const hold = scene.store.messages.holdNextCommit()
      expect(scene.publishConfirmed(1)).toBe('pending')
      await scene.clock.pass()
      await hold.reached
      expect(scene.told).toEqual([])
      hold.release()
      await scene.clock.settle()
      expect(scene.told).toEqual([[1, 'stored']])
    })

    it.each([
      ['failed', 'rejected'],
      ['unknown', 'unknown'],
    ] as const)('when the store has %s: %s, and keeps the message', async (kind, outcome) => {
      scene.store.messages.failNextCommit(kind, { applied: false })
      scene.publishConfirmed(1)
      await scene.clock.pass()
      expect(scene.told).toEqual([[1, outcome]])
      scene.clock.advance(1000)
      await scene.clock.pass()
      expect(scene.told).toHaveLength(1)
      expect(await scene.store.messages.queueIds()).toEqual([scene.queue.id])
      expect(scene.get()).toEqual([1, false])
    })

    it.each<Kind>(['tiny', 'large'])('as soon as a %s message is consumed, before it is on disk', async (kind) => {
      expect(scene.publishConfirmed(1, kind)).toBe('pending')
      scene.queue.ack(scene.take(1)[0] as number)
      expect(scene.told).toEqual([[1, 'stored']])
      await scene.clock.pass()
      expect(scene.told).toHaveLength(1)
    })

    it.each<Kind>(['tiny', 'large'])('at once when a %s message goes on to who does not ack', (kind) => {
      const full = scene.consume({ tag: 'full', prefetch: 1 })
      scene.consume({ tag: 'free', noAck: true })
      expect([scene.publishConfirmed(1), scene.publishConfirmed(2)]).toEqual(['pending', 'stored'])
      // It is the turn of the one that acks, which has no room.
      expect([full.unacked, full.parked]).toEqual([1, false])
      expect(scene.publishConfirmed(3, kind)).toBe('stored')
      expect(scene.given()).toEqual(['1 to full', '2 to free', '3 to free'])
    })
  })

  describe('that is deleted (§6.3, §6.4, §7.4)', () => {
    it('tells its consumers at the end of the turn, after delete-ok', () => {
      const [a, b] = [scene.consume({ tag: 'a' }), scene.consume({ tag: 'b' })]
      scene.queue.retire()
      expect([scene.queue.deleted, scene.mailbox.ended]).toEqual([true, []])
      scene.clock.endTurn()
      expect(scene.mailbox.ended).toEqual([a, b])
      expect(scene.queue.stats()).toEqual({ ready: 0, unacked: 0, consumers: 0 })
    })

    it('says of an auto-delete queue only once that it is unused', () => {
      scene.remake({ autoDelete: true })
      const consumer = scene.consume()
      scene.queue.retire()
      scene.queue.cancel(consumer)
      scene.clock.endTurn()
      expect(scene.unused).toEqual([])
    })

    it('tells those who wait that all is well, also while a commit is under way', async () => {
      const hold = scene.store.messages.holdNextCommit()
      scene.publishConfirmed(1)
      await scene.clock.pass()
      scene.publishConfirmed(2)
      scene.queue.retire()
      expect(scene.told).toEqual([
        [1, 'stored'],
        [2, 'stored'],
      ])
      hold.fail('unknown', { applied: true })
      await scene.clock.pass()
      scene.clock.advance(1000)
      await scene.clock.pass()
      expect(scene.told).toHaveLength(2)
      expect(await scene.store.messages.queueIds()).toEqual([])
    })

    it('takes publishes and settlements, which mean nothing', async () => {
      scene.publish(1, 2, 3)
      const [one, two, three] = scene.take(3) as [number, number, number]
      scene.queue.retire()
      scene.queue.ack(one)
      scene.queue.reject(two, true)
      scene.queue.reject(three, false)
      expect(scene.publishConfirmed(4)).toBe('stored')
      await scene.clock.pass()
      expect([scene.get(), scene.queue.stats()]).toEqual([null, { ready: 0, unacked: 0, consumers: 0 }])
    })

    it('leaves nothing in the store', async () => {
      scene.publishConfirmed(1)
      await scene.clock.pass()
      expect(await scene.store.messages.queueIds()).toEqual([scene.queue.id])
      scene.queue.retire()
      await scene.clock.pass()
      expect(await scene.store.messages.queueIds()).toEqual([])
    })
  })

  describe('that is recovered', () => {
    async function recovered(headSeq: number): Promise<void> {
      scene.remake()
      const log = scene.queue.log(scene.queue.id)
      for await (const chunk of scene.store.messages.recover(log.queueId)) log.recover(chunk)
      log.recovered(headSeq, (await scene.store.messages.mark(log.queueId))?.nextSeq ?? 1)
      scene.queue.begin()
      await scene.reads.endAll()
    }

    beforeEach(async () => {
      scene.publishConfirmed(1)
      scene.publish(2)
      scene.publishConfirmed(3)
      scene.publishConfirmed(4)
      scene.take(1)
      scene.queue.mark()
      await scene.clock.pass()
    })

    it('has its persistent messages, and knows after an orderly stop which had been delivered (§15)', async () => {
      const headSeq = (await scene.store.messages.mark(scene.queue.id))?.headSeq as number
      await recovered(headSeq)
      expect(scene.queue.stats()).toEqual({ ready: 3, unacked: 0, consumers: 0 })
      expect([scene.get(), scene.get(), scene.get(), scene.get()]).toEqual([[1, true], [3, false], [4, false], null])
    })

    it('takes all of them for delivered after a crash (§7.6), and new ones not', async () => {
      await recovered(Number.MAX_SAFE_INTEGER)
      scene.publish(5)
      expect([scene.get(), scene.get(), scene.get(), scene.get()]).toEqual([
        [1, true],
        [3, true],
        [4, true],
        [5, false],
      ])
    })

    /** Takes the queue's one chunk in, its summary damaged; `damage` is done to the chunk. */
    async function recoverUnsummarised(damage: (bytes: Buffer) => void): Promise<void> {
      const queueId = scene.remake().id
      for await (const { firstSeq, summary } of scene.store.messages.recover(queueId)) {
        summary[summary.length - 1] = (summary[summary.length - 1] as number) ^ 1
        expect(() => scene.queue.log(scene.queue.id).recover({ firstSeq, summary })).toThrow(DamagedChunk)
        const bytes = (await scene.store.messages.read({ queueId, firstSeq })) as Buffer
        damage(bytes)
        scene.queue.log(scene.queue.id).recoverUnsummarised(firstSeq, bytes)
      }
    }

    it('reads a chunk in full whose summary is damaged', async () => {
      await recoverUnsummarised(() => {})
      scene.queue.log(scene.queue.id).recovered(Number.MAX_SAFE_INTEGER, 5)
      scene.queue.begin()
      expect(scene.queue.stats()).toEqual({ ready: 3, unacked: 0, consumers: 0 })
      expect([scene.get(), scene.get(), scene.get(), scene.get()]).toEqual([[1, true], [3, true], [4, true], null])
      expect(scene.reads.begun).toBe(0)
    })

    it('refuses a chunk that is damaged itself besides, goes on without it, and leaves it in the store', async () => {
      const spoil = (bytes: Buffer) => bytes.fill(0xee, 20, 30)
      await expect(recoverUnsummarised(spoil)).rejects.toThrow(DamagedChunk)
      scene.queue.log(scene.queue.id).recovered(Number.MAX_SAFE_INTEGER, 5)
      scene.queue.begin()
      expect(scene.get()).toBeNull()
      expect(scene.publishConfirmed(6)).toBe('pending')
      expect(scene.gotten()?.seq).toBe(5)
      scene.queue.ack(5)
      await scene.clock.pass()
      expect(await scene.store.messages.read({ queueId: scene.queue.id, firstSeq: 1 })).not.toBeNull()
    })
  })
})
